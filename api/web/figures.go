package web

import (
	"html/template"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// kpi is a figure; Unit is the word behind its number, Below what bounds it.
type kpi struct {
	Key, Title, Value, Unit, Below string
	Swatch                         template.HTML
}

// headline are the keys of the figures that stand out, in order of preference.
func headline(layer *analytics.Layer) []string {
	if !layer.Provenance.Against.IsZero() {
		return []string{"value", "change", "increase", "decrease"}
	}
	switch layer.Name {
	case "indicator":
		return []string{"value", "target", "status", "n", "reason", "score"}
	case "blindspot":
		return []string{"unseen", "unheard", "uninspected", "failed_share"}
	case "sites":
		return []string{"suggested", "reached", "reached_then", "bound"}
	case "execution":
		return []string{"rows_without", "days_to_first", "n"}
	}
	return []string{"share", "hot", "cold", "km_p50", "km_p90", "within_limit", "n", "open_overdue", "at_default_locations", "in_rows"}
}

const headlines = 4

// figures chooses up to four figures to stand out; all stand below.
func (v *view) figures(n *names) {
	shown := map[string]kpi{}
	for _, item := range v.Layer.Summary {
		k := v.figure(n, item)
		if item.Value != nil || item.Key == "value" {
			shown[item.Key] = k
		}
		v.Figures = append(v.Figures, k)
	}
	low, high := shown["low"].text(), shown["high"].text()
	for _, key := range headline(v.Layer) {
		k, ok := shown[key]
		if !ok || len(v.KPIs) == headlines {
			continue
		}
		if key == "value" && low != "" && high != "" {
			k.Below = interval(low, high)
		}
		v.KPIs = append(v.KPIs, k)
	}
	v.balance(n)
}

// text returns the number with its unit, "" where there is none.
func (k kpi) text() string { return strings.TrimSpace(k.Value + " " + k.Unit) }

// interval writes two bounds of a value; a unit that both have stands behind the
// second.
func interval(low, high string) string {
	unit := strings.TrimLeft(high, "−+-0123456789.,e")
	return strings.TrimSuffix(low, unit) + "–" + high
}

func (v *view) figure(n *names, item analytics.Item) kpi {
	k := kpi{Key: item.Key, Title: n.item(item), Value: "–"}
	switch x := item.Value.(type) {
	case int64:
		k.Value, k.Unit, _ = strings.Cut(n.number(float64(x), item.Unit), " ")
	case float64:
		if changes(item.Key) {
			k.Value, k.Unit, _ = strings.Cut(n.change(x), " ")
			break
		}
		k.Value, k.Unit, _ = strings.Cut(n.number(x, item.Unit), " ")
	case string:
		k.Value, _ = n.words.Translate(n.word(x))
	}
	if item.Key != "status" {
		return k
	}
	for _, class := range v.Layer.Legend.Classes {
		if class.Key == item.Value {
			k.Swatch = swatchHTML(class, v.Layer.Legend)
		}
	}
	return k
}

// balanceView says where the facts behind a count are.
type balanceView struct {
	Title, Total string
	Parts        []kpi // in rows, outside, by area only, without a place
}

// balance accounts for the facts of every count that has some, and in a line for
// those of the count with the most, of which places without any are left out.
func (v *view) balance(n *names) {
	var most int64
	for _, b := range v.Layer.Balances {
		if b.Total == 0 {
			continue
		}
		told := balanceView{Title: n.count(b.Count), Total: api.ShowCount(b.Total)}
		switch of := v.counted(b.Of, n); {
		case of != "" && b.Count == "n": // all that is counted there
			told.Title = of
		case of != "":
			told.Title = of + " · " + told.Title
		}
		line := balanceView{Title: told.Title, Total: told.Total}
		for _, part := range []struct {
			key string
			n   int64
		}{{"in_rows", b.InRows}, {"outside", b.Outside}, {"area_only", b.AreaOnly}, {"unlocated", b.Unlocated}} {
			k := kpi{Key: part.key, Title: n.words.Must("balance." + part.key), Value: api.ShowCount(part.n)}
			told.Parts = append(told.Parts, k)
			if part.n != 0 || part.key == "in_rows" {
				line.Parts = append(line.Parts, k)
			}
		}
		v.Balances = append(v.Balances, told)
		if b.Total > most {
			most, v.Balance = b.Total, &line
		}
	}
}

// counted returns the name of what is counted where a layer counts several
// things, else "".
func (v *view) counted(of string, n *names) string {
	code, kind, _ := strings.Cut(of, " ")
	other := func(b analytics.Balance) bool {
		itsCode, _, _ := strings.Cut(b.Of, " ")
		return itsCode != code
	}
	if !slices.ContainsFunc(v.Layer.Balances, other) {
		code = ""
	}
	var words []string
	for _, word := range []string{code, kind} {
		if word != "" {
			words = append(words, v.called(word, n))
		}
	}
	return strings.Join(words, " · ")
}

// called returns the name of an indicator, or of another thing that is counted.
func (v *view) called(word string, n *names) string {
	for _, o := range v.Indicators {
		if name := o.Names.In(n.words.Tag); o.Value == word && name != "" {
			return name
		}
	}
	return n.words.Say("count.of."+word, word)
}
