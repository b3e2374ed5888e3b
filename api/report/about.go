package report

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// A fact is something that is known of a report.
type fact struct {
	Key, Label string
	Values     []sentence
}

// about tells where the numbers come from, how they came about and what to
// beware of.
func (p *printed) about() []fact {
	at := p.Provenance
	var facts []fact
	add := func(key string, values ...string) {
		f := fact{Key: key, Label: p.words.Must("about." + key)}
		for _, v := range values {
			if v != "" {
				f.Values = append(f.Values, sentence{Text: v})
			}
		}
		if f.Values != nil {
			facts = append(facts, f)
		}
	}
	add("indicator", p.title())
	add("definition", p.words.Fill("about.digest", at.Indicator, at.Definition))
	add("unit", p.unit(p.Unit))
	add("period", p.period())
	add("as_of", api.ShowMoment(at.AsOf, at.Zone))
	if !at.Recorded.IsZero() {
		add("recorded", api.ShowMoment(at.Recorded, at.Zone))
	}
	add("zone", at.Zone)
	add("within", at.Within)
	add("narrowed", narrowed(at.Params)...)
	add("data", at.DataVersion)
	add("boundaries", at.Boundaries)
	add("calendar", p.calendar())
	add("reference", p.Reference)
	facts = append(facts, fact{"method", p.words.Must("about.method"), p.sentences(p.Method)})
	facts = append(facts, fact{"computed", p.words.Must("about.computed"), []sentence{p.sentence(p.Computed)}})
	if len(p.Notes) > 0 {
		facts = append(facts, fact{"notes", p.words.Must("about.notes"), p.notes(p.Notes)})
	}
	return facts
}

func (p *printed) sentences(english []string) []sentence {
	var told []sentence
	for _, text := range english {
		told = append(told, p.sentence(text))
	}
	return told
}

// narrowed returns the parameters that leave facts out.
func narrowed(params map[string]string) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if slices.Contains([]string{"category", "channel", "source"}, name) {
			list = append(list, name+" = "+strings.ReplaceAll(params[name], "|", ", "))
		}
	}
	return list
}

// period is from the first to the last day or, where days begin at another hour
// than midnight, from moment to moment.
func (p *printed) period() string {
	from, to := api.Local(p.Provenance.From, p.Provenance.Zone), api.Local(p.Provenance.To, p.Provenance.Zone)
	if from.Format(time.TimeOnly) == midnight && to.Format(time.TimeOnly) == midnight {
		return p.words.Fill("period", from.Format(time.DateOnly), to.AddDate(0, 0, -1).Format(time.DateOnly))
	}
	const minute = "2006-01-02 15:04"
	return p.words.Fill("period", from.Format(minute), to.Format(minute))
}

const midnight = "00:00:00"

func (p *printed) calendar() string {
	if p.Provenance.Calendar == "" {
		return p.words.Must("about.no_calendar")
	}
	return p.Provenance.Calendar
}

// source says in a line where a table comes from.
func (p *printed) source(t *analytics.ReportTable) string {
	at := t.Provenance
	return p.words.Fill("source", at.Indicator, p.period(), api.ShowMoment(at.AsOf, at.Zone), at.DataVersion, at.Boundaries, p.calendar())
}
