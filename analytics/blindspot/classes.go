package blindspot

import (
	"fmt"
	"math"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// The values of column class.
const (
	Unseen      = "unseen"      // many complaints, inspections pass
	Unheard     = "unheard"     // inspections fail, hardly any complaint
	BothBad     = "both_bad"    // many complaints, inspections fail
	BothGood    = "both_good"   // hardly any complaint, inspections pass
	Uninspected = "uninspected" // many complaints, no inspection
	None        = "none"        // nothing that chance does not explain
)

func resultIn(r analytics.Request, param string) data.Condition {
	return data.In{Column: "result", Words: strings.Split(r.Params.Text(param), "|")}
}

func columns() []analytics.Column {
	count := func(name, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.IntColumn, Unit: "count", Title: title, Doc: doc}
	}
	number := func(name, unit, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Unit: unit, Title: title, Doc: doc}
	}
	return []analytics.Column{
		{Name: "class", Type: analytics.WordColumn, Title: "Class", Doc: "unseen (many complaints, inspections pass), unheard (inspections fail, hardly any complaint), both_bad, both_good, uninspected (many complaints, no inspection) or none."},
		count("complaints", "Complaints", "In the row by itself."),
		count("inspections", "Inspections", "In the row by itself, that passed or failed."),
		count("failed", "Failed", "Of those."),
		count("complaints_nearby", "Complaints, with neighbours", "In the row and those around it, by which it is judged."),
		number("complaints_nearby_expected", "count", "Expected, with neighbours", "If those of all rows were spread evenly over the area inside the boundary, or over the inhabitants."),
		number("complaints_ratio", "", "Complaints to those expected, with neighbours", "Empirical Bayes estimate: drawn towards 1 where few are expected."),
		number("complaints_z", "", "Complaints, z", "Gi* of the complaints, or of the standardised rates by inhabitants."),
		count("inspections_nearby", "Inspections, with neighbours", "In the row and those around it, that passed or failed."),
		count("failed_nearby", "Failed, with neighbours", "Of those."),
		number("failed_nearby_expected", "count", "Failures expected, with neighbours", "At the share of all inspections."),
		number("failed_share", "share", "Share failed, with neighbours", "failed_nearby / inspections_nearby; missing without any."),
		number("failed_low", "share", "Share failed, lower bound", "Wilson, at 95 %, for as many inspections as they are worth."),
		number("failed_high", "share", "Share failed, upper bound", ""),
		number("failed_shrunk", "share", "Share failed, shrunken", "Empirical Bayes estimate: drawn towards the share of all where few were inspected."),
		number("inspections_z", "", "Failures, z", "Over the share of all inspections, for as many as they are worth."),
		number("mismatch", "", "Mismatch", "How far the two z are apart; above 0 where more is complained of than seen."),
		number("p", "", "p", "That complaints and inspections do not disagree: the larger p of the two findings it takes, for either way."),
		number("q", "", "q", "The smallest false discovery rate at which they do."),
		{Name: "reason", Type: analytics.WordColumn, Title: "Why there is no value", Doc: "no_inspections, all_alike (all inspections passed or all failed), mostly_outside, missing, no_population, zero_exposure, events_without_exposure, zero_variance, no_neighbours, degenerate_neighbourhood or too_few_cells."},
	}
}

// describe fills in the columns.
func (e *evidence) describe(layer *analytics.Layer) error {
	n := e.frame.Len()
	tested := make([]bool, n)
	p, agree := make([]float64, n), make([]float64, n)
	for row := range n {
		if tested[row] = e.known(row); !tested[row] {
			continue
		}
		many, few := e.complaints.many[row], e.complaints.few[row]
		worse, better := e.inspections.worse[row], e.inspections.better[row]
		p[row] = min(1, 2*min(max(many, better), max(few, worse)))
		agree[row] = min(1, 2*min(max(many, worse), max(few, better)))
	}
	q, err := stats.BenjaminiHochberg(p, tested)
	if err != nil {
		return fmt.Errorf("false discovery rate: %w", err)
	}
	agreed, err := stats.BenjaminiHochberg(agree, tested)
	if err != nil {
		return fmt.Errorf("false discovery rate of agreement: %w", err)
	}
	many, err := stats.BenjaminiHochberg(e.complaints.many, e.complaints.tested)
	if err != nil {
		return fmt.Errorf("false discovery rate of complaints: %w", err)
	}
	class, classed, mismatch := make([]string, n), make([]bool, n), make([]float64, n)
	for row := range n {
		if tested[row] {
			mismatch[row] = (e.complaints.z[row] - e.inspections.z[row]) / math.Sqrt2
		}
		class[row] = e.class(row, q[row], agreed[row], many[row])
		classed[row] = class[row] != ""
	}
	layer.Set("class", analytics.Column{Words: class, Valid: classed})
	layer.Set("mismatch", analytics.Column{Floats: mismatch, Valid: tested})
	layer.Set("p", analytics.Column{Floats: p, Valid: tested})
	layer.Set("q", analytics.Column{Floats: q, Valid: tested})
	e.setComplaints(layer)
	e.setInspections(layer)
	e.setReasons(layer)
	return nil
}

// class names what both sides say of a row, "" where that cannot be told, given the
// q of their disagreement, of their agreement and of many complaints.
func (e *evidence) class(row int, q, agreed, many float64) string {
	complained := e.complaints.many[row] < e.complaints.few[row]
	switch {
	case !e.complaints.tested[row]:
		return ""
	case e.inspections.visits[row] == 0 && many <= e.rate:
		return Uninspected
	case !e.inspections.tested[row]:
		return ""
	case q <= e.rate && complained:
		return Unseen
	case q <= e.rate:
		return Unheard
	case agreed <= e.rate && complained:
		return BothBad
	case agreed <= e.rate:
		return BothGood
	}
	return None
}

func (e *evidence) setComplaints(layer *analytics.Layer) {
	c := &e.complaints
	layer.Set("complaints", analytics.Column{Ints: c.own})
	layer.Set("complaints_nearby", analytics.Column{Ints: c.observed})
	layer.Set("complaints_nearby_expected", analytics.Column{Floats: c.expected, Valid: c.hasExpected})
	layer.Set("complaints_ratio", analytics.Column{Floats: c.ratio, Valid: c.hasRatio})
	layer.Set("complaints_z", analytics.Column{Floats: c.z, Valid: c.tested})
}

func (e *evidence) setInspections(layer *analytics.Layer) {
	i, n := &e.inspections, e.frame.Len()
	share, expected, visited := make([]float64, n), make([]float64, n), make([]bool, n)
	for row, visits := range i.visits {
		expected[row] = float64(visits) * i.share
		if visited[row] = visits > 0; visited[row] {
			share[row] = float64(i.failed[row]) / float64(visits)
		}
	}
	layer.Set("inspections", analytics.Column{Ints: i.ownVisits})
	layer.Set("failed", analytics.Column{Ints: i.ownFailed})
	layer.Set("inspections_nearby", analytics.Column{Ints: i.visits})
	layer.Set("failed_nearby", analytics.Column{Ints: i.failed})
	layer.Set("failed_nearby_expected", analytics.Column{Floats: expected, Valid: visited})
	layer.Set("failed_share", analytics.Column{Floats: share, Valid: visited})
	layer.Set("failed_low", analytics.Column{Floats: i.low, Valid: visited})
	layer.Set("failed_high", analytics.Column{Floats: i.high, Valid: visited})
	layer.Set("failed_shrunk", analytics.Column{Floats: i.shrunk, Valid: visited})
	layer.Set("inspections_z", analytics.Column{Floats: i.z, Valid: i.tested})
}

// setReasons says why the two cannot be compared.
func (e *evidence) setReasons(layer *analytics.Layer) {
	reason, has := make([]string, e.frame.Len()), make([]bool, e.frame.Len())
	for row := range reason {
		switch {
		case !e.complaints.tested[row]:
			reason[row] = e.complaints.reason[row]
		case e.inspections.visits[row] == 0:
			reason[row] = "no_inspections"
		case !e.inspections.tested[row]:
			reason[row] = "all_alike"
		}
		has[row] = reason[row] != ""
	}
	layer.Set("reason", analytics.Column{Words: reason, Valid: has})
}
