package response

import (
	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/stats"
)

// quantiles are the shares of cases that quantile columns speak of.
func quantiles() []struct {
	name string
	p    float64
} {
	return []struct {
		name string
		p    float64
	}{{"p50", 0.5}, {"p90", 0.9}}
}

func columns() []analytics.Column {
	count := func(name, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.IntColumn, Unit: "count", Title: title, Doc: doc}
	}
	number := func(name, unit, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Unit: unit, Title: title, Doc: doc}
	}
	list := []analytics.Column{
		count("n", "Cases", "Closed and open."),
		count("closed", "Closed", ""),
		count("open", "Open", "Still open as of the moment of judgement."),
		count("undated", "Closed, date unknown", "In no other number."),
	}
	for _, q := range quantiles() {
		list = append(list,
			number("km_"+q.name, "s", q.name+", open cases counted", "Kaplan-Meier; missing where too many cases are open to tell."),
			number("km_"+q.name+"_low", "s", q.name+", lower bound", ""),
			number("km_"+q.name+"_high", "s", q.name+", upper bound", "Missing where it cannot be told yet."),
			number("naive_"+q.name, "s", q.name+", closed cases only", "Too short while cases are open."))
	}
	list = append(list,
		number("within_limit", "share", "Within the limit", "Share of cases dealt with within the limit, Kaplan-Meier."),
		number("within_limit_low", "share", "Within the limit, lower bound", ""),
		number("within_limit_high", "share", "Within the limit, upper bound", ""))
	list = append(list, indicator.FunnelColumns("the share within the limit")...)
	return append(list, analytics.Column{Name: "reason", Type: analytics.WordColumn, Title: "Why p90 has no value", Doc: "too_few_cases or not_reached."})
}

// measures collects the columns row by row.
type measures struct {
	band    stats.Band
	limit   float64 // seconds
	least   int64   // cases for a quantile
	ints    map[string][]int64
	floats  map[string][]float64
	valid   map[string][]bool
	reasons []string
	worth   []int64 // cases that the share within the limit is worth, 0 without one
}

func newMeasures(rows int, r analytics.Request) *measures {
	m := &measures{
		band:  stats.Band{Level: r.Params.Number("level-of-confidence")},
		limit: r.Params.Number("limit-hours") * 3600,
		least: int64(r.Params.Int("min-n")),
		ints:  map[string][]int64{}, floats: map[string][]float64{}, valid: map[string][]bool{},
		reasons: make([]string, rows), worth: make([]int64, rows),
	}
	for _, c := range columns() {
		switch c.Type {
		case analytics.IntColumn:
			m.ints[c.Name] = make([]int64, rows)
		case analytics.FloatColumn:
			m.floats[c.Name], m.valid[c.Name] = make([]float64, rows), make([]bool, rows)
		}
	}
	return m
}

func (m *measures) set(name string, row int, value float64, ok bool) {
	if ok {
		m.floats[name][row], m.valid[name][row] = value, true
	}
}

// row computes every column of one row.
func (m *measures) row(row int, d stats.Durations) error {
	closed, open := d.Total()
	m.ints["n"][row], m.ints["closed"][row], m.ints["open"][row] = closed+open, closed, open
	switch {
	case closed+open == 0:
		return nil
	case closed+open < m.least:
		m.reasons[row] = "too_few_cases"
		return nil
	}
	curve, err := d.KaplanMeier()
	if err != nil {
		return err
	}
	for _, q := range quantiles() {
		if err := m.quantile(row, q.name, q.p, d, curve); err != nil {
			return err
		}
	}
	within := curve.Within(m.limit, m.band)
	if within.Reason == stats.OK && !within.Extrapolated {
		m.worth[row] = curve.EffectiveCases(m.limit)
	}
	m.set("within_limit", row, within.Share, within.Reason == stats.OK && !within.Extrapolated)
	m.set("within_limit_low", row, within.Interval.Low, within.Bounded && !within.Extrapolated)
	m.set("within_limit_high", row, within.Interval.High, within.Bounded && !within.Extrapolated)
	return nil
}

func (m *measures) quantile(row int, name string, p float64, d stats.Durations, curve stats.Survival) error {
	km := curve.Quantile(p, m.band)
	m.set("km_"+name, row, km.Value, km.Reason == stats.OK)
	m.set("km_"+name+"_low", row, km.Low, km.HasLow)
	m.set("km_"+name+"_high", row, km.High, km.HasHigh)
	if km.Reason != stats.OK {
		m.reasons[row] = km.Reason.String()
	}
	naive, err := d.ClosedQuantile(p, stats.InverseECDF, m.band.Level)
	m.set("naive_"+name, row, naive.Value, err == nil && naive.Reason == stats.OK)
	return err
}

// write hands the columns to the layer.
func (m *measures) write(layer *analytics.Layer, rows int) {
	for name, values := range m.ints {
		layer.Set(name, analytics.Column{Ints: values})
	}
	for name, values := range m.floats {
		layer.Set(name, analytics.Column{Floats: values, Valid: m.valid[name]})
	}
	has := make([]bool, rows)
	for row, reason := range m.reasons {
		has[row] = reason != ""
	}
	layer.Set("reason", analytics.Column{Words: m.reasons, Valid: has})
}
