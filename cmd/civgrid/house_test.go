package main

import (
	"cmp"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/civgrid/civgrid/"

// rooms says which of our packages each package may import. A name ending in
// "/…" stands for a folder and everything below it. The first line whose
// package matches holds.
var rooms = []struct {
	room string
	may  []string
}{
	{"geo", nil},
	{"geo/…", []string{"geo"}},
	{"data", []string{"geo"}},
	{"data/spelling", nil},
	{"data/ingest", []string{"geo/…", "data", "data/quality", "data/spelling"}},
	{"data/segment", []string{"geo", "data"}},
	{"data/scope", []string{"data", "data/quality"}},
	{"data/follow", []string{"geo", "data", "data/segment"}},
	{"data/sqlite", []string{"geo", "data", "data/where"}},
	{"data/postgis", []string{"geo", "data", "data/spelling", "data/where"}},
	{"data/postgis/…", []string{"geo", "data", "data/where", "data/postgis/…"}},
	{"data/…", []string{"geo/…", "data", "data/spelling"}},
	{"analytics", []string{"geo", "data"}},
	{"analytics/stats", nil},
	{"analytics/stats/…", []string{"analytics/stats"}},
	{"analytics/clock", nil},
	{"analytics/engine", []string{"geo/…", "data", "data/cql2", "data/spelling", "analytics/…"}},
	{"analytics/analysistest", []string{"geo", "data", "analytics", "analytics/agg"}},
	{"analytics/agg", []string{"geo", "data", "analytics"}},
	{"analytics/…", []string{"geo", "data", "data/cql2", "data/spelling", "analytics", "analytics/stats/…", "analytics/clock", "analytics/indicator"}},
	{"api", []string{"geo", "data", "data/spelling", "analytics"}},
	{"api/auth", []string{"data", "api"}},
	{"api/page", []string{"api"}},
	{"api/docs", []string{"api", "api/page"}},
	{"api/page/pagetest", []string{"api/page"}},
	{"api/encode", []string{"geo", "geo/beidou", "data", "analytics", "api", "api/page"}},
	{"api/inspect", []string{"geo/crs", "data", "analytics", "api"}},
	{"api/report", []string{"geo", "data", "analytics", "api", "api/encode"}},
	{"api/route", []string{"geo", "data", "analytics", "api", "api/encode"}},
	{"api/style", []string{"analytics", "api"}},
	{"api/tile", []string{"geo", "analytics", "api", "api/encode"}},
	{"api/web", []string{"geo", "data", "analytics", "api", "api/encode", "api/tile"}},
	{"api/jobs", []string{"geo", "data", "data/ingest", "analytics", "analytics/engine", "api", "api/encode", "api/page"}},
	{"api/ogc", []string{"geo", "geo/crs", "data", "data/cql2", "analytics/…", "api", "api/encode", "api/page", "api/style", "api/tile", "api/web"}},
	{"api/server", []string{"geo", "data", "data/cql2", "data/ingest", "data/photos", "data/scope", "analytics/…", "api/…"}},
	{"cmd/civgrid", []string{"geo/…", "data/…", "analytics/…", "api/…"}},
}

// homes says where each library, or part of the standard library with a home,
// may be imported. Tests may import what they like.
var homes = []struct {
	library string
	rooms   []string
}{
	{"github.com/uber/h3-go", []string{"geo"}},
	{"github.com/paulmach/orb", []string{"geo/…", "data/…", "analytics/engine", "analytics/analysistest", "api/…", "cmd/civgrid"}},
	{"github.com/peterstace/simplefeatures", []string{"geo"}},
	{"github.com/apache/arrow", []string{"data/…", "api/encode"}},
	{"github.com/google/flatbuffers", []string{"api/encode"}},
	{"github.com/jackc/pgx", []string{"data/postgis/…"}},
	{"modernc.org/sqlite", []string{"data/sqlite"}},
	{"github.com/xuri/excelize", []string{"api/report"}},
	{"github.com/getkin/kin-openapi", nil},         // tests only
	{"github.com/santhosh-tekuri/jsonschema", nil}, // tests only
	{"github.com/yuin/goldmark", []string{"api/docs"}},
	{"github.com/gin-gonic/gin", []string{"api/jobs", "api/ogc", "api/server"}},
	{"gopkg.in/yaml.v3", []string{"data/ingest", "analytics/indicator"}},
	{"github.com/coreos/go-oidc", []string{"api/auth"}},
	{"github.com/klauspost/compress", []string{"api/jobs", "api/server"}},
	{"go.opentelemetry.io/otel/sdk", []string{"cmd/civgrid"}},
	{"go.opentelemetry.io/otel/exporters", []string{"cmd/civgrid"}},
	{"go.opentelemetry.io/otel", []string{"api/server", "cmd/civgrid"}},
	{"github.com/prometheus/client_golang", []string{"api/server"}},
	{"rsc.io/qr", []string{"cmd/civgrid"}},
	{"github.com/spf13/cobra", []string{"cmd/civgrid"}},
	{"github.com/knadh/koanf", []string{"cmd/civgrid"}},
	{"net/http/pprof", []string{"api/server"}},
	{"net/http", []string{"api", "api/auth", "api/jobs", "api/ogc", "api/page", "api/server", "api/web", "cmd/civgrid"}},
	{"os", []string{"data/…", "cmd/civgrid"}},
	{"C", []string{"geo"}},
}

// topLevel is the whole of it: what else is wanted belongs into one of these. What make
// build makes is in bin, which git leaves out.
var topLevel = []string{
	".ci", ".git", ".gitignore", ".golangci.yml", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
	"analytics", "api", "bin", "cmd", "data", "geo", "go.mod", "go.sum",
}

func TestHouse(t *testing.T) {
	root := filepath.Join("..", "..")
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.IsDir() && !slices.Contains(topLevel, entry.Name()) {
			t.Errorf("folder %s has no place at the top", entry.Name())
		}
	}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.Contains(path, ".ci") {
			return err
		}
		checkFile(t, root, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkFile(t *testing.T, root, path string) {
	t.Helper()
	relative, err := filepath.Rel(root, path)
	if err != nil {
		t.Fatal(err)
	}
	room := filepath.ToSlash(filepath.Dir(relative))
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Errorf("%s: %v", relative, err)
		return
	}
	test := strings.HasSuffix(path, "_test.go")
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Errorf("%s: %v", relative, err)
			continue
		}
		if why := forbidden(room, imported); why != "" && !test {
			t.Errorf("%s imports %s: %s", relative, imported, why)
		}
	}
}

// forbidden says why room may not import a package, "" if it may.
func forbidden(room, imported string) string {
	if ours, ok := strings.CutPrefix(imported, module); ok {
		for _, rule := range rooms {
			if !in(room, []string{rule.room}) {
				continue
			}
			if !in(ours, rule.may) {
				return "it may import only " + strings.Join(rule.may, ", ") + " of ours"
			}
			return ""
		}
		return "there is no such room in the house"
	}
	for _, home := range homes {
		if (imported == home.library || strings.HasPrefix(imported, home.library+"/")) && !in(room, home.rooms) {
			return "its home is " + cmp.Or(strings.Join(home.rooms, ", "), "in tests")
		}
	}
	return ""
}

// in reports whether a package is one of rooms.
func in(room string, rooms []string) bool {
	for _, r := range rooms {
		folder, below := strings.CutSuffix(r, "/…")
		if room == folder || below && strings.HasPrefix(room, folder+"/") {
			return true
		}
	}
	return false
}

// TestHouseCatches shows that the rules can be broken.
func TestHouseCatches(t *testing.T) {
	f := func(room, imported string, caught bool) {
		t.Helper()
		if got := forbidden(room, imported) != ""; got != caught {
			t.Errorf("forbidden(%q, %q) is caught: %t, want %t", room, imported, got, caught)
		}
	}
	f("geo", module+"data", true)
	f("analytics/hotspot", module+"analytics/response", true)
	f("analytics/stats", module+"geo", true)
	f("analytics/clock", module+"analytics/stats", true)
	f("analytics/hotspot", "os", true)
	f("api/encode", "net/http", true)
	f("data", "github.com/uber/h3-go/v4", true)
	f("api/ogc", "github.com/prometheus/client_golang/prometheus", true)
	f("cmd/civgrid", "net/http/pprof", true)
	f("attic", module+"geo", true)
	f("analytics/hotspot", module+"analytics/stats", false)
	f("analytics/hotspot", module+"data/cql2", false)
	f("cmd/civgrid", module+"data/sqlite", false)
}
