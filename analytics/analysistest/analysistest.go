// Package analysistest checks what every analysis promises, whatever it
// computes.
package analysistest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
)

// Run checks a list of analyses: how they describe themselves, and that on any
// study area and any counts their layers are whole: every column as long as
// the frame, every number finite, every legend complete.
func Run(t *testing.T, analyses []analytics.Analysis) {
	if !slices.IsSortedFunc(analyses, func(a, b analytics.Analysis) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("analyses are not in order of their names")
	}
	for _, a := range analyses {
		t.Run(a.Name, func(t *testing.T) {
			describesItself(t, a)
			if a.Plan == nil {
				return // it is another for each of what it is asked for
			}
			for name, frame := range frames(t) {
				if a.Sites {
					frame.Sites, frame.Homes = sitesOn(frame), homesOn(frame)
				}
				t.Run(name, func(t *testing.T) { computes(t, a, frame) })
			}
		})
	}
}

func describesItself(t *testing.T, a analytics.Analysis) {
	t.Helper()
	if a.Title == "" || strings.HasSuffix(a.Title, ".") || strings.Contains(a.Title, "\n") {
		t.Errorf("title %q: want one line without a full stop", a.Title)
	}
	if a.Doc == "" || a.Reference == "" {
		t.Error("doc or reference is missing")
	}
	if _, err := analytics.ParseValues(a.Params, nil); err != nil {
		t.Errorf("the defaults of its parameters do not parse: %v", err)
	}
	seen := map[string]bool{}
	for _, c := range a.Columns {
		if seen[c.Name] || c.Title == "" || c.Type == "" {
			t.Errorf("column %q is there twice, or lacks a title or type", c.Name)
		}
		seen[c.Name] = true
	}
}

// computes makes layers of no facts, few and many, which are as dirty as they come.
func computes(t *testing.T, a analytics.Analysis, frame *analytics.Frame) {
	t.Helper()
	for density, most := range map[string]int{"no facts": 0, "few facts": 2, "many facts": 200} {
		request, tallies := answered(t, a, frame, most)
		layer, err := a.Compute(t.Context(), request, frame, tallies)
		if err != nil {
			t.Errorf("%s: compute: %v", density, err)
			continue
		}
		if again, err := a.Compute(t.Context(), request, frame, tallies); err != nil || !reflect.DeepEqual(layer, again) {
			t.Errorf("%s: computed twice, the layers differ (error %v)", density, err)
		}
		for _, complaint := range Complaints(a, frame, layer) {
			t.Errorf("%s: %s", density, complaint)
		}
	}
	stopsWhenCancelled(t, a, frame)
}

// answered plans an analysis and adds up to most facts a row.
func answered(t *testing.T, a analytics.Analysis, frame *analytics.Frame, most int) (analytics.Request, []analytics.Tally) {
	t.Helper()
	request := requestFor(t, a, frame)
	rollups, err := a.Plan(request, frame)
	if err != nil {
		t.Fatalf("up to %d facts a row: plan: %v", most, err)
	}
	tallies, err := agg.Collect(t.Context(), a.Facts(factsOn(frame, most), request), frame, rollups, nil)
	if err != nil {
		t.Fatalf("up to %d facts a row: add up: %v", most, err)
	}
	return request, tallies
}

// stopsWhenCancelled allows an analysis to finish, but not to fail otherwise.
func stopsWhenCancelled(t *testing.T, a analytics.Analysis, frame *analytics.Frame) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	request, tallies := answered(t, a, frame, 3)
	if _, err := a.Compute(ctx, request, frame, tallies); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("compute with a cancelled context: %v", err)
	}
}

// Complaints says what is wrong with a layer of an analysis.
func Complaints(a analytics.Analysis, frame *analytics.Frame, layer *analytics.Layer) []string {
	var wrong []string
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if len(layer.Columns) != len(a.Columns) {
		complain("layer has %d columns, its analysis describes %d", len(layer.Columns), len(a.Columns))
	}
	for i, c := range layer.Columns {
		if i < len(a.Columns) && c.Name != a.Columns[i].Name {
			complain("column %d is %s, described as %s", i, c.Name, a.Columns[i].Name)
		}
		wrong = append(wrong, columnComplaints(c, frame.Len())...)
	}
	if layer.Method == "" || len(layer.Summary) == 0 {
		complain("method or summary is missing")
	}
	for _, item := range layer.Summary {
		if x, ok := item.Value.(float64); ok && (math.IsNaN(x) || math.IsInf(x, 0)) {
			complain("summary %s is %v", item.Key, x)
		}
	}
	for _, name := range append([]string{layer.Legend.Column, layer.Rank.Column}, layer.Rank.Show...) {
		if _, ok := layer.Column(name); !ok {
			complain("legend or ranking speaks of %q, which is no column", name)
		}
	}
	wrong = append(wrong, legendComplaints(layer.Legend)...)
	colored, _ := layer.Column(layer.Legend.Column)
	for row := range frame.Len() {
		if layer.Legend.Of(colored, row) < 0 {
			complain("row %d is of no class of the legend", row)
			break
		}
	}
	return wrong
}

// legendComplaints asks for classes that a reader can tell apart, whose bounds
// ascend without a gap.
func legendComplaints(g analytics.Legend) []string {
	var wrong []string
	keys, labels := map[string]bool{}, map[string]bool{}
	var upTo *float64
	for i, class := range g.Classes {
		if class.Key == "" || class.Label == "" || keys[class.Key] || labels[class.Label] || !color.MatchString(class.Color) {
			wrong = append(wrong, fmt.Sprintf("class %+v lacks a key, label or color, or repeats one", class))
		}
		keys[class.Key], labels[class.Label] = true, true
		if class.Low == nil && class.High == nil {
			continue // of words, or of all numbers
		}
		if i > 0 && (upTo == nil || class.Low == nil || *class.Low != *upTo) || class.High != nil && class.Low != nil && *class.High <= *class.Low {
			wrong = append(wrong, fmt.Sprintf("class %q does not go on where the one before ends", class.Label))
		}
		upTo = class.High
	}
	if !keys[analytics.NoData] || upTo != nil {
		wrong = append(wrong, "there are rows the legend has no class for")
	}
	return wrong
}

var color = regexp.MustCompile("^#[0-9a-f]{6}$")

func columnComplaints(c analytics.Column, rows int) []string {
	var wrong []string
	lengths := map[analytics.ColumnType]int{
		analytics.IntColumn: len(c.Ints), analytics.FloatColumn: len(c.Floats), analytics.WordColumn: len(c.Words),
	}
	if lengths[c.Type] != rows || c.Valid != nil && len(c.Valid) != rows {
		return []string{fmt.Sprintf("column %s has %d values and %d validities for %d rows", c.Name, lengths[c.Type], len(c.Valid), rows)}
	}
	for row, x := range c.Floats {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			wrong = append(wrong, fmt.Sprintf("column %s, row %d is %v", c.Name, row, x))
		}
		if c.Unit == "share" && c.Has(row) && (x < 0 || x > 1) {
			wrong = append(wrong, fmt.Sprintf("column %s, row %d is a share of %v", c.Name, row, x))
		}
	}
	return wrong
}

func requestFor(t *testing.T, a analytics.Analysis, frame *analytics.Frame) analytics.Request {
	t.Helper()
	values, err := analytics.ParseValues(a.Params, nil)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	return analytics.Request{
		Unit: frame.Unit, From: from, To: from.AddDate(1, 0, 0), AsOf: from.AddDate(1, 1, 0),
		Zone: time.UTC, Params: values,
	}
}
