package indicator

import (
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/civgrid/civgrid/data"
)

var codeForm = regexp.MustCompile(`^[a-z0-9]+([._-][a-z0-9]+)*$`)

// check finds the first thing that makes a definition unusable by itself.
func check(d *Definition) error {
	kind, err := KindOf(d.Kind)
	switch {
	case !codeForm.MatchString(d.Code) || len(d.Code) > 100:
		return d.fail("code", "%q: want small letters and digits, with single . _ or - between", d.Code)
	case d.Version < 1:
		return d.fail("version", "%d: want a number from 1 up", d.Version)
	case err != nil:
		return d.fail("kind", "%q is none%s", d.Kind, nearest(d.Kind, kindNames()))
	case d.dataset() != data.Incidents && d.dataset() != data.Inspections && d.dataset() != data.Resources:
		return d.fail("dataset", "%q: want one of incidents, resources, inspections", d.Dataset)
	}
	if of := (&Definition{Kind: d.Kind}).dataset(); (kind.Places || d.Kind == documentKind) && d.dataset() != of {
		return d.fail("dataset", "%q: kind %s is of %s", d.Dataset, d.Kind, of)
	}
	for _, test := range []func(*Definition, Kind) error{checkFieldsOf, checkWords, checkNumbers, checkTarget, checkParts, checkDates} {
		if err := test(d, kind); err != nil {
			return err
		}
	}
	if err := d.Period.check(); err != nil {
		return d.fail("period", "%v", err)
	}
	if d.Scoring != nil {
		if err := d.Scoring.check(); err != nil {
			return d.fail("scoring", "%v", err)
		}
	}
	return nil
}

func kindNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.Name)
	}
	return names
}

// checkFieldsOf tests that fields some kind has are those of this one, and that
// what it needs is there.
func checkFieldsOf(d *Definition, kind Kind) error {
	v := reflect.ValueOf(d).Elem()
	given := map[string]bool{}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		given[name] = !v.Field(i).IsZero()
	}
	for _, other := range kinds {
		for _, field := range other.Fields {
			if given[field] && !slices.Contains(kind.Fields, field) {
				return d.fail(field, "means nothing to kind %s", kind.Name)
			}
		}
	}
	for _, field := range kind.Needs {
		if !given[field] {
			return d.fail(field, "is missing: kind %s needs it", kind.Name)
		}
	}
	return nil
}

// checkWords tests fields that are one of a few words.
func checkWords(d *Definition, _ Kind) error {
	var levels []string
	for _, l := range data.Levels() {
		levels = append(levels, string(l))
	}
	type choice struct {
		field, value string
		words        []string
	}
	choices := []choice{
		{"direction", d.Direction, []string{"higher", "lower", "none"}},
		{"empty", d.Empty, []string{"no_data", "full", "zero", "neutral"}},
		{"open_policy", d.policy(), policiesOf(d.Kind)},
		{"no_limit", or(d.NoLimit, "exclude"), []string{"exclude", "on_time"}},
		{"rollup", or(d.Rollup, "pooled"), []string{"pooled"}},
		{"over", or(d.Over, "nonempty"), []string{"nonempty", "fixed"}},
		{"attribution", or(d.Attribution, "where"), []string{"where", "responsible_unit", "duty_grid"}},
		{"visibility", or(d.Visibility, "public"), []string{"public", "internal"}},
		{"smoothing.method", or(d.Smoothing.Method, "eb"), []string{"eb", "none"}},
		{"smoothing.prior", or(d.Smoothing.Prior, "parent"), []string{"parent", "all"}},
		{"period.unit", d.Period.unit(), []string{"day", "week", "month", "quarter", "year"}},
		{"period.day_named", or(d.Period.DayNamed, "start"), []string{"start", "end"}},
		{"period.by", or(d.Period.By, "due"), periodWords(d.dataset())},
	}
	for _, l := range d.Levels {
		choices = append(choices, choice{"levels", l, append([]string{"cell"}, levels...)})
	}
	if d.Clock != nil {
		choices = append(choices, choice{"clock.extension", or(d.Clock.Extension, "ignored"), []string{"ignored", "replaces"}})
		for _, p := range d.Clock.Pauses {
			choices = append(choices, choice{"clock.pauses", p, []string{"suspended"}})
		}
	}
	if d.Access != nil {
		choices = append(choices, choice{"access.weighted", or(d.Access.Weighted, "population"), []string{"population", "area"}})
	}
	for _, c := range choices {
		if c.value == "" {
			return d.fail(c.field, "is missing: say one of %s", strings.Join(c.words, ", "))
		}
		if !slices.Contains(c.words, c.value) {
			return d.fail(c.field, "%q: want one of %s%s", c.value, strings.Join(c.words, ", "), meant(c.value, c.words))
		}
	}
	return nil
}

// policiesOf returns the ways in which open cases can count for a kind.
func policiesOf(kind string) []string {
	if kind == quantileKind {
		return []string{KaplanMeier, ClosedOnly}
	}
	return Policies()
}

// periodWords returns what a period can go by: events, and time columns.
func periodWords(d data.Dataset) []string {
	words := []string{"due", "opened", "closed"}
	switch d {
	case data.Incidents:
		words = append(words, "registered")
	case data.Inspections:
		words = append(words, "inspected")
	}
	for _, c := range data.SchemaOf(d, nil) {
		if c.Type == data.Time {
			words = append(words, c.Name)
		}
	}
	return words
}

func checkNumbers(d *Definition, _ Kind) error {
	type bounds struct {
		field              string
		value, least, most float64
	}
	list := []bounds{
		{"quantile", d.Quantile, 0, 1},
		{"min_n", float64(d.MinN), 0, 1e12},
		{"interval.level", d.level(), 0.5, 0.9999},
	}
	if d.AtLeast != 0 {
		list = append(list, bounds{"at_least", float64(d.AtLeast), 2, 1e6})
	}
	if d.Per != 0 {
		list = append(list, bounds{"per", d.Per, 1e-6, 1e12})
	}
	if d.Kind == quantileKind {
		list = append(list, bounds{"quantile", d.Quantile, 0.001, 0.999})
	}
	if d.Weight != nil {
		list = append(list, bounds{"weight", *d.Weight, 0, 1e6})
	}
	if d.BonusCap != nil {
		list = append(list, bounds{"bonus_cap", *d.BonusCap, 0, 1e6})
	}
	if d.Access != nil {
		list = append(list, bounds{"access.metres", d.Access.Metres, 1, 20_000})
		if d.Access.Detour != 0 {
			list = append(list, bounds{"access.detour", d.Access.Detour, 1, 10})
		}
	}
	for _, b := range list {
		if math.IsNaN(b.value) || b.value < b.least || b.value > b.most {
			return d.fail(b.field, "%v: want %s to %s", b.value, number(b.least), number(b.most))
		}
	}
	return nil
}

func checkTarget(d *Definition, kind Kind) error {
	t := d.Target
	if t == nil {
		return nil
	}
	if t.Op != ">=" && t.Op != "<=" {
		return d.fail("target.op", "%q: want >= or <=", t.Op)
	}
	values := []float64{t.Value}
	for _, v := range t.Table {
		values = append(values, v)
	}
	unit := kind.Unit(d)
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return d.fail("target.value", "%v is no number", v)
		}
		if unit == "share" && (v < 0 || v > 1) {
			return d.fail("target.value", "%s: shares run from 0 to 1, so 95 %% is 0.95", number(v))
		}
	}
	if t.By != "" && t.By != "community" || t.By == "" && len(t.Table) > 0 {
		return d.fail("target.by", "%q: want community, with a table of codes", t.By)
	}
	return nil
}

func checkParts(d *Definition, kind Kind) error {
	if slices.Contains(kind.Fields, "items") && len(d.Items) > 1000 {
		return d.fail("items", "%d items: at most 1000", len(d.Items))
	}
	sum := 0.0
	for i, item := range d.Items {
		if w := item.weight(); math.IsNaN(w) || w < 0 || w > 1e6 {
			return d.fail("items", "weight of item %d is %v: want 0 to 1000000", i+1, w)
		}
		if kind.Name == compositeKind && (item.Indicator == "" || item.Document != "") || kind.Name == documentKind && (item.Document == "" || item.Indicator != "" || item.Bonus) {
			return d.fail("items", "item %d: a composite has items with an indicator, a document kind with a document", i+1)
		}
		if !item.Bonus {
			sum += item.weight()
		}
	}
	if len(d.Items) > 0 && sum == 0 {
		return d.fail("items", "no item has a weight that counts")
	}
	if kind.Name != ratioKind && (len(d.Numerator) > 1 || len(d.Numerator) == 1 && d.Numerator[0].Weight != 1) {
		return d.fail("numerator", "kind %s takes one condition, of weight 1", kind.Name)
	}
	for _, g := range append(slices.Clone(d.Gates), d.Vetoes...) {
		if math.IsNaN(g.Value) || math.IsInf(g.Value, 0) {
			return d.fail("gates", "%v is no number", g.Value)
		}
	}
	return nil
}

func checkDates(d *Definition, _ Kind) error {
	for _, date := range []struct{ field, text string }{{"effective.from", d.Effective.From}, {"effective.to", d.Effective.To}} {
		if date.text == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, date.text); err != nil {
			return d.fail(date.field, "%q: want a date such as 2026-01-31", date.text)
		}
	}
	if d.Effective.From != "" && d.Effective.To != "" && d.Effective.From >= d.Effective.To {
		return d.fail("effective", "ends (%s) before it begins (%s)", d.Effective.To, d.Effective.From)
	}
	if d.Clock != nil && d.Clock.Limit != nil {
		l := d.Clock.Limit
		if l.Record != "" && (l.Within != "" || l.By != "" || len(l.Table) > 0) {
			return d.fail("clock.limit", "the limit is that of the record, or is declared here: not both")
		}
		if (l.By == "") != (len(l.Table) == 0) {
			return d.fail("clock.limit", "by and table belong together")
		}
	}
	return nil
}
