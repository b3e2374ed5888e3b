package engine

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

// evenings counts the cases reported in the evening, local time, and the hours
// they took: what no store keeps.
var evenings = analytics.Analysis{
	Name: "evenings", Title: "Cases of the evening", Doc: "For tests.", Reference: "None.",
	Columns: eveningColumns(),
	Derive:  deriveEvenings,
	Plan: func(r analytics.Request, f *analytics.Frame) ([]data.Rollup, error) {
		return []data.Rollup{{
			Name: "evenings", Dataset: data.Incidents, Keys: []data.Key{f.Key},
			Where:  append(r.Member("reported_at"), data.Compare{Column: "part_of_day", Op: data.Equal, Value: "evening"}),
			Counts: []data.Count{{Name: "n"}, {Name: "done", Where: data.Not{Condition: data.Missing{Column: "hours"}}}},
			Sums:   []data.Sum{{Name: "hours", Column: "hours"}},
		}}, nil
	},
	Compute: func(_ context.Context, _ analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
		layer := &analytics.Layer{
			Columns: eveningColumns(), Method: "Counting.", Rank: analytics.Rank{Column: "n"},
			Legend: analytics.Legend{Column: "n", Classes: []analytics.Class{
				{Key: "all", Label: "All", Color: "#000000"}, {Key: analytics.NoData, Label: "No data", Color: "#ffffff"},
			}},
		}
		for _, c := range eveningColumns() {
			layer.Set(c.Name, analytics.Column{Ints: tallies[0].Dense(c.Name, f.Len())})
			elsewhere, nowhere := tallies[0].Beyond(c.Name)
			layer.Summary = append(layer.Summary, analytics.Item{Key: c.Name, Title: c.Title, Value: tallies[0].Total(c.Name) + elsewhere + nowhere})
		}
		return layer, nil
	},
}

func eveningColumns() []analytics.Column {
	return []analytics.Column{
		{Name: "n", Type: analytics.IntColumn, Title: "Cases"},
		{Name: "done", Type: analytics.IntColumn, Title: "Cases closed"},
		{Name: "hours", Type: analytics.IntColumn, Title: "Hours until closed"},
	}
}

func deriveEvenings(r analytics.Request) []analytics.Derivation {
	return []analytics.Derivation{{Dataset: data.Incidents, Derivation: data.Derivation{
		Reads:   []string{"reported_at", "closed_at"},
		Columns: []data.Column{{Name: "part_of_day", Type: data.Code}, {Name: "hours", Type: data.Int}},
		Compute: func(rows data.Batch, into *data.Builder) error {
			reported, closed, valid := rows.Ints("reported_at"), rows.Ints("closed_at"), rows.Valid("closed_at")
			for i, at := range reported {
				part := "day"
				if time.UnixMicro(at).In(r.Zone).Hour() >= 18 {
					part = "evening"
				}
				into.SetText(0, part)
				if valid.At(i) {
					into.SetInt(1, (closed[i]-at)/time.Hour.Microseconds())
				} else {
					into.Missing(1)
				}
			}
			return nil
		},
	}}}
}

// sulking is a store that must not be asked to add up.
type sulking struct{ *memory.Store }

// Weigh implements data.Aggregator.
func (sulking) Weigh(context.Context, []data.Rollup) (data.Choice, error) {
	return data.Choice{}, errors.New("asked to add up columns that it does not have")
}

// Aggregate implements data.Aggregator.
func (sulking) Aggregate(context.Context, ...data.Rollup) data.Answers { return nil }

// TestAnalysesDeriveColumns counts and sums by derived columns, with conditions
// on them, and the same by hand.
func TestAnalysesDeriveColumns(t *testing.T) {
	cases := incidents(14, 1500)
	var steps []agg.Step
	store := sulking{storeOf(t, "Asia/Shanghai", cityOf(), cases, 300)}
	e := New(store, Options{Explain: func(s agg.Step) { steps = append(steps, s) }})
	type sums struct{ n, done, hours int64 }
	for _, given := range []map[string]string{{"level": "community"}, {"level": "community", "category": "noise"}, {"level": "community", "keep-default-locations": "1"}} {
		want, all, atDefault := map[string]sums{}, sums{}, int64(0)
		for _, k := range cases {
			local := k.reported.In(time.FixedZone("", 8*3600))
			if local.Hour() < 18 || given["category"] != "" && k.category != given["category"] {
				continue
			}
			if k.point == fallback {
				if atDefault++; given["keep-default-locations"] == "" {
					continue
				}
			}
			one := sums{n: 1}
			if !k.closed.IsZero() {
				one.done, one.hours = 1, int64(k.closed.Sub(k.reported)/time.Hour)
			}
			add := func(to sums) sums { return sums{to.n + one.n, to.done + one.done, to.hours + one.hours} }
			if all = add(all); len(k.community) == 6 {
				want[k.community] = add(want[k.community])
			}
		}
		layer, err := e.try(t.Context(), evenings, given)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]sums{}
		n, done, hours := byCode(t, layer, "n"), byCode(t, layer, "done"), byCode(t, layer, "hours")
		for code := range n {
			got[code] = sums{n[code], done[code], hours[code]}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%v: evenings by community are %v, want %v", given, got, want)
		}
		if whole := (sums{count(layer, "n"), count(layer, "done"), count(layer, "hours")}); whole != all {
			t.Errorf("%v: evenings in all are %v, want %v", given, whole, all)
		}
		if got := count(layer, "at_default_locations"); got != atDefault || atDefault == 0 {
			t.Errorf("%v: %d evenings at default locations, want %d", given, got, atDefault)
		}
		if len(want) != 8 || all.done == all.n {
			t.Errorf("%v: %v by community: the test says nothing", given, want)
		}
	}
	for _, s := range steps {
		if s.PushDown {
			t.Errorf("step %+v: the store is asked for what it does not have", s)
		}
	}
}

func TestDerivingAnalysesKeepThePromises(t *testing.T) {
	analysistest.Run(t, []analytics.Analysis{evenings})
}

func TestLayerOfDerives(t *testing.T) {
	cases := incidents(15, 100)
	store := storeOf(t, "UTC", cityOf(), cases, 300)
	f := &analytics.Frame{Unit: analytics.CommunitiesOf(data.CommunityArea), Key: data.ByCode{Column: "community"}}
	r := analytics.Request{Unit: f.Unit, From: start, To: start.AddDate(1, 0, 0), AsOf: start.AddDate(1, 0, 0), Zone: start.Location()}
	var want int64
	for _, k := range cases {
		if k.reported.Hour() >= 18 { // is of that zone already
			want++
		}
	}
	if got := analysistest.Item(t, analysistest.LayerOf(t, evenings, r, f, store), "n"); got != want {
		t.Errorf("%d evenings, want %d", got, want)
	}
}

func TestDerivationsThatFailSaySo(t *testing.T) {
	e, _ := shanghai(t)
	f := func(derive func(analytics.Request) []analytics.Derivation, why string) {
		t.Helper()
		broken := evenings
		broken.Derive = derive
		_, err := e.try(t.Context(), broken, map[string]string{"level": "street"})
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("error %v, want one on %q", err, why)
		}
	}
	f(func(r analytics.Request) []analytics.Derivation {
		derived := deriveEvenings(r)
		derived[0].Compute = func(data.Batch, *data.Builder) error { return errors.New("no such day") }
		return derived
	}, "add up incidents: derive columns of incidents: no such day")
	f(nil, `column "part_of_day": not found`)
}
