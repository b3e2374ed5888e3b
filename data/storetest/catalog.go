package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

func catalogs() []promise {
	return []promise{
		{"settings have defaults", settingsDefault},
		{"settings are kept", settingsKept},
		{"resolutions may change until there are facts", settingsResolutions},
		{"bad settings are refused", settingsBad},
		{"a report is kept, the last of its dataset", reportsKept},
		{"imports are kept, oldest first", importsKept},
	}
}

func putSettings(t *testing.T, s data.Store, settings data.Settings) {
	t.Helper()
	if err := s.PutSettings(context.Background(), settings); err != nil {
		t.Fatalf("PutSettings: %v", err)
	}
}

func wantSettings(t *testing.T, s data.Store, want data.Settings) {
	t.Helper()
	got, err := s.Settings(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	for _, d := range data.Datasets() {
		if diff := cmp.Diff(data.SchemaOf(d, want.Resolutions), s.Schema(d)); diff != "" {
			t.Errorf("columns of %s (-want +got):\n%s", d, diff)
		}
	}
}

func settingsDefault(t *testing.T, s data.Store) {
	wantSettings(t, s, data.Settings{Resolutions: data.DefaultResolutions()})
	before := version(t, s)
	putSettings(t, s, data.Settings{})
	wantSettings(t, s, data.Settings{Resolutions: data.DefaultResolutions()})
	if version(t, s) != before {
		t.Error("Version changed with the defaults spelled out")
	}
}

func settingsKept(t *testing.T, s data.Store) {
	want := data.Settings{Resolutions: data.DefaultResolutions(), Zone: "Asia/Shanghai"}
	putSettings(t, s, data.Settings{Zone: "Asia/Shanghai"})
	wantSettings(t, s, want)
	put(t, s, data.Incidents, fact("a"))
	want.Zone = "Europe/Zurich"
	putSettings(t, s, want)
	wantSettings(t, s, want)
	wantRows(t, s, data.Incidents, fact("a"))
}

func settingsResolutions(t *testing.T, s data.Store) {
	put(t, s, data.Incidents) // no facts
	want := data.Settings{Resolutions: []geo.Resolution{0, 5, 15}}
	putSettings(t, s, want)
	wantSettings(t, s, want)
	row := fact("a", Row{"cell_15": geo.Cell(15), "cell_0": geo.Cell(9)})
	put(t, s, data.Incidents, row)
	wantRows(t, s, data.Incidents, row)
	if err := s.PutSettings(context.Background(), data.Settings{Resolutions: []geo.Resolution{0, 5}}); err == nil {
		t.Error("resolutions changed although there are facts")
	}
	wantSettings(t, s, want)
	wantRows(t, s, data.Incidents, row)
}

func settingsBad(t *testing.T, s data.Store) {
	for name, settings := range map[string]data.Settings{
		"descending":      {Resolutions: []geo.Resolution{8, 7}},
		"twice":           {Resolutions: []geo.Resolution{8, 8}},
		"too fine":        {Resolutions: []geo.Resolution{16}},
		"an unknown zone": {Zone: "Nowhere/At_All"},
	} {
		if err := s.PutSettings(context.Background(), settings); err == nil {
			t.Errorf("%s: PutSettings gave no error", name)
		}
	}
	wantSettings(t, s, data.Settings{Resolutions: data.DefaultResolutions()})
}

func reportsKept(t *testing.T, s data.Store) {
	ctx := context.Background()
	if _, err := s.Report(ctx, data.Incidents); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("Report before any: %v, want data.ErrNotFound", err)
	}
	first := data.Report{Dataset: data.Incidents, Rows: 3, Located: 3}
	last := data.Report{
		Dataset: data.Incidents, Rows: 9, Located: 4, Outside: 3, AreaOnly: 1, Unplaced: 1,
		First: time.UnixMicro(at(1)).UTC(), Last: time.UnixMicro(at(2)).UTC(), Horizon: time.UnixMicro(at(3) + 1).UTC(),
		Rules:    []data.RuleCount{{Rule: "closed_before_reported", Title: "closed before reported", Rows: 2}},
		Unknown:  []data.UnknownCommunity{{Word: "里 <&>", Rows: 2, Unplaced: 1, Several: true}},
		PileUps:  []data.PileUp{{Lon: 116.39747312345678, Lat: 0.1, Rows: 3, Share: 1.0 / 3}},
		Defaults: []data.DefaultLocation{{PileUp: data.PileUp{Lon: 1, Lat: 2, Rows: 3}, Traits: []data.Trait{{Column: "渠道", Value: "", Share: 0.5}}, Reason: "<&>"}},
	}
	other := data.Report{Dataset: data.Resources, Rows: 1}
	for _, r := range []data.Report{first, last, other} {
		if err := s.PutReport(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []data.Report{last, other} {
		got, err := s.Report(ctx, want.Dataset)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("error %v, report (-want +got):\n%s", err, diff)
		}
	}
}

func importsKept(t *testing.T, s data.Store) {
	ctx := context.Background()
	began := time.UnixMicro(at(1)).UTC()
	one := data.Import{ID: "1f", Dataset: "incidents", Source: "hotline", File: "案件.csv", Started: began}
	two := data.Import{ID: "0e", Dataset: "resources", Source: "s", File: "x", Started: began.Add(time.Hour)}
	done := one
	done.Finished, done.Read, done.Rejected = began.Add(time.Minute), 10, 2
	done.Changes = data.Changes{Inserted: 1, Replaced: 2, Restamped: 3, Unchanged: 4, Stale: 5}
	done.Reasons = map[string]int64{"time is missing": 2}
	for _, i := range []data.Import{one, two, done} {
		if err := s.PutImport(ctx, i); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Imports(ctx)
	if diff := cmp.Diff([]data.Import{done, two}, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("error %v, imports (-want +got):\n%s", err, diff)
	}
}
