package ogc_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGDALReadsEveryLayer lets GDAL read the service as OGC API - Features and
// copy it to a GeoPackage. Its traps: it takes types from the first ten
// features, and pages by ten.
func TestGDALReadsEveryLayer(t *testing.T) {
	for _, tool := range []string{"ogrinfo", "ogr2ogr"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (Debian: gdal-bin)", tool)
		}
	}
	server, _ := serve(t)
	run := func(name string, args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	list := run("ogrinfo", "-ro", "OAPIF:"+server.URL)
	for _, layer := range []string{"waiting", "waiting-district", "waiting-street", "waiting-responsible_unit", "communities", "communities-district", "resources"} {
		if !strings.Contains(list, ": "+layer+" ") {
			t.Errorf("ogrinfo does not list %s:\n%s", layer, list)
		}
	}
	summary := run("ogrinfo", "-ro", "-so", "OAPIF:"+server.URL, "waiting")
	for _, want := range []string{"Feature Count: 217", "share: Real", "sometimes: Real", "n: Integer", "place_name: String", "Geometry: Polygon"} {
		if !strings.Contains(summary, want) {
			t.Errorf("ogrinfo does not say %q:\n%s", want, summary)
		}
	}
	file := filepath.Join(t.TempDir(), "out.gpkg")
	run("ogr2ogr", "-f", "GPKG", file, "OAPIF:"+server.URL, "waiting", "waiting-district", "communities")
	sums := run("ogrinfo", "-ro", "-q", file, "-sql", "select count(*) as features, sum(share) as total, sum(place_name = '香港 & 深圳') as names, count(sometimes) as present from waiting")
	// Shares are 0 to 216, and a quarter more from the eleventh on.
	for name, want := range map[string]string{"features": "217", "total": "23487.75", "names": "217", "present": "186"} {
		got := regexp.MustCompile(name + ` \(\w+\) = (\S+)`).FindStringSubmatch(sums)
		if got == nil || got[1] != want {
			t.Errorf("%s is %v, want %s", name, got, want)
		}
	}
	if names := run("ogrinfo", "-ro", "-q", file, "communities"); !strings.Contains(names, "東湖區") {
		t.Errorf("Chinese is broken:\n%s", names)
	}
	hits := run("ogrinfo", "-ro", "-so", "-spat", "114.05", "22.53", "114.07", "22.55", "OAPIF:"+server.URL, "waiting")
	if strings.Contains(hits, "Feature Count: 217") || strings.Contains(hits, "Feature Count: 0") {
		t.Errorf("the box does not filter:\n%s", hits)
	}
	// What is handed on to the service, and what GDAL works out of all features itself.
	for where, want := range map[string]string{
		"n < 20": "20", "n = 7": "1", "place_name LIKE '香港%' AND share > 100": "117", "sometimes IS NULL": "31",
		"NOT (sometimes > 100)": "86", "cell = 'none'": "0", "n IN (1, 2, 500)": "2",
	} {
		if got := run("ogrinfo", "-ro", "-so", "-where", where, "OAPIF:"+server.URL, "waiting"); !strings.Contains(got, "Feature Count: "+want+"\n") {
			t.Errorf("%s: want %s features:\n%s", where, want, got)
		}
	}
	chosen := filepath.Join(t.TempDir(), "chosen.gpkg")
	run("ogr2ogr", "-f", "GPKG", chosen, "OAPIF:"+server.URL+"/collections/waiting?indicator=a.two", "waiting")
	run("ogr2ogr", "-f", "GPKG", "-update", chosen, "OAPIF:"+server.URL+"/collections/waiting-responsible_unit?indicator=a.two", "waiting-responsible_unit")
	// n is 0 to 216, twice as large for this indicator.
	for query, want := range map[string]string{
		"select sum(n) as total from waiting":                      "total (Integer) = 46872",
		`select sum(n) as total from "waiting-responsible_unit"`:   "total (Integer) = 2",
		`select count(*) as total from "waiting-responsible_unit"`: "total (Integer) = 2",
	} {
		if got := run("ogrinfo", "-ro", "-q", chosen, "-sql", query); !strings.Contains(got, want) {
			t.Errorf("%s gives %s, want %s", query, got, want)
		}
	}
}
