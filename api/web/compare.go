package web

import (
	"time"
)

// compare is the parameter that says which period a layer is compared with.
const compare = "compare"

// comparable reports whether the analysis that is shown can tell two periods apart.
func (p Page) comparable() bool {
	for _, a := range p.Analyses {
		if a.Name == p.Name && !p.Open {
			return a.Contrast != nil && a.Contrast.Refused == ""
		}
	}
	return false
}

// against lists the periods that the one shown can be compared with.
func (p Page) against(w *words) []group {
	first := []choice{
		{Label: w.Must("compare.none")}, {Key: "previous", Label: w.Must("compare.previous")}, {Key: "year-ago", Label: w.Must("compare.year-ago")},
	}
	return p.among(p.Given[compare], first, p.calendar(w))
}

// swapped returns the address of the page with the two periods that are compared
// swapped, "" where none are.
func (p Page) swapped() string {
	shown := p.Layer.Provenance
	if shown.Against.IsZero() {
		return ""
	}
	bound := func(t time.Time) string {
		if day := p.day(t); day != "" {
			return day
		}
		return t.Format(time.RFC3339Nano)
	}
	return p.address("period", "", "from", bound(shown.Against.From), "to", bound(shown.Against.To), compare, bound(shown.From)+"/"+bound(shown.To))
}

// report returns the address of the report for the printer of what is shown, "" where
// there is none.
func (p Page) report() string {
	if !p.has("indicator") {
		return ""
	}
	given := []string{"lang", p.Lang, "res", "", "fill", "", "changes", "", compare, ""}
	if p.Layer.Frame.Unit.IsParty() {
		given = append(given, "level", "")
	}
	return "report" + p.parameters(given...)
}
