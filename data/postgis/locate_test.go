package postgis_test

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
	"github.com/civgrid/civgrid/geo"
	"github.com/civgrid/civgrid/geo/locate"
)

// tiles returns n×n areas that tile a square of size degrees. Their borders are
// crooked lines of a number of edges that neighbours share corner by corner.
// Coordinates have the given number of decimals; codes are in no order.
func tiles(rng *rand.Rand, at orb.Point, size float64, n, edges, decimals int) []locate.Area {
	scale := math.Pow(10, float64(decimals))
	step := size / float64(n*edges)
	corners := make([][]orb.Point, n*edges+1)
	for i := range corners {
		corners[i] = make([]orb.Point, n*edges+1)
		for j := range corners[i] {
			x := at[0] + step*(float64(i)+0.6*(rng.Float64()-0.5))
			y := at[1] + step*(float64(j)+0.6*(rng.Float64()-0.5))
			corners[i][j] = orb.Point{math.Round(x*scale) / scale, math.Round(y*scale) / scale}
		}
	}
	var areas []locate.Area
	for _, k := range rng.Perm(n * n) {
		i, j := k%n*edges, k/n*edges
		var south, east, north, west orb.Ring
		for e := range edges {
			south, east = append(south, corners[i+e][j]), append(east, corners[i+edges][j+e])
			north, west = append(north, corners[i+edges-e][j+edges]), append(west, corners[i][j+edges-e])
		}
		ring := slices.Concat(south, east, north, west, south[:1])
		areas = append(areas, locate.Area{Code: fmt.Sprintf("%03d", len(areas)), Outline: orb.MultiPolygon{{ring}}})
	}
	return areas
}

// star returns a ring of n corners around a place, up to radius degrees away.
func star(rng *rand.Rand, at orb.Point, radius float64, n int) orb.Ring {
	var ring orb.Ring
	for i := range n {
		turn, r := 2*math.Pi*float64(i)/float64(n), radius*(0.7+0.3*rng.Float64())
		ring = append(ring, orb.Point{at[0] + r*math.Cos(turn), at[1] + r*math.Sin(turn)})
	}
	return append(ring, ring[0])
}

// mixed returns areas of all sorts: tiles that share borders, one of which has
// a hole that another area fills, one of two parts, and one over all.
func mixed(rng *rand.Rand, at orb.Point, size float64, decimals int) []locate.Area {
	areas := tiles(rng, at, size, 4, 7, decimals)
	middle := areas[3].Outline.Bound().Center()
	hole := star(rng, middle, size/20, 9)
	areas[3].Outline[0] = append(areas[3].Outline[0], hole)
	areas[5].Outline = append(areas[5].Outline, areas[9].Outline...)
	areas[9] = locate.Area{Code: "island", Outline: orb.MultiPolygon{{hole}}}
	centre := orb.Point{at[0] + size/2, at[1] + size/2}
	over := orb.Polygon{star(rng, centre, size*0.6, 400), star(rng, centre, size*0.3, 90)}
	areas = append(areas, locate.Area{Code: "over", Outline: orb.MultiPolygon{over}})
	return areas
}

// probes returns points that are hard to place: corners, points on edges as far
// as numbers can say, a hair beside them, and just outside what is near; and as
// many ordinary ones. Of the corners every nth is taken.
func probes(rng *rand.Rand, areas []locate.Area, nth int) (lon, lat []float64) {
	add := func(x, y float64) { lon, lat = append(lon, x), append(lat, y) }
	bound := areas[0].Outline.Bound()
	for _, a := range areas {
		bound = bound.Union(a.Outline.Bound())
		for _, polygon := range a.Outline {
			for _, ring := range polygon {
				for i := 0; i < len(ring)-1; i += nth {
					p, q, t := ring[i], ring[i+1], rng.Float64()
					x, y := p[0]+t*(q[0]-p[0]), p[1]+t*(q[1]-p[1])
					add(p[0], p[1])
					add(x, y)
					add(math.Nextafter(x, 1e9), y)
					add(x, math.Nextafter(y, -1e9))
					add(x+2e-9, y)
					add(x, y-5e-10)
				}
			}
		}
	}
	for range lon {
		add(bound.Min[0]+(rng.Float64()*1.1-0.05)*(bound.Max[0]-bound.Min[0]), bound.Min[1]+(rng.Float64()*1.1-0.05)*(bound.Max[1]-bound.Min[1]))
	}
	return lon, lat
}

// keep keeps areas as communities of a level.
func keep(t testing.TB, s *postgis.Store, level data.Level, areas []locate.Area) {
	t.Helper()
	communities := make([]data.Community, len(areas))
	for i, a := range areas {
		communities[i] = data.Community{Code: a.Code, Level: level, Outline: a.Outline}
	}
	if _, err := s.PutCommunities(t.Context(), communities); err != nil {
		t.Fatal(err)
	}
}

// expect returns where package locate finds points.
func expect(t testing.TB, areas []locate.Area, lon, lat []float64) []string {
	t.Helper()
	index, err := locate.New(areas)
	if err != nil {
		t.Fatal(err)
	}
	codes := make([]string, len(lon))
	for i, ordinal := range index.FindAll(nil, lon, lat) {
		if ordinal >= 0 {
			codes[i] = index.Code(int(ordinal))
		}
	}
	return codes
}

// agree tests that the server places points where package locate does.
func agree(t *testing.T, s *postgis.Store, level data.Level, areas []locate.Area, lon, lat []float64) {
	t.Helper()
	want := expect(t, areas, lon, lat)
	got, err := s.Locate(t.Context(), level, time.Time{}, lon, lat)
	if err != nil {
		t.Fatal(err)
	}
	wrong, outside := 0, 0
	for i := range got {
		if want[i] == "" {
			outside++
		}
		if got[i] != want[i] {
			if wrong++; wrong < 5 {
				t.Errorf("%s: point %v, %v is in %q, want %q", level, lon[i], lat[i], got[i], want[i])
			}
		}
	}
	t.Logf("%s: %d areas, %d points, %d of them outside, %d elsewhere than package locate has them", level, len(areas), len(lon), outside, wrong)
}

// agreeEverywhere tests areas of all sorts in several places, each as a level
// of its own, so that every level lies beside others.
func agreeEverywhere(t *testing.T, s *postgis.Store, nth int) {
	t.Helper()
	places := map[data.Level]orb.Point{
		data.Province: {116.4, 39.9}, data.City: {-87.7, 41.8}, data.District: {-0.1, 51.4}, // London: numbers near 0 have the finest grain
		data.Street: {-0.05, -0.05}, data.CommunityArea: {25, 78},
	}
	for _, level := range data.Levels()[:len(places)] {
		rng := rand.New(rand.NewPCG(uint64(level.Rank()), 5))
		areas := mixed(rng, places[level], 0.2, 6+level.Rank()*2)
		for i := range areas {
			areas[i].Code += " " + string(level)
		}
		keep(t, s, level, areas)
		lon, lat := probes(rng, areas, nth)
		agree(t, s, level, areas, lon, lat)
	}
}

func TestLocateEqualsPackageLocate(t *testing.T) {
	s := open(t, pgtest.Shared(t).Database(t), postgis.Options{})
	defer s.Close()
	agreeEverywhere(t, s, 1)
}

func TestLocateInOutlinesOfManyCorners(t *testing.T) {
	if testing.Short() {
		t.Skip("cuts outlines of 5,000 corners into pieces")
	}
	s := open(t, pgtest.Shared(t).Database(t), postgis.Options{})
	defer s.Close()
	rng := rand.New(rand.NewPCG(5000, 1))
	var areas []locate.Area
	for i := range 6 {
		at := orb.Point{113.5 + 0.07*float64(i%3), 22.5 + 0.07*float64(i/3)} // they overlap
		polygon := orb.Polygon{star(rng, at, 0.05, 5000), star(rng, at, 0.03, 500)}
		areas = append(areas, locate.Area{Code: fmt.Sprintf("c%02d", (i*5)%6), Outline: orb.MultiPolygon{polygon}})
	}
	for i := range areas {
		areas[i].Outline, _ = geo.Repair(areas[i].Outline)
	}
	keep(t, s, data.CommunityArea, areas)
	lon, lat := probes(rng, areas, 11)
	agree(t, s, data.CommunityArea, areas, lon, lat)
}

func TestCitusLocateEqualsPackageLocate(t *testing.T) {
	url := pgtest.StartCluster(t, 2).Database(t)
	distribute(t, url)
	s := open(t, url, postgis.Options{})
	defer s.Close()
	agreeEverywhere(t, s, 3)
}

func TestLocateAtTheEdges(t *testing.T) {
	s := open(t, pgtest.Shared(t).Database(t), postgis.Options{})
	defer s.Close()
	if codes, err := s.Locate(t.Context(), data.District, time.Time{}, []float64{1}, []float64{1}); err != nil || codes[0] != "" {
		t.Errorf("Locate in a store without communities = %q, %v, want nothing", codes, err)
	}
	box := func(west, south, east, north float64) orb.Polygon {
		return orb.Polygon{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}
	}
	areas := []locate.Area{
		{Code: "b east of the date line", Outline: orb.MultiPolygon{box(-180, -20, -179, -10)}},
		{Code: "c both sides", Outline: orb.MultiPolygon{box(179, -10, 180, 0), box(-180, -10, -179, 0)}},
		{Code: "a pole", Outline: orb.MultiPolygon{box(-180, -90, 180, -80)}},
		{Code: "\xff\x00 no text", Outline: orb.MultiPolygon{box(10, 10, 11, 11)}},
		{Code: "nowhere"},
	}
	keep(t, s, data.District, areas)
	lon := []float64{180, -180, 179.5, -179.5, 180, -180, 12, 180, 10, 10.5, math.NaN(), math.Inf(1), 540, 0, -179.5, 10.5}
	lat := []float64{-15, -15, -15, -15, -5, -10, -90, -80, 10, 10.5, 0, 0, -85, 91, -20, 10.5, 7, 7}
	agree(t, s, data.District, areas, lon, lat[:len(lon)])
	if codes, err := s.Locate(t.Context(), data.District, time.Time{}, lon, lat); err != nil || len(codes) != len(lon) {
		t.Errorf("Locate of %d longitudes and %d latitudes answers %d, %v", len(lon), len(lat), len(codes), err)
	}
	if _, err := s.Locate(t.Context(), "borough", time.Time{}, lon, lat); err == nil {
		t.Error("Locate knows the level borough")
	}
	if codes, err := s.Locate(t.Context(), data.District, time.Time{}, nil, nil); err != nil || len(codes) != 0 {
		t.Errorf("Locate of no point = %q, %v", codes, err)
	}
}

// TestLocateInTheCourseOfTime compares with what facts are stamped with.
func TestLocateInTheCourseOfTime(t *testing.T) {
	s := open(t, pgtest.Shared(t).Database(t), postgis.Options{})
	defer s.Close()
	box := func(x float64) orb.MultiPolygon {
		x /= 100
		return orb.MultiPolygon{{{{x, 0}, {x + 0.02, 0}, {x + 0.02, 0.01}, {x, 0.01}, {x, 0}}}}
	}
	day := func(n int) time.Time { return time.Date(2020, 1, n, 0, 0, 0, 0, time.UTC) }
	communities := []data.Community{
		{Code: "a", Level: data.District, Outline: box(0), ValidTo: day(10)},
		{Code: "a", Level: data.District, Outline: box(1), ValidFrom: day(10), ValidTo: day(20)},
		{Code: "a", Level: data.District, Outline: box(2), ValidFrom: day(20)},
		{Code: "b", Level: data.District, Outline: box(0), ValidFrom: day(15)},
		{Code: "c", Level: data.District, Outline: box(3), ValidFrom: day(5), ValidTo: day(6)},
		{Code: "d", Level: data.District, Outline: box(3), ValidTo: day(15)},
	}
	if _, err := s.PutCommunities(t.Context(), communities); err != nil {
		t.Fatal(err)
	}
	lon, lat := []float64{0.005, 0.015, 0.025, 0.035, 0.045, 0.055}, make([]float64, 6)
	for _, at := range []time.Time{
		{},
		day(-10000), day(5).Add(-time.Microsecond), day(5), day(6), day(9), day(10).Add(-time.Microsecond), day(10),
		day(15), day(20).Add(-time.Microsecond), day(20), day(100),
	} {
		got, err := s.Locate(t.Context(), data.District, at, lon, lat)
		if err != nil {
			t.Fatal(err)
		}
		if want := stamped(t, communities, at, lon, lat); !slices.Equal(got, want) {
			t.Errorf("at %v: %q, want %q as facts are stamped", at, got, want)
		}
	}
}

// stamped returns the communities that incidents reported at a time, or
// resources for the zero time, are stamped with.
func stamped(t *testing.T, communities []data.Community, at time.Time, lon, lat []float64) []string {
	t.Helper()
	stamper, err := ingest.NewStamper(communities, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := data.Incidents
	if at.IsZero() {
		d = data.Resources
	}
	columns := data.SchemaOf(d, data.DefaultResolutions())
	b := data.NewBuilder(columns)
	for row := range lon {
		for i, c := range columns {
			switch {
			case c.Name == "lon":
				b.SetFloat(i, lon[row])
			case c.Name == "lat":
				b.SetFloat(i, lat[row])
			case c.Name == data.EventTime(d):
				b.SetInt(i, at.UnixMicro())
			case c.Required && (c.Type == data.Text || c.Type == data.Code):
				b.SetText(i, strconv.Itoa(row))
			case c.Required:
				b.SetInt(i, 0)
			default:
				b.Missing(i)
			}
		}
	}
	batch, err := stamper.Stamp(d, b.Build())
	if err != nil {
		t.Fatal(err)
	}
	codes, found := make([]string, len(lon)), batch.Codes("community")
	for row := range codes {
		if found.Valid().At(row) {
			codes[row] = found.Words[found.Index[row]]
		}
	}
	return codes
}

// chicago is where public data of the City of Chicago may lie beside the
// repository; it is no part of it.
const chicago = "../../../shared/data/chicago/"

func openChicago(t testing.TB, name string) io.Reader {
	t.Helper()
	f, err := os.Open(chicago + name)
	if err != nil {
		t.Skipf("the public data of Chicago is not here: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	plain, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// chicagoAreas returns the community areas, and the requests to the city's 311
// that have a place.
func chicagoAreas(t testing.TB) (areas []locate.Area, lon, lat []float64) {
	t.Helper()
	text, err := io.ReadAll(openChicago(t, "chicago_community_areas_pop.geojson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	features, err := geojson.UnmarshalFeatureCollection(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range features.Features {
		a := locate.Area{Code: fmt.Sprint(f.Properties["NID"])}
		switch g := f.Geometry.(type) {
		case orb.Polygon:
			a.Outline = orb.MultiPolygon{g}
		case orb.MultiPolygon:
			a.Outline = g
		}
		areas = append(areas, a)
	}
	rows, err := csv.NewReader(openChicago(t, "chicago_311_sanitation_2011_2014.csv.gz")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	x, y := slices.Index(rows[0], "Longitude"), slices.Index(rows[0], "Latitude")
	for _, row := range rows[1:] {
		east, err1 := strconv.ParseFloat(row[x], 64)
		north, err2 := strconv.ParseFloat(row[y], 64)
		if err1 == nil && err2 == nil {
			lon, lat = append(lon, east), append(lat, north)
		}
	}
	return areas, lon, lat
}

func TestLocateChicago(t *testing.T) {
	if testing.Short() {
		t.Skip("places 280,000 points")
	}
	areas, lon, lat := chicagoAreas(t)
	s := open(t, pgtest.Shared(t).Database(t), postgis.Options{})
	defer s.Close()
	keep(t, s, data.CommunityArea, areas)
	if len(areas) != 77 || len(lon) != 74377 {
		t.Errorf("there are %d areas and %d points, want 77 and 74377", len(areas), len(lon))
	}
	agree(t, s, data.CommunityArea, areas, lon, lat)
	corners, corner := probes(rand.New(rand.NewPCG(7, 7)), areas, 3)
	agree(t, s, data.CommunityArea, areas, corners, corner)
}

// BenchmarkLocate places points in 36 communities of 5,000 corners each, by the
// pieces of the outlines, by ST_Covers on whole outlines, and without a server.
func BenchmarkLocate(b *testing.B) {
	url := pgtest.Shared(b).Database(b)
	s := open(b, url, postgis.Options{})
	defer s.Close()
	rng := rand.New(rand.NewPCG(9, 9))
	var areas []locate.Area
	for k := range 36 {
		var ring orb.Ring
		for i := range 5000 {
			turn := 2 * math.Pi * float64(i) / 5000
			r := 0.035 + 0.01*math.Sin(40*turn) + 1e-5*rng.Float64()
			ring = append(ring, orb.Point{113.5 + 0.1*float64(k%6) + r*math.Cos(turn), 22.5 + 0.1*float64(k/6) + r*math.Sin(turn)})
		}
		areas = append(areas, locate.Area{Code: fmt.Sprintf("%02d", k), Outline: orb.MultiPolygon{{append(ring, ring[0])}}})
	}
	keep(b, s, data.District, areas)
	pgtest.Shared(b).Exec(b, url, "ANALYZE civgrid.community, civgrid.community_part")
	lon, lat := make([]float64, 20_000), make([]float64, 20_000)
	for i := range lon {
		lon[i], lat[i] = 113.45+0.6*rng.Float64(), 22.45+0.6*rng.Float64()
	}
	perPoint := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(lon)), "ns/point")
	}
	b.Run("pieces", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Locate(b.Context(), data.District, time.Time{}, lon, lat); err != nil {
				b.Fatal(err)
			}
		}
		perPoint(b)
	})
	b.Run("whole", func(b *testing.B) {
		conn, err := pgx.Connect(b.Context(), url+"&options=-cjit%3Doff")
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close(b.Context())
		for b.Loop() {
			rows, err := conn.Query(b.Context(), `SELECT i, min(code) FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS u (lon, lat, i)
				JOIN civgrid.community ON ST_Covers(outline, ST_SetSRID(ST_MakePoint(lon, lat), 4326)) GROUP BY i`, lon, lat)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := pgx.CollectRows(rows, pgx.RowToMap); err != nil {
				b.Fatal(err)
			}
		}
		perPoint(b)
	})
	b.Run("geo locate", func(b *testing.B) {
		index, err := locate.New(areas)
		if err != nil {
			b.Fatal(err)
		}
		var found []int32
		for b.Loop() {
			found = index.FindAll(found[:0], lon, lat)
		}
		perPoint(b)
	})
}
