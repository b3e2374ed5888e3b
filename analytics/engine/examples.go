package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// An ExampleResult is what came of a worked example of a definition.
type ExampleResult struct {
	Title  string   `json:"title"`
	Value  *float64 `json:"value"`
	Score  *float64 `json:"score"`
	N      int64    `json:"n"`
	Status string   `json:"status"`
	Wrong  []string `json:"wrong"` // what differs from what the example says; none if it holds
}

// Example works an example of a definition out, on its own facts, as if they
// were those of a town of one community.
func Example(ctx context.Context, c *indicator.Compiled, x indicator.Example) (ExampleResult, error) {
	res := ExampleResult{Title: x.Title}
	r, err := exampleRequest(c, x)
	if err != nil {
		return res, err
	}
	facts, err := factsOf(c, x, r.AsOf)
	if err != nil {
		return res, err
	}
	a := indicator.AnalysisOf(c)
	frame := &analytics.Frame{
		Unit: analytics.CommunitiesOf(data.City), Key: data.ByCode{Column: "community"},
		Communities: []data.Community{{Code: exampleTown, Level: data.City}}, SquareKm: []float64{1},
	}
	rollups, err := a.Plan(r, frame)
	if err != nil {
		return res, err
	}
	tallies, err := agg.Collect(ctx, a.Facts(facts, r), frame, rollups, nil)
	if err != nil {
		return res, err
	}
	layer, err := a.Compute(ctx, r, frame, tallies)
	if err != nil {
		return res, err
	}
	res.read(layer)
	res.compare(x.Expect)
	return res, nil
}

// exampleTown is the community that facts of examples lie in unless they say
// otherwise.
const exampleTown = "town"

func exampleRequest(c *indicator.Compiled, x indicator.Example) (analytics.Request, error) {
	values, err := analytics.ParseValues(indicator.Analysis.Params, nil)
	if err != nil {
		return analytics.Request{}, err
	}
	r := analytics.Request{Unit: analytics.CommunitiesOf(data.City), Zone: c.Zone(), Params: values}
	asOf := x.AsOf
	if asOf == "" {
		asOf = x.To
	}
	for _, moment := range []struct {
		text string
		t    *time.Time
	}{{x.From, &r.From}, {x.To, &r.To}, {asOf, &r.AsOf}} {
		if *moment.t, err = parseTime(moment.text, c.Zone()); err != nil {
			return r, fmt.Errorf("example %q: %w", x.Title, err)
		}
	}
	return r, nil
}

// parseTime reads a date or time in a zone.
func parseTime(text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("time %q: want a date such as 2026-01-31, or a time such as 2026-01-31 08:00", text)
}

// factsOf returns what an example is worked out on.
func factsOf(c *indicator.Compiled, x indicator.Example, asOf time.Time) (data.Source, error) {
	if c.Access != nil {
		return examplePlaces(exampleSource{}, c, x, asOf)
	}
	return exampleFacts(c, x)
}

// exampleSource holds the facts of an example, by dataset.
type exampleSource map[data.Dataset]data.Batch

// Schema implements data.Source.
func (s exampleSource) Schema(d data.Dataset) []data.Column {
	return data.SchemaOf(d, data.DefaultResolutions())
}

// Scan implements data.Source.
func (s exampleSource) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) { yield(q.Filter(s[q.Dataset])) }
}

// exampleFacts reads the facts of an example. The keys "times" and "dataset"
// repeat a fact and say what it is; columns that have to have a value and are
// not given get a plain one.
func exampleFacts(c *indicator.Compiled, x indicator.Example) (exampleSource, error) {
	times, err := timesOf(x)
	if err != nil {
		return nil, err
	}
	source := exampleSource{}
	builders := map[data.Dataset]*data.Builder{}
	for _, d := range data.Datasets() {
		builders[d] = data.NewBuilder(source.Schema(d))
	}
	for i, fact := range x.Facts {
		dataset := c.Counts()
		if d, ok := fact["dataset"]; ok {
			dataset = data.Dataset(d)
		}
		b, ok := builders[dataset]
		if !ok {
			return nil, fmt.Errorf("example %q, fact %d: there is no dataset %q", x.Title, i+1, dataset)
		}
		for range times[i] {
			if err := appendFact(b, source.Schema(dataset), fact, c.Zone()); err != nil {
				return nil, fmt.Errorf("example %q, fact %d: %w", x.Title, i+1, err)
			}
		}
	}
	for d, b := range builders {
		source[d] = b.Build()
	}
	return source, nil
}

// mostExampleFacts is how many facts an example may have, each as often as it is
// repeated.
const mostExampleFacts = 1_000_000

// timesOf returns how often each fact of an example is repeated.
func timesOf(x indicator.Example) ([]int, error) {
	var times []int
	all := 0
	for i, fact := range x.Facts {
		n := 1
		if text, ok := fact["times"]; ok {
			var err error
			if n, err = strconv.Atoi(text); err != nil || n < 0 || n > mostExampleFacts {
				return nil, fmt.Errorf("example %q, fact %d: times %q: want a number to %d", x.Title, i+1, text, mostExampleFacts)
			}
		}
		if all += n; all > mostExampleFacts {
			return nil, fmt.Errorf("example %q: more than %d facts in all", x.Title, mostExampleFacts)
		}
		times = append(times, n)
	}
	return times, nil
}

func appendFact(b *data.Builder, columns []data.Column, fact map[string]string, zone *time.Location) error {
	known := 0
	for _, c := range columns {
		if _, ok := fact[c.Name]; ok {
			known++
		}
	}
	for _, key := range []string{"times", "dataset"} {
		if _, ok := fact[key]; ok {
			known++
		}
	}
	if known != len(fact) {
		for key := range fact {
			if _, err := data.Pick(columns, key); err != nil && key != "times" && key != "dataset" {
				return err
			}
		}
	}
	plain := map[string]string{
		"source": "example", "id": strconv.Itoa(b.Len() + 1), "status": data.StatusOpen,
		"location": data.LocationArea, "community": exampleTown, "reported_at": "1970-01-01", "inspected_at": "1970-01-01",
	}
	if fact["closed_at"] != "" {
		plain["status"] = data.StatusClosed
	}
	for i, c := range columns {
		text, given := fact[c.Name]
		if !given {
			text = plain[c.Name]
		}
		if text == "" {
			b.Missing(i)
			continue
		}
		if err := setText(b, i, c, text, zone); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	return nil
}

func setText(b *data.Builder, i int, c data.Column, text string, zone *time.Location) error {
	switch c.Type {
	case data.Time:
		t, err := parseTime(text, zone)
		if err != nil {
			return err
		}
		b.SetInt(i, t.UnixMicro())
	case data.Int:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is no whole number", text)
		}
		b.SetInt(i, n)
	case data.Float:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("%q is no number", text)
		}
		b.SetFloat(i, x)
	case data.Cell:
		return fmt.Errorf("cells are computed, not given")
	default:
		b.SetText(i, text)
	}
	return nil
}

// read takes the result from the summary of a layer.
func (res *ExampleResult) read(layer *analytics.Layer) {
	for _, item := range layer.Summary {
		switch x := item.Value.(type) {
		case float64:
			if item.Key == "value" {
				res.Value = &x
			}
			if item.Key == "score" {
				res.Score = &x
			}
		case int64:
			if item.Key == "n" {
				res.N = x
			}
		case string:
			if item.Key == "status" {
				res.Status = x
			}
		}
	}
	if res.Value == nil && res.Status == "" {
		res.Status = analytics.NoData
	}
}

// compare says what differs from what was expected.
func (res *ExampleResult) compare(want indicator.Expect) {
	decimals := want.Decimals
	if decimals == 0 {
		decimals = 9
	}
	number := func(name string, got, want *float64) {
		if want == nil {
			return
		}
		if got == nil || strconv.FormatFloat(*got, 'f', decimals, 64) != strconv.FormatFloat(*want, 'f', decimals, 64) {
			res.Wrong = append(res.Wrong, fmt.Sprintf("%s is %s, want %v", name, told(got), *want))
		}
	}
	number("value", res.Value, want.Value)
	number("score", res.Score, want.Score)
	if want.N != nil && *want.N != res.N {
		res.Wrong = append(res.Wrong, fmt.Sprintf("n is %d, want %d", res.N, *want.N))
	}
	if want.Status != "" && want.Status != res.Status {
		res.Wrong = append(res.Wrong, fmt.Sprintf("status is %q, want %q", res.Status, want.Status))
	}
	slices.Sort(res.Wrong)
}

func told(x *float64) string {
	if x == nil {
		return "missing"
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}
