package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/cobra"
)

// TestEveryCommandAnswersBySchema runs every command that there is with --json,
// well and badly: standard output holds one object that the schema accepts, that
// says ok where the exit code is 0, and no escape code.
func TestEveryCommandAnswersBySchema(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range answerFiles {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	schema := compiled(t, answerSchema)
	ask := func(want int, args ...string) {
		t.Helper()
		args = append(args, "--json")
		code, out, told := run(t, args...)
		if code != want {
			t.Errorf("civgrid %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, out, told)
		}
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
		if err != nil {
			t.Fatalf("civgrid %s prints more or less than one object: %v\n%s", strings.Join(args, " "), err, out)
		}
		if err := schema.Validate(instance); err != nil {
			t.Errorf("civgrid %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		var said struct {
			OK    bool
			Error struct{ Code int }
		}
		if err := json.Unmarshal([]byte(out), &said); err != nil || said.OK != (code == exitOK) || said.Error.Code != code {
			t.Errorf("civgrid %s exits with %d and says %+v, %v", strings.Join(args, " "), code, said, err)
		}
		if strings.Contains(out+told, "\x1b") {
			t.Errorf("civgrid %s prints escape codes where there is no terminal", strings.Join(args, " "))
		}
	}
	asked := map[string]bool{}
	root := (&program{}).root()
	for _, a := range answersAsked {
		args := strings.Fields(a.line)
		cmd, _, err := root.Find(args)
		if err != nil {
			t.Fatalf("civgrid %s: %v", a.line, err)
		}
		asked[cmd.CommandPath()] = true
		ask(a.code, args...)
	}
	each(root, func(cmd *cobra.Command) {
		if !asked[cmd.CommandPath()] && cmd.Runnable() && !cmd.HasSubCommands() {
			t.Errorf("%s: what it answers with --json is not tested: add a line to answersAsked", cmd.CommandPath())
		}
		path := strings.Fields(cmd.CommandPath())[1:]
		ask(exitUsage, append(path, "--no-such-flag")...)
		if cmd.HasSubCommands() {
			ask(exitOK, path...)
		}
	})
}

// each calls f with a command and all below it that are meant for people.
func each(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, below := range cmd.Commands() {
		if below.IsAvailableCommand() {
			each(below, f)
		}
	}
}

func compiled(t *testing.T, text string) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("answer.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("answer.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// answersAsked are commands to run one after the other, and their exit codes.
var answersAsked = []struct {
	code int
	line string
}{
	{exitNotFound, "doctor"},
	{exitNotFound, "quality"},
	{exitOK, "version"},
	{exitOK, "schema"},
	{exitOK, "completion bash"},
	{exitUsage, "completion bsh"},
	{exitOK, "help import incidents"},
	{exitOK, "help json"},
	{exitOK, "config show"},
	{exitOK, "init town"},
	{exitOK, "init town --dry-run"},
	{exitOK, "check cases.csv --zone UTC"},
	{exitOK, "import boundaries areas.geojson --level district"},
	{exitOK, "import incidents cases.csv --zone UTC --dry-run"},
	{exitRejected, "import incidents bad.csv --zone UTC --dry-run"},
	{exitOK, "import incidents cases.csv --zone UTC"},
	{exitRejected, "import incidents bad.csv --zone UTC --rejects rejects.csv"},
	{exitOK, "import resources places.csv --zone UTC"},
	{exitOK, "import inspections visits.csv --zone UTC"},
	{exitOK, "quality"},
	{exitOK, "quality effect --res 8"},
	{exitOK, "reconcile"},
	{exitOK, "doctor --deep"},
	{exitOK, "analyze blindspot --level district"},
	{exitOK, "analyze clusters --level district --simulations 99"},
	{exitOK, "analyze compliance --level district"},
	{exitOK, "analyze coverage --level district --kind hall --reach 1000"},
	{exitOK, "analyze density --level district"},
	{exitOK, "analyze density --level district -o density.csv"},
	{exitUsage, "analyze density --level district --format csv"},
	{exitOK, "analyze emerging --level district"},
	{exitOK, "analyze execution --indicator general.cases"},
	{exitOK, "analyze hotspot --res 8"},
	{exitUsage, "analyze hotspot --res 3"},
	{exitOK, "analyze indicator --indicator general.cases --level district"},
	{exitOK, "analyze kernel --res 8"},
	{exitOK, "analyze lisa --res 8"},
	{exitOK, "analyze response --level district"},
	{exitOK, "analyze sites --kind hall --new 1 --demand reports --res 8"},
	{exitOK, "sites --kind hall --new 1 --demand reports --res 8"},
	{exitOK, "plan --start 113.901,22.601 --minutes 60"},
	{exitUsage, "plan --start 113.901,22.601 --format csv"},
	{exitUsage, "backtest --step week --last 5"},
	{exitOK, "report --indicator general.cases --level district -o report.csv"},
	{exitUsage, "report --indicator general.cases --level district"},
	{exitOK, "explain case 1 --indicator general.on_time"},
	{exitOK, "indicators list"},
	{exitOK, "indicators show general.cases"},
	{exitNotFound, "indicators show general.case"},
	{exitOK, "indicators explain general.cases"},
	{exitOK, "indicators lint"},
	{exitOK, "indicators test general.on_time"},
	{exitOK, "indicators calendars"},
	{exitOK, "indicators publish --pack general"},
	{exitOK, "numbers list"},
	{exitOK, "numbers keep first --indicator general.cases"},
	{exitOK, "numbers list"},
	{exitOK, "numbers check"},
	{exitOK, "keys create team --role reader"},
	{exitOK, "keys list"},
	{exitNotFound, "keys revoke 00000000"},
	{exitOK, "watch --once --level district --days 3 --history 20d --simulations 199"},
	{exitOK, "migrate --print-roles"},
	{exitUsage, "migrate"},
	{exitUsage, "sync"},
	{exitUsage, "serve"},
	{exitUsage, "demo"},
}

var answerFiles = map[string]string{
	"areas.geojson": `{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": "A", "name": "Alpha", "population": 1000},
 "geometry": {"type": "Polygon", "coordinates": [[[113.85, 22.55], [113.95, 22.55], [113.95, 22.65], [113.85, 22.65], [113.85, 22.55]]]}}]}`,
	"cases.csv": "id,reported_at,due_at,closed_at,lat,lon\n" +
		"0,2025-11-24 08:00,2025-11-25 08:00,2025-11-24 20:00,22.604,113.904\n" +
		"1,2026-01-05 08:00,2026-01-06 08:00,2026-01-05 20:00,22.601,113.901\n" +
		"2,2026-01-12 08:00,2026-01-13 08:00,2026-01-14 20:00,22.602,113.912\n" +
		"3,2026-01-19 08:00,2026-01-20 08:00,,22.612,113.902\n" +
		"4,2026-01-26 08:00,2026-01-27 08:00,2026-01-26 20:00,22.583,113.883\n" +
		"5,2026-02-02 08:00,2026-02-03 08:00,2026-02-02 20:00,22.603,113.903\n",
	"bad.csv":    "id,reported_at,lat,lon\n6,2026-01-05,22.601,113.901\n7,2026-01-06,22.6N,113.901\n",
	"places.csv": "id,kind,name,lat,lon\n1,hall,Hall,22.601,113.901\n",
	"visits.csv": "id,inspected_at,result,lat,lon\n1,2026-01-07 10:00,pass,22.601,113.901\n",
}
