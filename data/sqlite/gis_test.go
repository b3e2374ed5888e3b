package sqlite_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/sqlite"
	"github.com/civgrid/civgrid/geo"
)

// TestOtherProgramsReadTheFile opens the store with GDAL's ogrinfo while it is
// open here.
func TestOtherProgramsReadTheFile(t *testing.T) {
	ogrinfo, err := exec.LookPath("ogrinfo")
	if err != nil {
		t.Skip("ogrinfo of GDAL is not installed")
	}
	path := filepath.Join(t.TempDir(), sqlite.DefaultName)
	s := open(t, path, sqlite.Options{})
	defer s.Close()
	_, err = s.PutCommunities(context.Background(), []data.Community{{
		Code: "110105", Level: data.District, Names: data.Names{"": "朝阳区"}, Population: 3_452_460, HasPopulation: true,
		Outline:   orb.MultiPolygon{{{{116, 39}, {117, 39}, {117, 40}, {116, 40}, {116, 39}}, {{116.5, 39.5}, {116.5, 39.6}, {116.6, 39.6}, {116.5, 39.5}}}},
		ValidFrom: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC),
	}, {Code: "nowhere", Level: data.District}})
	if err != nil {
		t.Fatal(err)
	}
	b := data.NewBuilder(s.Schema(data.Incidents))
	for i, c := range s.Schema(data.Incidents) {
		switch {
		case c.Name == "reported_at":
			b.SetInt(i, time.Date(2024, 5, 6, 7, 8, 9, 10_000_000, time.UTC).UnixMicro())
		case c.Name == "cell_9":
			b.SetCell(i, geo.Cell(0x8931aa50003ffff))
		case c.Name == "lon":
			b.SetFloat(i, 116.25)
		case c.Name == "category":
			b.SetText(i, "暴露垃圾")
		case c.Name == "address":
			b.SetText(i, "a private address")
		case c.Required:
			b.SetText(i, "some "+c.Name)
		default:
			b.Missing(i)
		}
	}
	appendRows(t, s, b.Build())

	run := func(want, never []string, args ...string) {
		t.Helper()
		out, err := exec.Command(ogrinfo, append([]string{"-ro", "--config", "OGR_SQLITE_LIST_ALL_TABLES", "NO", path}, args...)...).CombinedOutput()
		text := string(out)
		if err != nil {
			t.Fatalf("ogrinfo: %v\n%s", err, text)
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("ogrinfo %v does not say %q:\n%s", args, w, text)
			}
		}
		for _, w := range append(never, "Warning", "ERROR") {
			if strings.Contains(text, w) {
				t.Errorf("ogrinfo %v says %q:\n%s", args, w, text)
			}
		}
	}
	run([]string{"community (Multi Polygon)", "incidents (None)", "resources (None)", "inspections (None)"}, []string{"civgrid_"})
	run([]string{
		"Feature Count: 2", "Extent: (116.000000, 39.000000) - (117.000000, 40.000000)", "WGS 84", "code (String) = 110105", "name (String) = 朝阳区",
		"MULTIPOLYGON (((116 39,117 39,117 40,116 40,116 39),(116.5 39.5,116.5 39.6,116.6 39.6,116.5 39.5)))",
	}, nil, "community")
	run([]string{
		"Feature Count: 1", "= 暴露垃圾", "= 2024-05-06T07:08:09.010Z", "= 8931aa50003ffff", "= 116.25", "= some id", "responded_at (String) = (null)",
	}, []string{"a private address"}, "incidents")
}
