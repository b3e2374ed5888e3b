package targeting

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/civgrid/civgrid/geo"
)

// column reads a column of numbers from a recorded table.
func column(t *testing.T, file, name string) []float64 {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(sharedFile(t, file))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(rows[0], name)
	if at < 0 {
		t.Fatalf("%s has no column %s", file, name)
	}
	var values []float64
	for _, row := range rows[1:] {
		x, err := strconv.ParseFloat(row[at], 64)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, x)
	}
	return values
}

func near(got, want float64) bool { return math.Abs(got-want) <= 1e-9*math.Max(1, math.Abs(want)) }

// TestAccuracyEqualsTheRecorded compares with PAI and PEI worked out in Python on
// two grids.
func TestAccuracyEqualsTheRecorded(t *testing.T) {
	for _, grid := range []string{"S1_disk_suzhou_r9", "S2_irregular_islands_taipei_r8"} {
		var recorded struct {
			PAI struct {
				Rows []struct {
					Frac     float64
					K        int
					Hits     float64
					HitRate  float64 `json:"hit_rate"`
					AreaFrac float64 `json:"area_frac"`
					PAI, PEI float64
					MaxPAI   float64 `json:"max_PAI_same_k"`
				}
			}
		}
		if err := json.Unmarshal(sharedFile(t, "coverage/"+grid+".json"), &recorded); err != nil {
			t.Fatal(err)
		}
		cells := "grids/" + grid + "/cells.csv"
		scores, counts, km2 := column(t, cells, "cont"), column(t, cells, "count"), column(t, cells, "area_km2")
		// The recorded ranking is by the number itself, ours by number per area.
		for i := range scores {
			scores[i] *= km2[i]
		}
		if len(recorded.PAI.Rows) == 0 {
			t.Fatalf("%s: nothing is recorded", grid)
		}
		for _, want := range recorded.PAI.Rows {
			order := Order(scores, km2)
			k := Within(order, km2, want.Frac)
			got, best := Caught(order, k, km2, counts), Caught(Order(counts, km2), k, km2, counts)
			rate, _ := got.HitRate()
			pai, _ := got.PAI()
			most, _ := best.PAI()
			pei, ok := PEI(got, best)
			if k != want.K || got.Hits != want.Hits || !ok || !near(rate, want.HitRate) || !near(got.SquareKm/got.TotalKm, want.AreaFrac) ||
				!near(pai, want.PAI) || !near(most, want.MaxPAI) || !near(pei, want.PEI) {
				t.Errorf("%s at %v: %d cells catch %+v, PAI %v of %v, PEI %v; want %+v", grid, want.Frac, k, got, pai, most, pei, want)
			}
		}
	}
}

// TestAccuracyByHand works a case of four rows out by hand: areas 1, 1, 2 and 4,
// events 3, 0, 4 and 1.
func TestAccuracyByHand(t *testing.T) {
	km2, counts := []float64{1, 1, 2, 4}, []float64{3, 0, 4, 1}
	order := Order([]float64{1, 5, 8, 4}, km2) // densities 1, 5, 4, 1
	if want := []int32{1, 2, 0, 3}; !slices.Equal(order, want) {
		t.Fatalf("the order is %v, want %v", order, want)
	}
	f := func(share float64, k int, hits, pai float64) {
		t.Helper()
		got := Within(order, km2, share)
		caught := Caught(order, got, km2, counts)
		if index, ok := caught.PAI(); got != k || caught.Hits != hits || !ok || !near(index, pai) {
			t.Errorf("within %v: %d rows, %v hits, PAI %v; want %d, %v, %v", share, got, caught.Hits, index, k, hits, pai)
		}
	}
	f(0.01, 1, 0, 0) // one at least
	f(0.374, 1, 0, 0)
	f(0.375, 2, 4, 4.0/8/(3.0/8))
	f(0.5, 3, 7, 7.0/8/(4.0/8))
	f(1, 4, 8, 1)
	if _, ok := (Catch{TotalKm: 1, SquareKm: 1}).PAI(); ok {
		t.Error("there is a PAI without events")
	}
	if rri, ok := RRI(Catch{Hits: 6, Events: 20}, Catch{Hits: 40, Events: 100}); !ok || !near(rri, 0.75) {
		t.Errorf("RRI of 6 in 20 after 40 in 100 is %v, want 0.75", rri)
	}
	if _, ok := RRI(Catch{Hits: 1, Events: 2}, Catch{Events: 9}); ok {
		t.Error("there is an RRI where nothing was caught before")
	}
	if _, ok := PEI(Catch{Events: 1, SquareKm: 1, TotalKm: 1}, Catch{}); ok {
		t.Error("there is a PEI where nothing could be caught")
	}
}

// TestRowsWithoutAreaComeLast: whatever is said of a row that has none, it takes
// no place from others and makes no figure infinite. The area under the curve by
// hand: half of the area holds a quarter of the events, the other half another
// quarter, and the rest lie on no area.
func TestRowsWithoutAreaComeLast(t *testing.T) {
	km2, scores, counts := []float64{0, 1, 1}, []float64{9, 1, 3}, []float64{2, 1, 1}
	if got, want := Order(scores, km2), []int32{2, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
	if got, ok := AUC(scores, km2, counts); !ok || !near(got, 0.5*0.125+0.5*0.375) {
		t.Errorf("AUC is %v, want 0.25", got)
	}
}

// TestAUCIsTheChanceThatARowWithAnEventRanksHigher: for rows of equal area, the
// area under the curve is the mean over events of the share of rows below
// theirs, equal ones counting half (Mann and Whitney 1947).
func TestAUCIsTheChanceThatARowWithAnEventRanksHigher(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for range 50 {
		n := 2 + rng.IntN(40)
		scores, counts, km2 := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range scores {
			scores[i], counts[i], km2[i] = float64(rng.IntN(6)), float64(rng.IntN(3)), 0.7
		}
		counts[rng.IntN(n)]++
		var events, want float64
		for i, events1 := range counts {
			events += events1
			for j := range scores {
				switch {
				case scores[j] < scores[i]:
					want += events1
				case scores[j] == scores[i]:
					want += events1 / 2
				}
			}
		}
		want /= events * float64(n)
		if got, ok := AUC(scores, km2, counts); !ok || !near(got, want) {
			t.Errorf("AUC is %v, want %v", got, want)
		}
	}
	if _, ok := AUC([]float64{1, 2}, []float64{1, 1}, []float64{0, 0}); ok {
		t.Error("there is an AUC without events")
	}
}

// TestDensityEqualsTheRecorded compares with the quartic kernel worked out in
// Python from points.
func TestDensityEqualsTheRecorded(t *testing.T) {
	for _, grid := range []string{"S1_disk_suzhou_r9", "S2_irregular_islands_taipei_r8"} {
		var recorded struct {
			KDE struct {
				H float64 `json:"h_m"`
			}
		}
		if err := json.Unmarshal(sharedFile(t, "coverage/"+grid+".json"), &recorded); err != nil {
			t.Fatal(err)
		}
		cells, points := "grids/"+grid+"/cells.csv", "coverage/"+grid+"_points.csv"
		lat, lon := column(t, cells, "lat"), column(t, cells, "lng")
		area := &Area{SquareKm: column(t, cells, "area_km2")}
		for i := range lat {
			area.Centres = append(area.Centres, [2]float64{lon[i], lat[i]})
		}
		r := Density(area, metresOf(recorded.KDE.H))
		pointLat, pointLon := column(t, points, "lat"), column(t, points, "lng")
		for i := range pointLat { // a few at a time, as events become known
			r.Learn([]Event{{Lon: pointLon[i], Lat: pointLat[i]}}, i)
		}
		got := make([]float64, len(lat))
		r.Score(got)
		for i, want := range column(t, "coverage/"+grid+"_kde_quartic.csv", "kde_per_km2") {
			if f := got[i] / area.SquareKm[i]; !near(f, want) {
				t.Fatalf("%s, cell %d: density %v per km², want %v", grid, i, f, want)
			}
		}
	}
}

// TestDensityMissesNoRow compares with the sum over all rows, anywhere on the
// globe: near the poles and across the antimeridian too.
func TestDensityMissesNoRow(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 1))
	for _, middle := range [][2]float64{{0, 0}, {179.9999, 20}, {-180, -52}, {30, 89.98}, {10, -89.999}} {
		area := &Area{}
		for range 60 {
			lon := middle[0] + 0.08*(rng.Float64()-0.5)/max(math.Cos(middle[1]*math.Pi/180), 1e-3)
			lon = math.Mod(lon+540, 360) - 180
			area.Centres = append(area.Centres, [2]float64{lon, min(max(middle[1]+0.04*(rng.Float64()-0.5), -90), 90)})
			area.SquareKm = append(area.SquareKm, 1)
		}
		const h = 1500
		r := Density(area, h)
		var events []Event
		for range 40 {
			c := area.Centres[rng.IntN(60)]
			events = append(events, Event{Lon: c[0], Lat: c[1] + 0.003*(rng.Float64()-0.5)})
			events[len(events)-1].Lat = min(max(events[len(events)-1].Lat, -90), 90)
		}
		r.Learn(events, 0)
		got := make([]float64, 60)
		r.Score(got)
		some := 0
		for row, c := range area.Centres {
			want := 0.0
			for _, e := range events {
				if d := float64(geo.Distance(c, [2]float64{e.Lon, e.Lat})); d < h {
					some++
					want += 3 / (math.Pi * h * h) * 1e6 * (1 - d*d/h/h) * (1 - d*d/h/h)
				}
			}
			if !near(got[row], want) {
				t.Errorf("around %v, row %d: %v, want %v", middle, row, got[row], want)
			}
		}
		if some < 100 {
			t.Errorf("around %v only %d pairs are near", middle, some)
		}
	}
}
