package lisa

import (
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
)

// The values of column class.
const (
	HighHigh       = "high_high"
	LowLow         = "low_low"
	HighLow        = "high_low"
	LowHigh        = "low_high"
	NotSignificant = "ns"
)

func columns() []analytics.Column {
	number := func(name, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Title: title, Doc: doc}
	}
	word := func(name, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.WordColumn, Title: title, Doc: doc}
	}
	return []analytics.Column{
		word("class", "Class", "high_high, low_low, high_low, low_high, or ns where chance explains it, by q."),
		{Name: "observed", Type: analytics.IntColumn, Unit: "count", Title: "Reports", Doc: "Reports in the row."},
		number("value", "Compared", "What is compared: reports, reports per km² of communities, or the standardised rate."),
		word("quadrant", "Quadrant", "The class whatever its q."),
		number("lag", "Compared, of the neighbours", "Mean of what is compared over the neighbours that have it."),
		number("moran_i", "Local Moran's I", "Above 0 where the row is like its neighbours, below 0 where it is not."),
		number("moran_z", "Local Moran, z", "Standard deviate by conditional randomisation."),
		number("geary_c", "Local Geary's c", "How far the row is from its neighbours."),
		number("geary_z", "Local Geary, z", "Below 0 where the row is nearer to them than chance has it."),
		number("p", "p", "Two-sided conditional permutation probability of local Moran."),
		number("q", "q", "The smallest false discovery rate at which the row is shown."),
		{Name: "neighbours", Type: analytics.IntColumn, Unit: "count", Title: "Neighbours", Doc: "Neighbouring rows in the study area."},
		word("reason", "Why there is no value", "zero_variance, no_neighbours, degenerate_neighbourhood, too_few_cells, mostly_outside, missing, no_population, zero_exposure or events_without_exposure."),
	}
}

func rank() analytics.Rank {
	return analytics.Rank{Column: "moran_z", Descending: true, Show: []string{"class", "observed", "quadrant", "moran_i", "moran_z", "q"}}
}

func legend() analytics.Legend {
	return analytics.Legend{Column: "class", Title: "Clusters and outliers", Classes: []analytics.Class{
		{Key: HighHigh, Label: "Many among many", Color: "#ca0020"},
		{Key: HighLow, Label: "Many among few", Color: "#f4a582"},
		{Key: LowHigh, Label: "Few among many", Color: "#92c5de"},
		{Key: LowLow, Label: "Few among few", Color: "#0571b0"},
		{Key: NotSignificant, Label: "Not significant", Color: "#f7f7f2"},
		{Key: analytics.NoData, Label: "Cannot be told", Color: "#d9d9d9"},
	}}
}

func nameOf(q stats.Quadrant) string {
	return [...]string{stats.NoQuadrant: "", stats.HighHigh: HighHigh, stats.LowLow: LowLow, stats.HighLow: HighLow, stats.LowHigh: LowHigh}[q]
}

// describe fills in the columns.
func (s *study) describe(layer *analytics.Layer) error {
	n := s.frame.Len()
	tested, p := make([]bool, n), s.perm.Toward(s.moran.I)
	for row := range n {
		if tested[row] = s.perm.Valid[row] && s.moran.Tested[row]; tested[row] && s.chance != nil {
			neighbours, _ := s.weights.Row(row)
			busy := s.moran.Quadrant[row] == stats.HighHigh || s.moran.Quadrant[row] == stats.LowHigh
			p[row] = max(p[row], s.chance.P(-1, neighbours, s.valid, busy))
		}
	}
	q, err := stats.BenjaminiHochberg(p, tested)
	if err != nil {
		return fmt.Errorf("false discovery rate: %w", err)
	}
	class, quadrant, hasQuadrant := make([]string, n), make([]string, n), make([]bool, n)
	neighbours, hasReason := make([]int64, n), make([]bool, n)
	for row := range n {
		neighbours[row] = int64(s.weights.Degree(row))
		quadrant[row] = nameOf(s.moran.Quadrant[row])
		hasQuadrant[row] = quadrant[row] != ""
		switch {
		case !tested[row] && s.reason[row] == "":
			if s.reason[row] = s.moran.Reason[row].String(); s.moran.Reason[row] == stats.OK {
				s.reason[row] = s.perm.Reason[row].String()
			}
		case tested[row] && q[row] <= s.rate:
			class[row] = quadrant[row]
		default:
			class[row] = NotSignificant
		}
		hasReason[row] = s.reason[row] != ""
	}
	layer.Set("class", analytics.Column{Words: class, Valid: tested})
	layer.Set("observed", analytics.Column{Ints: s.counts})
	layer.Set("value", analytics.Column{Floats: s.x, Valid: s.valid})
	layer.Set("quadrant", analytics.Column{Words: quadrant, Valid: hasQuadrant})
	layer.Set("lag", analytics.Column{Floats: s.moran.Lag, Valid: s.moran.Valid})
	layer.Set("moran_i", analytics.Column{Floats: s.moran.I, Valid: s.moran.Valid})
	layer.Set("moran_z", analytics.Column{Floats: s.moran.Z, Valid: s.moran.Tested})
	layer.Set("geary_c", analytics.Column{Floats: s.geary.C, Valid: s.geary.Valid})
	layer.Set("geary_z", analytics.Column{Floats: s.geary.Z, Valid: s.geary.Tested})
	layer.Set("p", analytics.Column{Floats: p, Valid: tested})
	layer.Set("q", analytics.Column{Floats: q, Valid: tested})
	layer.Set("neighbours", analytics.Column{Ints: neighbours})
	layer.Set("reason", analytics.Column{Words: s.reason, Valid: hasReason})
	return nil
}

func (s *study) summary(t *analytics.Tally, layer *analytics.Layer) ([]analytics.Item, error) {
	class, _ := layer.Column("class")
	rows := map[string]int64{}
	for row, word := range class.Words {
		if class.Has(row) {
			rows[word]++
		}
	}
	elsewhere, nowhere := t.Beyond("n")
	items := []analytics.Item{
		{Key: HighHigh, Title: "Rows with many among many", Value: rows[HighHigh], Unit: "count"},
		{Key: HighLow, Title: "Rows with many among few", Value: rows[HighLow], Unit: "count"},
		{Key: LowHigh, Title: "Rows with few among many", Value: rows[LowHigh], Unit: "count"},
		{Key: LowLow, Title: "Rows with few among few", Value: rows[LowLow], Unit: "count"},
		{Key: "in_rows", Title: "Reports in a row of the layer", Value: t.Total("n"), Unit: "count"},
		{Key: "elsewhere", Title: "Reports outside the layer's rows", Value: elsewhere, Unit: "count"},
		{Key: "without_place", Title: "Reports without a place of this kind", Value: nowhere, Unit: "count"},
	}
	globals, err := s.globals()
	return append(items, globals...), err
}

// globals tells of the map as a whole; p is that of the normal approximation.
func (s *study) globals() ([]analytics.Item, error) {
	standardised := s.weights.RowStandardised()
	moran, err := stats.GlobalMoran(s.x, s.valid, standardised)
	if err != nil {
		return nil, err
	}
	geary, err := stats.GlobalGeary(s.x, s.valid, standardised)
	if err != nil {
		return nil, err
	}
	items := append(told("moran", "Moran's I", moran), told("geary", "Geary's C", geary)...)
	if s.rates {
		return items, nil // which lie on both sides of 0
	}
	g, err := stats.GeneralG(s.x, s.valid, s.weights)
	return append(items, told("general_g", "General G", g)...), err
}

func told(key, title string, g stats.Global) []analytics.Item {
	items := []analytics.Item{{Key: key, Title: title}, {Key: key + "_z", Title: title + ", z"}, {Key: key + "_p", Title: title + ", p"}}
	if g.Valid {
		items[0].Value = g.Value
	}
	if p, ok := g.P(stats.TwoSided); ok {
		items[1].Value, items[2].Value = g.Z, p
	}
	return items
}

// few is the number of rows below which a map of clusters says little.
const few = 30

func (s *study) caveats() []string {
	told := []string{"Reports show where people report. Few among many can be a place where nobody does."}
	if s.rates {
		told = append(told, "Inhabitants are spread evenly over the finest community whose population is known; where people work or pass through, rates are high.")
	}
	told = append(told, s.partly...)
	if s.frame.Len() < few {
		told = append(told, fmt.Sprintf("The study area has %d rows only; with fewer than %d little can be told from chance.", s.frame.Len(), few))
	}
	return told
}
