package sample

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
	"github.com/civgrid/civgrid/geo/crs"
)

// goldenDigest is the hash of the files of seed 1, recorded on amd64.
const goldenDigest = "56179567f85de3d8"

// city is the city of seed 1, which tests share.
var city = sync.OnceValue(func() *City { return New(1) })

// digest returns the hash of all files of a city.
func digest(c *City) string {
	h := sha256.New()
	for _, f := range c.Files() {
		h.Write([]byte(f.Name))
		h.Write(f.Bytes())
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func TestSameSeedSameBytes(t *testing.T) {
	first := digest(city())
	if second := digest(New(1)); second != first {
		t.Errorf("seed 1 made files %s, then %s", first, second)
	}
	if other := digest(New(2)); other == first {
		t.Errorf("seeds 1 and 2 both made files %s", first)
	}
	if first != goldenDigest {
		t.Errorf("seed 1 made files %s, want %s as on every machine", first, goldenDigest)
	}
}

// rows returns the rows of a CSV file by the canonical names of its columns.
func rows(t *testing.T, f File) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(f.Bytes())).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	var all []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for means, name := range f.Mapping {
			for n, column := range lines[0] {
				if column == name {
					row[means] = line[n]
				}
			}
		}
		if len(row) != len(f.Mapping) {
			t.Fatalf("%s: %d of %d mapped columns in the file", f.Name, len(row), len(f.Mapping))
		}
		all = append(all, row)
	}
	return all
}

func file(t *testing.T, c *City, name string) File {
	t.Helper()
	for _, f := range c.Files() {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no file %s", name)
	return File{}
}

func pointOf(t *testing.T, row map[string]string) orb.Point {
	t.Helper()
	lon, err1 := strconv.ParseFloat(row["lon"], 64)
	lat, err2 := strconv.ParseFloat(row["lat"], 64)
	if err1 != nil || err2 != nil {
		t.Fatalf("row %v: %v, %v", row, err1, err2)
	}
	return orb.Point{lon, lat}
}

func TestFiles(t *testing.T) {
	c := city()
	dates := regexp.MustCompile(`^(202[4-6]-\d\d-\d\d \d\d:\d\d:\d\d)?$`)
	ids := map[string]bool{}
	for _, f := range c.Files() {
		if f.Zone != Zone || f.CRS == "" || (f.Source == "") != (f.Dataset == CommunityFacts) {
			t.Errorf("%s: zone %q, CRS %q, source %q", f.Name, f.Zone, f.CRS, f.Source)
		}
		if f.Dataset != string(data.Incidents) || f.Name == "video-patrol.geojson" {
			continue
		}
		for _, row := range rows(t, f) {
			if row["id"] == "" || row["reported_at"] == "2025-13-41 07:61:00" {
				continue
			}
			ids[f.Source+" "+row["id"]] = true
			for _, column := range []string{"reported_at", "responded_at", "closed_at", "due_at", "updated_at"} {
				if !dates.MatchString(row[column]) {
					t.Fatalf("%s: %s is %q", f.Name, column, row[column])
				}
			}
		}
	}
	var features struct {
		Features []struct{ Properties map[string]any }
	}
	if err := json.Unmarshal(file(t, c, "video-patrol.geojson").Bytes(), &features); err != nil {
		t.Fatal(err)
	}
	for _, f := range features.Features {
		ids["video "+f.Properties["id"].(string)] = true
	}
	if len(ids) != 60_000 {
		t.Errorf("files have %d incidents, want 60000", len(ids))
	}
	for name, want := range map[string]int{"mayors-mailbox.csv": 2_400, "inspections.csv": 6_000, "hotline-12345.csv": 25_200 + 24} {
		if got := len(rows(t, file(t, c, name))); got != want {
			t.Errorf("%s has %d rows, want %d", name, got, want)
		}
	}
	if n := len(rows(t, file(t, c, "resources.csv"))); n < 230 || n > 290 {
		t.Errorf("%d resources, want about 250", n)
	}
}

func TestCommunityFilesAreGeoJSON(t *testing.T) {
	c := city()
	codes := 0
	for _, f := range c.Files() {
		if f.Dataset != CommunityFacts {
			continue
		}
		var features struct {
			Features []struct {
				Properties map[string]any
				Geometry   struct {
					Type        string
					Coordinates orb.MultiPolygon
				}
			}
		}
		text := regexp.MustCompile(`null`).ReplaceAll(f.Bytes(), []byte(`""`))
		if err := json.Unmarshal(text, &features); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		for _, feature := range features.Features {
			if want := c.all[codes]; feature.Properties["code"] != want.Code || !orb.Equal(feature.Geometry.Coordinates, want.Outline) {
				t.Fatalf("%s: feature %s differs from the community %s", f.Name, feature.Properties["code"], want.Code)
			}
			codes++
		}
	}
	if codes != len(c.all) {
		t.Errorf("files have %d communities, want %d", codes, len(c.all))
	}
}

func TestPatrolIsShifted(t *testing.T) {
	c := city()
	for n, row := range rows(t, file(t, c, "patrol-app.csv")) {
		given := pointOf(t, row)
		p, err := crs.ToWGS84(crs.GCJ02, given)
		if err != nil {
			t.Fatal(err)
		}
		if d := geo.Distance(p, c.incidents[patrol][n].at); d > 0.2 {
			t.Fatalf("row %d is %v m from where it happened", n, d)
		}
		if d := geo.Distance(p, given); d < 200 || d > 900 {
			t.Fatalf("row %d is shifted by %v m, want some hundreds", n, d)
		}
	}
}

func TestNothingHappensInTheRiver(t *testing.T) {
	c := city()
	river, err := geo.NewRegion(c.River())
	if err != nil {
		t.Fatal(err)
	}
	for n, cases := range c.incidents {
		for _, in := range cases {
			if river.Contains(in.at) {
				t.Fatalf("source %d: case %s is in the river at %v", n, in.id, in.at)
			}
		}
	}
	for _, r := range c.resources {
		if river.Contains(r.at) {
			t.Errorf("resource %s is in the river at %v", r.id, r.at)
		}
	}
}

func TestCasesLieInTheirUnitGrid(t *testing.T) {
	c := city()
	regions := map[int32]*geo.Region{}
	for n, cases := range c.incidents {
		for _, in := range cases {
			if in.unit < 0 {
				continue
			}
			if regions[in.unit] == nil {
				region, err := geo.NewRegion(c.all[in.unit].Outline)
				if err != nil {
					t.Fatal(err)
				}
				regions[in.unit] = region
			}
			if !regions[in.unit].Contains(in.at) {
				t.Fatalf("source %d: case %s at %v is not in unit grid %s", n, in.id, in.at, c.all[in.unit].Code)
			}
		}
	}
}

func TestDiceAreFair(t *testing.T) {
	d := newDice(7, 7)
	var sum, squares float64
	var sides [6]int
	const n = 60_000
	for range n {
		x := d.normal()
		sum += x
		squares += x * x
		sides[d.below(6)]++
	}
	if mean, variance := sum/n, squares/n; math.Abs(mean) > 0.02 || math.Abs(variance-1) > 0.02 {
		t.Errorf("normal numbers have mean %v and variance %v, want 0 and 1", mean, variance)
	}
	for side, count := range sides {
		if math.Abs(float64(count)-n/6) > 400 {
			t.Errorf("side %d came %d times of %d", side, count, n)
		}
	}
	if chosen := d.choose(5, 5); len(chosen) != 5 || chosen[0]+chosen[1]+chosen[2]+chosen[3]+chosen[4] != 10 {
		t.Errorf("choose(5, 5) = %v, want all of 0 to 4", chosen)
	}
}

func BenchmarkCity(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		c := New(1)
		for _, f := range c.Files() {
			b.SetBytes(int64(len(f.Bytes())))
		}
	}
}
