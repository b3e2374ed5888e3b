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
		{Name: "class", Type: analytics.WordColumn, Title: "Class", Doc: "unseen (many complaints, inspections pass), unheard (inspections fail, hardly any complaint), both_bad, uninspected (many complaints, no inspection) or none."},
		count("complaints", "Complaints", "In the row and those around it."),
		number("complaints_z", "", "Complaints, z", "Gi* of the complaints."),
		count("inspections", "Inspections", "In the row and those around it that passed or failed."),
		count("failed", "Failed", "Of those."),
		number("failed_share", "share", "Share failed", ""),
		number("failed_low", "share", "Share failed, lower bound", "Wilson, at 95 %, for as many inspections as they are worth."),
		number("failed_high", "share", "Share failed, upper bound", ""),
		number("inspections_z", "", "Failures, z", "Over the share of all inspections, by their scatter."),
		number("mismatch", "", "Mismatch", "How far the two z are apart; above 0 where more is complained of than seen."),
		number("p", "", "p", "That complaints and inspections do not disagree: the larger p of the two findings it takes, for either way."),
		number("q", "", "q", "The smallest false discovery rate at which they do."),
		{Name: "reason", Type: analytics.WordColumn, Title: "Why there is no value", Doc: "no_inspections, mostly_outside, missing, zero_variance, no_neighbours, degenerate_neighbourhood or too_few_cells."},
	}
}

// describe fills in the columns.
func (e *evidence) describe(layer *analytics.Layer) error {
	n := e.frame.Len()
	p, tested := make([]float64, n), make([]bool, n)
	more, worse := make([]float64, n), make([]float64, n) // p of many complaints, of many failures
	heard := make([]bool, n)
	for row := range n {
		if heard[row] = e.heard(row); heard[row] {
			more[row] = e.public.Greater[row]
		}
		if tested[row] = e.known(row); !tested[row] {
			continue
		}
		worse[row] = stats.NormalP(e.z[row], stats.Greater)
		unseen := max(e.public.Greater[row], stats.NormalP(e.z[row], stats.Less))
		unheard := max(e.public.Less[row], worse[row])
		p[row] = min(1, 2*min(unseen, unheard))
	}
	q, err := stats.BenjaminiHochberg(p, tested)
	if err != nil {
		return fmt.Errorf("false discovery rate: %w", err)
	}
	many, err := stats.BenjaminiHochberg(more, heard)
	if err != nil {
		return fmt.Errorf("false discovery rate of complaints: %w", err)
	}
	fail, err := stats.BenjaminiHochberg(worse, tested)
	if err != nil {
		return fmt.Errorf("false discovery rate of failures: %w", err)
	}
	class, classed := make([]string, n), make([]bool, n)
	for row := range n {
		class[row] = e.class(row, q[row], many[row], fail[row])
		classed[row] = class[row] != ""
	}
	layer.Set("class", analytics.Column{Words: class, Valid: classed})
	layer.Set("p", analytics.Column{Floats: p, Valid: tested})
	layer.Set("q", analytics.Column{Floats: q, Valid: tested})
	e.setEvidence(layer, heard, tested)
	return nil
}

// class names what both sides say of a row, "" where that cannot be told: q of
// their disagreement, of many complaints and of many failures.
func (e *evidence) class(row int, q, many, fail float64) string {
	switch {
	case !e.heard(row):
		return ""
	case !e.known(row) && many <= e.rate:
		return Uninspected
	case !e.known(row):
		return ""
	case q <= e.rate && e.mismatch(row) > 0:
		return Unseen
	case q <= e.rate:
		return Unheard
	case many <= e.rate && fail <= e.rate:
		return BothBad
	}
	return None
}

func (e *evidence) mismatch(row int) float64 { return (e.local.Z[row] - e.z[row]) / math.Sqrt2 }

// setEvidence fills in what the classes rest on.
func (e *evidence) setEvidence(layer *analytics.Layer, heard, tested []bool) {
	n := e.frame.Len()
	complaints, inspections, failed := make([]int64, n), make([]int64, n), make([]int64, n)
	share, low, high, mismatch := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	reason, hasReason, visited := make([]string, n), make([]bool, n), make([]bool, n)
	for row := range n {
		complaints[row] = e.complaints[row]
		neighbours, _ := e.weights.Row(row)
		for _, j := range neighbours {
			complaints[row] += e.complaints[j]
		}
		inspections[row], failed[row] = int64(e.visits[row]), int64(e.fails[row])
		if visited[row] = e.visits[row] > 0; visited[row] {
			share[row] = e.fails[row] / e.visits[row]
			worth := max(1, int64(math.Round(e.visits[row]/e.scatter)))
			if iv, ok := stats.WilsonMean(share[row], worth, 0.95); ok {
				low[row], high[row] = iv.Low, iv.High
			}
		}
		if tested[row] {
			mismatch[row] = e.mismatch(row)
		}
		reason[row] = e.reason(row)
		hasReason[row] = reason[row] != ""
	}
	layer.Set("complaints", analytics.Column{Ints: complaints})
	layer.Set("complaints_z", analytics.Column{Floats: e.local.Z, Valid: heard})
	layer.Set("inspections", analytics.Column{Ints: inspections})
	layer.Set("failed", analytics.Column{Ints: failed})
	layer.Set("failed_share", analytics.Column{Floats: share, Valid: visited})
	layer.Set("failed_low", analytics.Column{Floats: low, Valid: visited})
	layer.Set("failed_high", analytics.Column{Floats: high, Valid: visited})
	layer.Set("inspections_z", analytics.Column{Floats: e.z, Valid: tested})
	layer.Set("mismatch", analytics.Column{Floats: mismatch, Valid: tested})
	layer.Set("reason", analytics.Column{Words: reason, Valid: hasReason})
}

// reason says why the two cannot be compared in a row.
func (e *evidence) reason(row int) string {
	switch {
	case e.frame.Inside != nil && e.frame.Inside[row] < 0.5:
		return "mostly_outside"
	case !e.public.Valid[row]:
		return e.public.Reason[row].String()
	case !e.local.Valid[row]:
		return e.local.Reason[row].String()
	case !e.known(row):
		return "no_inspections"
	}
	return ""
}
