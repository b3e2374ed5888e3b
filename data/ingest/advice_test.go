package ingest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
)

func TestSettingsAsFlags(t *testing.T) {
	f := func(want, name string, values ...string) {
		t.Helper()
		if got := (ingest.Setting{Name: name, Values: values}).Flag(); got != want {
			t.Errorf("Flag() = %s, want %s", got, want)
		}
	}
	f("--crs gcj02", "crs", "gcj02")
	f("--zone", "zone")
	f("--map lon=x --map lat=y", "map", "lon=x", "lat=y")
	f(`--source 'the desk'\''s'`, "source", "the desk's")
}

// TestErrorsNameSettingsAsTheyAreTaken imports files that take another setting: on the
// command line errors name flags, and elsewhere what Spell is told.
func TestErrorsNameSettingsAsTheyAreTaken(t *testing.T) {
	spell := func(s ingest.Setting) string {
		return "<" + s.Name + strings.Join(append([]string{""}, s.Values...), " ") + ">"
	}
	f := func(text, flags, spelled string) {
		t.Helper()
		_, err := ingest.Import(t.Context(), memory.New(), ingest.Bytes("a.csv", []byte(text)), ingest.Options{}, nil)
		if err == nil || !strings.Contains(err.Error(), flags) {
			t.Errorf("%v, want %s", err, flags)
			return
		}
		err = fmt.Errorf("of a caller: %w", err)
		got := ingest.Spell(err, spell)
		if !strings.HasPrefix(got, "of a caller: import a.csv: ") || !strings.Contains(got, spelled) || strings.Contains(got, "--") {
			t.Errorf("spelled it is %s, want %s", got, spelled)
		}
	}
	f("id,colour\n1,red\n", "name it with --map reported_at=COLUMN", "name it with <map reported_at=COLUMN>")
	f("id,opened_at,lon\n1,2024-05-01,114\n", "the other with --map", "the other with <map>")
	f("id,opened_at,lon,lat\n"+strings.Repeat("1,2024-05-01,22.5,114.1\n", 20), "try: --map lon=… --map lat=… the", "try: <map lon=… lat=…> the")
	if got := ingest.Spell(errors.New("say --so"), spell); got != "say --so" {
		t.Errorf("an error that names no setting is spelled %s", got)
	}
}

// TestDoubtsAsJSON: a hint is a text there.
func TestDoubtsAsJSON(t *testing.T) {
	r, err := ingest.Check(t.Context(), memory.New(), ingest.Bytes("a.csv", []byte("id,opened_at\n1,2024-05-01 10:00\n")), ingest.Options{})
	if err != nil || len(r.Doubts) == 0 {
		t.Fatal(r.Doubts, err)
	}
	text, err := json.Marshal(r.Doubts[0])
	var got map[string]any
	if err != nil || json.Unmarshal(text, &got) != nil || got["hint"] != "--zone with the zone of the city, such as --zone Asia/Shanghai (--zone UTC if they are UTC)" {
		t.Errorf("%s, %v", text, err)
	}
}
