package web

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// formView is what can be asked for beside analysis, rows and language.
type formView struct {
	// Packs are the indicators to choose from, none where the analysis shows none.
	Packs   []group
	Version string
	// Periods are the names of periods to choose from. They and days are two ways
	// to say the same, so the form has either; Other is the address of the page
	// with the other, where there are both.
	Periods        []group
	Days           bool
	FromDay, ToDay string
	Other          string
	// Against are the periods to compare with, none where that cannot be told.
	Against []group
	// HasChanges says that changes can be asked for, Changes that they are.
	HasChanges, Changes bool
	Areas               []choice // to stay within
	Hidden              []field
}

// group is choices under a heading, "" for none.
type group struct {
	Label   string
	Choices []choice
}

// form fills the form in.
func (p Page) form(n *names) formView {
	f := formView{Areas: p.areas(n), Days: true, Packs: p.packs(n.words)}
	f.FromDay, f.ToDay = p.Given["from"], p.Given["to"]
	if p.Layer != nil {
		f.FromDay, f.ToDay = p.day(p.Layer.Provenance.From), p.day(p.Layer.Provenance.To)
	}
	sent := []string{"layer", "lang", "within"}
	if f.Packs != nil {
		f.Version = p.Given["version"]
		sent = append(sent, "indicator", "version")
	}
	if p.has("changes") {
		f.HasChanges, f.Changes = true, p.Given["changes"] == "true"
		sent = append(sent, "changes")
	}
	if p.has("period") {
		f.Days = p.Given["from"] != "" || p.Given["to"] != ""
		f.Other = p.address("period", "", "from", f.FromDay, "to", f.ToDay, "sel", "")
		if f.Days {
			f.Other = p.address("from", "", "to", "", "sel", "")
		} else {
			f.Periods = p.periods(n.words)
		}
		sent = append(sent, "period")
	}
	if p.comparable() {
		f.Against = p.against(n.words)
		sent = append(sent, compare)
	}
	f.Hidden = []field{{"layer", p.Name}, {"lang", p.Lang}}
	for _, name := range slices.Sorted(maps.Keys(p.Given)) {
		if (name == "from" || name == "to") && f.Days || slices.Contains(sent, name) || p.Given[name] == "" {
			continue
		}
		f.Hidden = append(f.Hidden, field{name, p.Given[name]})
	}
	return f
}

// has reports whether the analysis that is shown has a parameter of its own of
// that name.
func (p Page) has(param string) bool {
	for _, a := range p.Analyses {
		if a.Name == p.Name {
			return slices.ContainsFunc(a.Params, func(x analytics.Param) bool { return x.Name == param })
		}
	}
	return false
}

// day returns the date of the moment a day begins on the clocks of the city, ""
// for other moments, which a date would not say.
func (p Page) day(t time.Time) string {
	day := api.ShowMoment(t, p.Zone)
	if t.IsZero() || len(day) != len(time.DateOnly) {
		return ""
	}
	return day
}

// packs lists the indicators by pack, which is what their code begins with. Those
// that would show nothing cannot be chosen, and say why.
func (p Page) packs(w *words) []group {
	if !p.has("indicator") {
		return nil
	}
	var packs []group
	last := ""
	for _, o := range p.Indicators {
		pack, _, _ := strings.Cut(o.Value, ".")
		if packs == nil || pack != last {
			packs, last = append(packs, group{Label: w.Say("pack."+pack, pack)}), pack
		}
		c := choice{Key: o.Value, Label: o.Names.In(w.Tag), Here: o.Value == p.Indicator, Off: o.Lacks != "" && o.Value != p.Indicator}
		if c.Label == "" {
			c.Label = o.Value
		}
		if o.Lacks != "" {
			c.Label = w.Fill("indicator.lacks", c.Label, w.Say("lacks."+o.Lacks, o.Lacks))
		}
		g := &packs[len(packs)-1]
		g.Choices = append(g.Choices, c)
	}
	return packs
}

// The most periods of each length that are listed.
const (
	mostYears    = 10
	mostQuarters = 8
	mostMonths   = 24
)

// periods lists the names of the periods with data, the last first, after the
// one that is meant when none is chosen.
func (p Page) periods(w *words) []group {
	first := choice{Label: w.Must("period.last")}
	return p.among(p.Given["period"], []choice{first}, p.calendar(w))
}

// among returns choices, the first ones before those of the calendar, and marks the
// given one, which is added where it is none of them.
func (p Page) among(given string, first []choice, calendar []group) []group {
	list := append([]group{{Choices: first}}, calendar...)
	for _, g := range list {
		for i := range g.Choices {
			if g.Choices[i].Key == given {
				g.Choices[i].Here = true
				return list
			}
		}
	}
	list[0].Choices = append(list[0].Choices, choice{Key: given, Label: given, Here: true})
	return list
}

// calendar lists the names of the periods with data, the last first.
func (p Page) calendar(w *words) (list []group) {
	from, to := p.extent()
	first, last := api.Local(from, p.Zone), api.Local(to, p.Zone)
	spans := []struct {
		key    string
		months int
		most   int
		name   func(time.Time) string
	}{
		{"months", 1, mostMonths, func(t time.Time) string { return t.Format("2006-01") }},
		{"quarters", 3, mostQuarters, func(t time.Time) string { return fmt.Sprintf("%04d-Q%d", t.Year(), (t.Month()+2)/3) }},
		{"years", 12, mostYears, func(t time.Time) string { return t.Format("2006") }},
	}
	for _, s := range spans {
		g := group{Label: w.Must("period." + s.key)}
		at := time.Date(last.Year(), (last.Month()-1)/time.Month(s.months)*time.Month(s.months)+1, 1, 0, 0, 0, 0, last.Location())
		for ; len(g.Choices) < s.most && !to.IsZero() && !at.AddDate(0, s.months, 0).Before(first); at = at.AddDate(0, -s.months, 0) {
			g.Choices = append(g.Choices, choice{Key: s.name(at), Label: s.name(at)})
		}
		if g.Choices != nil {
			list = append(list, g)
		}
	}
	return list
}
