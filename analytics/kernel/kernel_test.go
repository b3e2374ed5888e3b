package kernel

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

func request(t testing.TB, r geo.Resolution, given map[string]string) analytics.Request {
	t.Helper()
	values, err := analytics.ParseValues(Analysis.Params, given)
	if err != nil {
		t.Fatal(err)
	}
	return analytics.Request{Unit: analytics.CellsOf(r), Params: values}
}

func columnOf(t *testing.T, path, name string) []string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for k, column := range rows[0] {
		for _, row := range rows[1:] {
			if column == name {
				values = append(values, row[k])
			}
		}
	}
	return values
}

func numbers(t *testing.T, texts []string) []float64 {
	t.Helper()
	values := make([]float64, len(texts))
	for i, text := range texts {
		var err error
		if values[i], err = strconv.ParseFloat(text, 64); err != nil {
			t.Fatal(err)
		}
	}
	return values
}

// TestSurfaceIsTheRecorded compares with the quartic kernel worked out in numpy, from
// the exact points to 1e-9, from their positions in cells to a few thousandths of the
// peak, and from the centres of cells to a tenth.
func TestSurfaceIsTheRecorded(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "oracles")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("there is no ../shared/oracles beside the checkout")
	}
	for _, grid := range []string{"S1_disk_suzhou_r9", "S2_irregular_islands_taipei_r8"} {
		t.Run(grid, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(folder, "coverage", grid+".json"))
			var recorded struct {
				KDE struct {
					H float64 `json:"h_m"`
				}
			}
			if err == nil {
				err = json.Unmarshal(text, &recorded)
			}
			if err != nil {
				t.Fatal(err)
			}
			f := analysistest.Cells(t, nil)
			for _, name := range columnOf(t, filepath.Join(folder, "grids", grid, "cells.csv"), "h3") {
				cell, err := geo.ParseCell(name)
				if err != nil {
					t.Fatal(err)
				}
				f.Cells = append(f.Cells, cell)
			}
			res := f.Cells[0].Resolution()
			f.Unit = analytics.CellsOf(res)
			lat, lon := numbers(t, columnOf(t, filepath.Join(folder, "coverage", grid+"_points.csv"), "lat")), numbers(t, columnOf(t, filepath.Join(folder, "coverage", grid+"_points.csv"), "lng"))
			var exact, squares, centres []point
			for i := range lat {
				cell := geo.CellsAt(nil, lon[i:i+1], lat[i:i+1], res)[0]
				s, p := geo.SpotAt(lon[i], lat[i]), planeAt(cell)
				exact, squares = append(exact, point{s, 1}), append(squares, point{p.middle(p.square(s)), 1})
				centres = append(centres, point{p.centre, 1})
			}
			h := geo.Metres(recorded.KDE.H)
			want := numbers(t, columnOf(t, filepath.Join(folder, "coverage", grid+"_kde_quartic.csv"), "kde_per_km2"))
			peak := 0.0
			for _, w := range want {
				peak = max(peak, w)
			}
			for _, c := range []struct {
				points    []point
				tolerance float64
			}{{exact, 1e-9}, {squares, 0.005}, {centres, 0.1}} {
				s, err := draw(t.Context(), request(t, res, nil), f, c.points, h)
				if err != nil {
					t.Fatal(err)
				}
				worst := 0.0
				for i, got := range s.perKm2 {
					worst = max(worst, math.Abs(got-want[i])/peak)
				}
				if worst > c.tolerance {
					t.Errorf("off by %.2g of the peak", worst)
				}
				t.Logf("off by %.2g of the peak", worst)
			}
		})
	}
}

// TestSurfaceIsTheSum compares with the sum over all reports, by the haversine formula.
func TestSurfaceIsTheSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	f := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(7))
	at := f.Cells[f.Len()/2].Centre()
	var points []point
	var places [][2]float64
	for range 80 {
		p := [2]float64{at[0] + 0.02*rng.NormFloat64(), at[1] + 0.02*rng.NormFloat64()}
		places = append(places, p)
		points = append(points, point{geo.SpotAt(p[0], p[1]), int64(1 + rng.IntN(3))})
	}
	const h = 900.0
	s, err := draw(t.Context(), request(t, 9, nil), f, points, h)
	if err != nil {
		t.Fatal(err)
	}
	for row, cell := range f.Cells {
		want := 0.0
		for i, p := range places {
			if d := float64(geo.Distance(cell.Centre(), p)); d < h {
				u := 1 - d*d/(h*h)
				want += float64(points[i].n) * 3 / (math.Pi * h * h) * u * u * 1e6
			}
		}
		if math.Abs(s.perKm2[row]-want) > 1e-9*(1+want) {
			t.Errorf("row %d: %v per km², want %v", row, s.perKm2[row], want)
		}
	}
}

// TestPositionsAreClose: the middle of a report's square is at most 0.71 squares away,
// in every cell, at the corners of the icosahedron too.
func TestPositionsAreClose(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for k := range 20_000 {
		r := geo.Resolution(5 + k%8)
		lon, lat := 360*rng.Float64()-180, math.Asin(2*rng.Float64()-1)*180/math.Pi
		if k%3 == 0 {
			at := geo.Pentagons(r)[k%12].Centre()
			lon, lat = at[0]+0.01*rng.NormFloat64(), at[1]+0.01*rng.NormFloat64()
		}
		cell := geo.CellsAt(nil, []float64{lon}, []float64{lat}, r)[0]
		if cell == geo.NoCell {
			continue
		}
		p, s := planeAt(cell), geo.SpotAt(lon, lat)
		square := p.square(s)
		step := 3 * geo.EdgeLength(r) / side
		if d := p.middle(square).Distance(s); square < 0 || square >= side*side || d > 0.7072*step {
			t.Errorf("%v, %v in %s: square %d is %v m away, one is %v wide", lon, lat, cell, square, d, step)
		}
	}
}

// town is a source of reports.
type town struct{ batch data.Batch }

// Schema implements data.Source.
func (s town) Schema(data.Dataset) []data.Column { return s.batch.Columns() }

// Scan implements data.Source.
func (s town) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) { yield(q.Filter(s.batch)) }
}

// evenly returns a disk of cells and reports at the centres of cells of two
// resolutions finer, 49 to a cell, there and a ring farther, and one without a point.
func evenly(t testing.TB, rings int) (*analytics.Frame, data.Source) {
	t.Helper()
	middle := geo.Cell(0x8931aa5085bffff)
	f := analysistest.Cells(t, middle.Disk(rings))
	b := data.NewBuilder([]data.Column{
		{Name: "reported_at", Type: data.Time, Required: true}, {Name: "lon", Type: data.Float}, {Name: "lat", Type: data.Float}, {Name: data.CellColumn(9), Type: data.Cell},
	})
	for _, cell := range middle.Disk(rings + 1) {
		children, err := cell.Children(11)
		if err != nil {
			t.Fatal(err)
		}
		for _, child := range children {
			at := child.Centre()
			b.SetInt(0, 0)
			b.SetFloat(1, at[0])
			b.SetFloat(2, at[1])
			b.SetCell(3, geo.CellsAt(nil, at[:1], at[1:], 9)[0])
		}
	}
	b.SetInt(0, 0)
	b.Missing(1)
	b.Missing(2)
	b.Missing(3)
	return f, town{b.Build()}
}

// layerOf answers a request in full.
func layerOf(t testing.TB, f *analytics.Frame, source data.Source, given map[string]string) *analytics.Layer {
	t.Helper()
	r := request(t, 9, given)
	r.From, r.To, r.AsOf = time.UnixMicro(0), time.UnixMicro(1), time.UnixMicro(1)
	rollups, err := Analysis.Plan(r, f)
	if err != nil {
		t.Fatal(err)
	}
	tallies, err := agg.Collect(t.Context(), Analysis.Facts(source, r), f, rollups, nil)
	if err != nil {
		t.Fatal(err)
	}
	layer, err := Analysis.Compute(t.Context(), r, f, tallies)
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// TestEvenReportsAreLevel: where reports lie evenly, the surface is level up to the
// limits with edge, and falls to about half there without.
func TestEvenReportsAreLevel(t *testing.T) {
	f, source := evenly(t, 12)
	level := 49 / f.SquareKm[f.Len()/2]
	for h, tolerance := range map[string]float64{"700": 0.05, "1500": 0.02} { // two widths of a cell, and four
		plain, edge := layerOf(t, f, source, map[string]string{"bandwidth": h}), layerOf(t, f, source, map[string]string{"bandwidth": h, "edge": "true"})
		without, with, inside := analysistest.Column(t, plain, "density"), analysistest.Column(t, edge, "density"), analysistest.Column(t, edge, "kernel_inside")
		lowest := 1.0
		for row := range f.Len() {
			if math.Abs(with.Floats[row]/level-1) > tolerance {
				t.Errorf("bandwidth %s, row %d: %v per km² with edge, want about %v", h, row, with.Floats[row], level)
			}
			if got := without.Floats[row] / level; math.Abs(got-inside.Floats[row]) > tolerance {
				t.Errorf("bandwidth %s, row %d: %v of the level where %v of the kernel is inside", h, row, got, inside.Floats[row])
			}
			lowest = min(lowest, without.Floats[row]/level)
		}
		if lowest < 0.35 || lowest > 0.6 {
			t.Errorf("bandwidth %s: at the limits %v of the level, want less than a half at corners", h, lowest)
		}
		in, elsewhere := analysistest.Item(t, plain, "in_rows").(int64), analysistest.Item(t, plain, "elsewhere").(int64)
		if in+elsewhere != int64(49*len(geo.Cell(0x8931aa5085bffff).Disk(13))) || elsewhere == 0 || analysistest.Item(t, plain, "without_place") != int64(1) {
			t.Errorf("%d reports in rows, %d elsewhere", in, elsewhere)
		}
	}
}

// TestBandwidthByRule works the default out from the reports themselves.
func TestBandwidthByRule(t *testing.T) {
	f, source := evenly(t, 12)
	b := source.(town).batch
	lon, lat, cells := b.Floats("lon"), b.Floats("lat"), b.Cells(data.CellColumn(9))
	var xs, ys []float64
	for i := range b.Len() - 1 {
		if _, ok := slices.BinarySearch(f.Cells, cells[i]); ok {
			xs = append(xs, lon[i]*math.Cos(lat[0]*math.Pi/180)*math.Pi/180*float64(geo.EarthRadius))
			ys = append(ys, lat[i]*math.Pi/180*float64(geo.EarthRadius))
		}
	}
	variance := func(x []float64) float64 {
		mean, sum := 0.0, 0.0
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for _, v := range x {
			sum += (v - mean) * (v - mean)
		}
		return sum / float64(len(x)-1)
	}
	want := 2.779 * math.Sqrt((variance(xs)+variance(ys))/2) * math.Pow(float64(len(xs)), -1.0/6)
	if got := analysistest.Item(t, layerOf(t, f, source, nil), "bandwidth").(float64); math.Abs(got/want-1) > 0.01 {
		t.Errorf("bandwidth %v m, want %v", got, want)
	}
	few, _ := evenly(t, 1)
	if got, want := analysistest.Item(t, layerOf(t, few, source, nil), "bandwidth").(float64), 2*float64(cellWidth(few)); got != want {
		t.Errorf("in a small area the bandwidth is %v m, want %v", got, want)
	}
}

func BenchmarkCompute(b *testing.B) {
	f, source := evenly(b, 30)
	r := request(b, 9, map[string]string{"bandwidth": "1000"})
	r.To, r.AsOf = time.UnixMicro(1), time.UnixMicro(1)
	rollups, err := Analysis.Plan(r, f)
	if err != nil {
		b.Fatal(err)
	}
	tallies, err := agg.Collect(b.Context(), Analysis.Facts(source, r), f, rollups, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Analysis.Compute(b.Context(), r, f, tallies); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(tallies[0].Total("n"))*float64(b.N)/b.Elapsed().Seconds(), "reports/s")
}
