package scan

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics/stats"
)

// recorded returns a file of the results kept beside the checkout or, for those
// that are ours, in testdata.
func recorded(t *testing.T, where string, path ...string) string {
	t.Helper()
	root := filepath.Join("..", "testdata")
	if where == "shared" {
		root = filepath.Join("..", "..", "..", "..", "shared", "oracles")
	}
	name := filepath.Join(append([]string{root}, path...)...)
	if _, err := os.Stat(name); err != nil {
		t.Skipf("no %s in %s", filepath.Join(path...), where)
	}
	return name
}

func each(t *testing.T, test func(t *testing.T, where string)) {
	for _, where := range []string{"testdata", "shared"} {
		t.Run(where, func(t *testing.T) { test(t, where) })
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// readColumns reads a CSV file of numbers by column.
func readColumns(t *testing.T, path string) map[string][]float64 {
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
	columns := map[string][]float64{}
	for _, row := range rows[1:] {
		for k, name := range rows[0] {
			v, err := strconv.ParseFloat(row[k], 64)
			if err != nil {
				v = math.NaN() // an index in hexadecimal, say
			}
			columns[name] = append(columns[name], v)
		}
	}
	return columns
}

func whole(column []float64) []int64 {
	list := make([]int64, len(column))
	for i, v := range column {
		list[i] = int64(v)
	}
	return list
}

// disksOf returns the disks of a recorded study area.
func disksOf(t *testing.T, where, name string, radius int) *Zones {
	t.Helper()
	cells := len(readColumns(t, recorded(t, where, "grids", name, "cells.csv"))["i"])
	edges := readColumns(t, recorded(t, where, "grids", name, "edges.csv"))
	var within []stats.Weights
	for r := 1; r <= radius; r++ {
		lists := make([][]int32, cells)
		for e, ring := range edges["ring"] {
			if ring <= float64(r) {
				lists[int(edges["i"][e])] = append(lists[int(edges["i"][e])], int32(edges["j"][e]))
			}
		}
		w, err := stats.NeighbourLists(lists)
		if err != nil {
			t.Fatal(err)
		}
		within = append(within, w)
	}
	zones, err := Disks(cells, within...)
	if err != nil {
		t.Fatal(err)
	}
	return zones
}

func near(t *testing.T, got, want, tolerance float64, what string, args ...any) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
		t.Errorf(what+": got %.12g, want %.12g", append(args, got, want)...)
	}
}

type recordedScan struct {
	PoissonClusters   []recordedCluster             `json:"poisson_clusters_nonoverlap"`
	BernoulliClusters []recordedCluster             `json:"bernoulli_clusters_nonoverlap"`
	Quantiles         map[string]map[string]float64 `json:"mc_max_llr_quantiles"`
	Zones             int                           `json:"n_zones"`
	Capped            int                           `json:"n_zones_after_pop_cap"`
}

type recordedCluster struct {
	Center, Radius int32
	LLR, C, Mu     float64
	Cells          []int32
	P              float64 `json:"p_mc4999"`
}

// TestZonesAndRatios compares every zone with the recorded list: which there are,
// what they hold, and their ratios, which equal those of smerc 1.8.4.
func TestZonesAndRatios(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		for _, name := range []string{"S1_disk_suzhou_r9", "S2_irregular_islands_taipei_r8", "S3_pentagon_r4"} {
			t.Run(name, func(t *testing.T) {
				want := readColumns(t, recorded(t, where, "scan", name+"_zones.csv"))
				cells := readColumns(t, recorded(t, where, "grids", name, "cells.csv"))
				zones := disksOf(t, where, name, 3)
				if zones.Len() != len(want["center"]) {
					t.Fatalf("%d zones, want %d", zones.Len(), len(want["center"]))
				}
				events, people := zones.sums(cells["events"]), zones.sums(cells["pop"])
				total, all := 0.0, 0.0
				for i, v := range cells["events"] {
					total, all = total+v, all+cells["pop"][i]
				}
				for i := range zones.Len() {
					centre, radius := zones.Centre(i)
					if float64(centre) != want["center"][i] || float64(radius) != want["radius"][i] || float64(len(zones.Cells(i))) != want["n_cells"][i] {
						t.Fatalf("zone %d: centre %d, radius %d, %d cells; want %v, %v, %v", i, centre, radius, len(zones.Cells(i)), want["center"][i], want["radius"][i], want["n_cells"][i])
					}
					mu := total * people[i] / all
					near(t, events[i], want["c"][i], 1e-12, "zone %d: events", i)
					near(t, mu, want["mu"][i], 1e-12, "zone %d: expected", i)
					high, low, cases := 0.0, 0.0, 0.0
					if 2*people[i] > all {
						continue // recorded as 0: a zone of more than half the population is not looked at
					}
					if events[i] > mu {
						high, cases = PoissonRatio(events[i], mu, total), BernoulliRatio(events[i], people[i], total, all)
					} else if events[i] < mu {
						low = PoissonRatio(events[i], mu, total)
					}
					near(t, high, want["llr_poisson_high"][i], 1e-8, "zone %d: Poisson ratio", i)
					near(t, low, want["llr_poisson_low"][i], 1e-8, "zone %d: Poisson ratio of too few", i)
					near(t, cases, want["llr_bernoulli_high"][i], 1e-8, "zone %d: Bernoulli ratio", i)
				}
			})
		}
	})
}

// TestClusters compares clusters, their p-values and the distribution of the
// largest ratio with 4,999 simulations of another program.
func TestClusters(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		for _, name := range []string{"S1_disk_suzhou_r9", "S2_irregular_islands_taipei_r8", "S3_pentagon_r4"} {
			t.Run(name, func(t *testing.T) {
				if where == "shared" && testing.Short() {
					t.Skip("takes long")
				}
				var want recordedScan
				readJSON(t, recorded(t, where, "scan", name+".json"), &want)
				cells := readColumns(t, recorded(t, where, "grids", name, "cells.csv"))
				zones, err := disksOf(t, where, name, 3).Capped(cells["pop"], 0.5)
				if err != nil {
					t.Fatal(err)
				}
				if zones.Len() != want.Capped {
					t.Errorf("%d zones of at most half the population, want %d", zones.Len(), want.Capped)
				}
				o := Options{Simulations: 4999, Seed: 1}
				poisson, err := Poisson(t.Context(), zones, whole(cells["events"]), cells["pop"], o)
				if err != nil {
					t.Fatal(err)
				}
				compareClusters(t, poisson, want.PoissonClusters, want.Quantiles["poisson"], "Poisson")
				bernoulli, err := Bernoulli(t.Context(), zones, whole(cells["events"]), whole(cells["pop"]), o)
				if err != nil {
					t.Fatal(err)
				}
				compareClusters(t, bernoulli, want.BernoulliClusters, want.Quantiles["bernoulli"], "Bernoulli")
			})
		}
	})
}

func compareClusters(t *testing.T, got Result, want []recordedCluster, quantiles map[string]float64, what string) {
	t.Helper()
	if len(want) == 0 || len(got.Clusters) < len(want) {
		t.Fatalf("%s: %d clusters, want at least %d", what, len(got.Clusters), len(want))
	}
	for i, w := range want {
		c := got.Clusters[i]
		cells := slices.Clone(c.Cells)
		slices.Sort(cells)
		if d := cmp.Diff(w.Cells, cells); d != "" || c.Centre != w.Center || c.Radius != w.Radius {
			t.Errorf("%s cluster %d: centre %d, radius %d; want %d, %d; cells (-want +got):\n%s", what, i, c.Centre, c.Radius, w.Center, w.Radius, d)
		}
		near(t, c.Ratio, w.LLR, 1e-8, "%s cluster %d: ratio", what, i)
		near(t, float64(c.Observed), w.C, 0, "%s cluster %d: observed", what, i)
		near(t, c.Expected, w.Mu, 1e-9, "%s cluster %d: expected", what, i)
		// Two runs of P simulations differ by the error of both.
		if sigma := math.Sqrt(2 * w.P * (1 - w.P) / 4999); math.Abs(c.P-w.P) > 5*sigma+1.0/4999 {
			t.Errorf("%s cluster %d: p = %v, want about %v", what, i, c.P, w.P)
		}
	}
	for q, tolerance := range map[string]float64{"0.95": 0.03, "0.99": 0.06} {
		p, err := strconv.ParseFloat(q, 64)
		if err != nil {
			t.Fatal(err)
		}
		near(t, got.Largest[int(p*float64(len(got.Largest)))]/quantiles[q], 1, tolerance, "%s: quantile %s of the largest ratio, relative", what, q)
	}
}

type spaceTime struct {
	Top []struct {
		Center, Radius int32
		Start, End     int
		C, Mu, LLR     float64
	}
	P        float64 `json:"mc199_p"`
	Quantile float64 `json:"mc199_max_llr_quantile_.95"`
}

// TestSpaceTime compares the best cylinders of four scans with another program.
func TestSpaceTime(t *testing.T) {
	each(t, func(t *testing.T, where string) {
		for name, file := range map[string]string{"S3_pentagon_r4": "S3_pentagon_r4_T12", "S2_irregular_islands_taipei_r8": "S2_irregular_islands_taipei_r8_T10"} {
			t.Run(name, func(t *testing.T) {
				var want map[string]json.RawMessage
				readJSON(t, recorded(t, where, "cubes", file+"_stscan.json"), &want)
				counts := readColumns(t, recorded(t, where, "cubes", file+".csv"))
				zones := disksOf(t, where, name, 2)
				steps := len(counts["t"]) / zones.cells
				cube := Cube{Events: make([]int64, len(counts["t"])), Steps: steps}
				for i, n := range counts["count"] {
					cube.Events[int(counts["i"][i])*steps+int(counts["t"][i])] = int64(n)
				}
				people := readColumns(t, recorded(t, where, "grids", name, "cells.csv"))["pop"]
				for model, population := range map[string][]float64{"poisson": people, "space_time_permutation": nil} {
					for span, prospective := range map[string]bool{"retrospective": false, "prospective": true} {
						cube.Prospective = prospective
						var recorded spaceTime
						if err := json.Unmarshal(want[model+"_"+span], &recorded); err != nil {
							t.Fatal(err)
						}
						compareCylinders(t, zones, cube, population, recorded, model+" "+span)
					}
				}
			})
		}
	})
}

func compareCylinders(t *testing.T, zones *Zones, cube Cube, population []float64, want spaceTime, what string) {
	t.Helper()
	m, err := newModel(zones, cube.Steps, &cube, cube.Events, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if population == nil {
		err = m.byPermutation(cube.Events)
	} else {
		err = m.byPopulation(population)
	}
	if err != nil {
		t.Fatal(err)
	}
	var list []candidate // of every zone all spans
	m.each(m.vectors(m.events, nil), func(zone, span int, c int64, ratio float64) {
		if ratio > 0 {
			list = append(list, candidate{int32(zone), int32(span), c, ratio})
		}
	})
	sort.SliceStable(list, func(i, j int) bool { return list[i].ratio > list[j].ratio })
	if best := m.candidates(); len(best) == 0 || best[0] != list[0] {
		t.Errorf("%s: the best candidate is not the best of all", what)
	}
	if len(want.Top) == 0 {
		t.Fatalf("%s: nothing recorded", what)
	}
	for i, w := range want.Top {
		c := m.cluster(list[i])
		near(t, c.Ratio, w.LLR, 1e-8, "%s %d: ratio", what, i)
		if c.Centre != w.Center || c.Radius != w.Radius || c.First != w.Start || c.Last != w.End || float64(c.Observed) != w.C {
			t.Errorf("%s %d: %+v, want %+v", what, i, c, w)
		}
		near(t, c.Expected, w.Mu, 1e-9, "%s %d: expected", what, i)
	}
	if want.Quantile == 0 {
		return
	}
	r, err := SpaceTime(t.Context(), zones, cube, population, Options{Simulations: 199})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(r.Clusters[0].P-want.P) > 0.03 {
		t.Errorf("%s: p = %v, want about %v", what, r.Clusters[0].P, want.P)
	}
	near(t, r.Largest[189]/want.Quantile, 1, 0.2, "%s: 95 %% of 199 largest ratios, relative", what)
}

// TestLeukaemiaInNewYork reproduces the clusters of Turnbull et al. (1990), as
// smerc 1.8.4 has them, with p from 9,999 simulations.
func TestLeukaemiaInNewYork(t *testing.T) {
	for folder, share := range map[string]float64{"ny_leukemia_scan_ub50": 0.5, "ny_leukemia_scan_ub10": 0.1} {
		t.Run(folder, func(t *testing.T) {
			data := readColumns(t, recorded(t, "shared", "published", folder, "data.csv"))
			var want map[string]json.RawMessage
			readJSON(t, recorded(t, "shared", "published", folder, "scan.json"), &want)
			n := len(data["i"])
			order := make([][]int32, n)
			for i := range order {
				for j := range n {
					order[i] = append(order[i], int32(j))
				}
				apart := func(j int32) float64 {
					return math.Hypot(data["x"][j]-data["x"][i], data["y"][j]-data["y"][i])
				}
				slices.SortStableFunc(order[i], func(a, b int32) int {
					switch da, db := apart(a), apart(b); {
					case da < db:
						return -1
					case da > db:
						return 1
					}
					return 0
				})
			}
			zones, err := Nearest(order)
			if err != nil {
				t.Fatal(err)
			}
			if zones, err = zones.Capped(data["pop"], share); err != nil {
				t.Fatal(err)
			}
			o := Options{Simulations: 9999}
			if os.Getenv("CIVGRID_TEST_LONG") == "" {
				o.Simulations = 999
			}
			for model, scan := range map[string]func() (Result, error){
				"poisson": func() (Result, error) { return Poisson(t.Context(), zones, whole(data["cases"]), data["pop"], o) },
				"binomial": func() (Result, error) {
					return Bernoulli(t.Context(), zones, whole(data["cases"]), whole(data["pop"]), o)
				},
			} {
				var clusters []struct {
					Locids                   []int32 `json:"locids0"`
					Cases, Expected, RR, LLR float64
					P                        float64 `json:"p_mc9999"`
				}
				if err := json.Unmarshal(want[model], &clusters); err != nil {
					t.Fatal(err)
				}
				got, err := scan()
				if err != nil {
					t.Fatal(err)
				}
				for i, w := range clusters {
					c := got.Clusters[i]
					near(t, c.Ratio, w.LLR, 1e-8, "%s %d: ratio", model, i)
					near(t, float64(c.Observed), w.Cases, 0, "%s %d: cases", model, i)
					near(t, c.Expected, w.Expected, 1e-9, "%s %d: expected", model, i)
					near(t, c.RelativeRisk, w.RR, 1e-9, "%s %d: relative risk", model, i)
					if sigma := math.Sqrt(2 * max(w.P, 1e-4) / float64(o.Simulations)); math.Abs(c.P-w.P) > 5*sigma+1/float64(o.Simulations) {
						t.Errorf("%s %d: p = %v, want about %v", model, i, c.P, w.P)
					}
					if i == 0 {
						t.Logf("%s: %d tracts, %d cases, %.2f expected, ratio %.4f, p %.4f (approximately %.5f)", model, len(c.Cells), c.Observed, c.Expected, c.Ratio, c.P, c.Approximate)
						a, b := slices.Clone(c.Cells), slices.Clone(w.Locids)
						slices.Sort(a)
						slices.Sort(b)
						if d := cmp.Diff(b, a); d != "" {
							t.Errorf("%s: tracts (-want +got):\n%s", model, d)
						}
					}
				}
			}
		})
	}
}

// lattice returns the disks of a square of cells with four neighbours each, by
// steps.
func lattice(t testing.TB, side, radius int) *Zones {
	t.Helper()
	var within []stats.Weights
	for r := 1; r <= radius; r++ {
		lists := make([][]int32, side*side)
		for i := range lists {
			for j := range lists {
				apart := math.Abs(float64(i%side-j%side)) + math.Abs(float64(i/side-j/side))
				if i != j && apart <= float64(r) {
					lists[i] = append(lists[i], int32(j))
				}
			}
		}
		w, err := stats.NeighbourLists(lists)
		if err != nil {
			t.Fatal(err)
		}
		within = append(within, w)
	}
	zones, err := Disks(side*side, within...)
	if err != nil {
		t.Fatal(err)
	}
	return zones
}

// TestZonesAreDistinctSets compares with all disks, sorted and without repeats.
func TestZonesAreDistinctSets(t *testing.T) {
	const side, radius = 5, 4
	zones := lattice(t, side, radius)
	seen := map[string]int{}
	for i := range zones.Len() {
		cells := slices.Clone(zones.Cells(i))
		slices.Sort(cells)
		key, err := json.Marshal(cells)
		if err != nil {
			t.Fatal(err)
		}
		seen[string(key)]++
	}
	want := map[string]bool{}
	for centre := range side * side {
		for r := range radius + 1 {
			var cells []int
			for j := range side * side {
				if math.Abs(float64(centre%side-j%side))+math.Abs(float64(centre/side-j/side)) <= float64(r) {
					cells = append(cells, j)
				}
			}
			key, err := json.Marshal(cells)
			if err != nil {
				t.Fatal(err)
			}
			want[string(key)] = true
			if seen[string(key)] != 1 {
				t.Errorf("disk of radius %d round %d is there %d times", r, centre, seen[string(key)])
			}
		}
	}
	if len(want) != zones.Len() {
		t.Errorf("%d zones, want %d", zones.Len(), len(want))
	}
}

// TestLargestIsTheLargest holds the bound that saves logarithms against all ratios.
func TestLargestIsTheLargest(t *testing.T) {
	zones := lattice(t, 6, 2)
	for k := range 50 {
		rng := rand.New(rand.NewPCG(uint64(k), 1))
		cube := Cube{Events: make([]int64, 36*5), Steps: 5, Prospective: k%2 == 0}
		for i := range cube.Events {
			cube.Events[i] = int64(rng.IntN(3) * rng.IntN(2))
		}
		for _, low := range []bool{false, true} {
			m, err := newModel(zones, 5, &cube, cube.Events, Options{Low: low})
			if err != nil {
				t.Fatal(err)
			}
			if err := m.byPermutation(cube.Events); err != nil {
				t.Fatal(err)
			}
			vectors, want := m.vectors(m.events, nil), 0.0
			m.each(vectors, func(_, _ int, _ int64, ratio float64) { want = max(want, ratio) })
			if got := m.largest(vectors, make([]int32, m.length)); got != want {
				t.Errorf("map %d, low %v: largest ratio %v, want %v", k, low, got, want)
			}
		}
	}
}

// TestPIsUniformOnNoise scans many maps of chance: p must be as small as 0.2 on a
// fifth of them. Populations are uneven, as ratios of even ones tie, and ties are
// on the safe side.
func TestPIsUniformOnNoise(t *testing.T) {
	zones := lattice(t, 8, 2)
	const maps = 200
	below := map[string]int{}
	for k := range maps {
		rng := rand.New(rand.NewPCG(uint64(k), 2))
		people, trials := make([]float64, 64), make([]int64, 64)
		var owners []int
		for cell := range people {
			people[cell] = 1 + 2*rng.Float64()
			trials[cell] = int64(20 + rng.IntN(60))
			for range trials[cell] {
				owners = append(owners, cell)
			}
		}
		events, cases, cube := make([]int64, 64), make([]int64, 64), Cube{Events: make([]int64, 64*6), Steps: 6}
		for events150 := 0; events150 < 150; {
			at := rng.IntN(64)
			if rng.Float64()*3 > people[at] {
				continue
			}
			events150++
			events[at]++
			cube.Events[at*6+min(rng.IntN(6), rng.IntN(6))]++
		}
		for _, i := range rng.Perm(len(owners))[:150] {
			cases[owners[i]]++
		}
		for what, scan := range map[string]func(Options) (Result, error){
			"Poisson":                func(o Options) (Result, error) { return Poisson(t.Context(), zones, events, people, o) },
			"Bernoulli":              func(o Options) (Result, error) { return Bernoulli(t.Context(), zones, cases, trials, o) },
			"space-time permutation": func(o Options) (Result, error) { return SpaceTime(t.Context(), zones, cube, nil, o) },
		} {
			r, err := scan(Options{Simulations: 99, Seed: uint64(k)})
			if err != nil {
				t.Fatal(err)
			}
			if r.Clusters[0].P <= 0.2 {
				below[what]++
			}
		}
	}
	for _, what := range []string{"Poisson", "Bernoulli", "space-time permutation"} {
		t.Logf("%s: p of at most 0.2 on %d of %d maps of chance", what, below[what], maps)
		if sigma := math.Sqrt(maps * 0.2 * 0.8); math.Abs(float64(below[what])-0.2*maps) > 4*sigma {
			t.Errorf("%s: p is at most 0.2 on %d of %d maps, want %v give or take %.0f", what, below[what], maps, 0.2*maps, 4*sigma)
		}
	}
}

// TestSurgeIsFound plants a surge in the last week of a place that always reports
// much.
func TestSurgeIsFound(t *testing.T) {
	zones := lattice(t, 10, 3)
	rng := rand.New(rand.NewPCG(4, 4))
	cube := Cube{Events: make([]int64, 100*20), Steps: 20, Prospective: true}
	for i := range cube.Events {
		cube.Events[i] = int64(rng.IntN(2))
		if cell := i / 20; cell == 44 {
			cube.Events[i] += 20 // always much: no surge
		}
	}
	for _, cell := range []int{77, 76, 78, 67, 87} {
		cube.Events[cell*20+19] += 4
		cube.Events[cell*20+18] += 4
	}
	r, err := SpaceTime(t.Context(), zones, cube, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := r.Clusters[0]
	if c.P > 0.001 || c.Centre != 77 || c.Radius != 1 || c.First != 18 || c.Last != 19 {
		t.Errorf("best cluster %+v, want radius 1 round 77 in the last two steps", c)
	}
	if len(r.Clusters) > 1 && r.Clusters[1].P < 0.05 {
		t.Errorf("another cluster of p %v: %+v", r.Clusters[1].P, r.Clusters[1])
	}
}

// TestAnyNumberOfProcessors gives the same bits.
func TestAnyNumberOfProcessors(t *testing.T) {
	zones := lattice(t, 6, 2)
	cube := Cube{Events: make([]int64, 36*4), Steps: 4}
	for i := range cube.Events {
		cube.Events[i] = int64(i * i % 4)
	}
	var first Result
	for _, n := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(n)
		told := 0
		r, err := SpaceTime(t.Context(), zones, cube, nil, Options{Simulations: 50, Progress: func(done, of int) { told = done*1000 + of }})
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if told != 50*1000+50 {
			t.Errorf("progress ended at %d", told)
		}
		if first.Largest == nil {
			first = r
		}
		if d := cmp.Diff(first, r); d != "" {
			t.Errorf("with %d processors (-one +%d):\n%s", n, n, d)
		}
	}
}

// TestEnoughIsEnough ends early where chance explains the observation, at the same
// simulation for any number of processors, with about the same p; and not where it
// does not.
func TestEnoughIsEnough(t *testing.T) {
	zones := lattice(t, 8, 2)
	rng := rand.New(rand.NewPCG(6, 6))
	noise, surge := Cube{Events: make([]int64, 64*4), Steps: 4}, Cube{Events: make([]int64, 64*4), Steps: 4}
	for i := range noise.Events {
		noise.Events[i] = int64(rng.IntN(3))
		surge.Events[i] = noise.Events[i]
	}
	surge.Events[27*4+3] += 20
	all, err := SpaceTime(t.Context(), zones, noise, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, n := range []int{1, 3} {
		runtime.GOMAXPROCS(n)
		r, err := SpaceTime(t.Context(), zones, noise, nil, Options{Enough: 20})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Largest)%perRound != 0 || len(r.Largest) > 500 || math.Abs(r.Clusters[0].P-all.Clusters[0].P) > 0.15 {
			t.Errorf("%d processors: %d simulations, p %v, want a few hundred and about %v", n, len(r.Largest), r.Clusters[0].P, all.Clusters[0].P)
		}
	}
	r, err := SpaceTime(t.Context(), zones, surge, nil, Options{Enough: 20})
	if err != nil || len(r.Largest) != defaultSimulations || r.Clusters[0].P != 0.001 {
		t.Errorf("a surge: %d simulations, p %v (error %v), want all and the least there is", len(r.Largest), r.Clusters[0].P, err)
	}
}

func TestWhatCannotBeScanned(t *testing.T) {
	zones := lattice(t, 3, 1)
	nine := func(v int64) []int64 { return slices.Repeat([]int64{v}, 9) }
	people := slices.Repeat([]float64{10}, 9)
	empty := slices.Clone(people)
	empty[4] = 0
	var value *stats.ValueError
	if _, err := Poisson(t.Context(), zones, nine(-1), people, Options{}); !errors.As(err, &value) {
		t.Errorf("negative events: %v", err)
	}
	if _, err := Poisson(t.Context(), zones, nine(1), empty, Options{}); !errors.As(err, &value) || value.Row != 4 {
		t.Errorf("events without population: %v, want row 4", err)
	}
	if _, err := Bernoulli(t.Context(), zones, nine(3), nine(2), Options{}); !errors.As(err, &value) {
		t.Errorf("more cases than trials: %v", err)
	}
	if _, err := Poisson(t.Context(), zones, nine(1)[:8], people, Options{}); !errors.Is(err, stats.ErrLength) {
		t.Errorf("eight cells of nine: %v", err)
	}
	r, err := Poisson(t.Context(), zones, nine(0), people, Options{})
	if err != nil || len(r.Clusters) > 0 {
		t.Errorf("no events: %+v, %v; want no cluster", r, err)
	}
	if _, err := Nearest([][]int32{{0, 0}}); !errors.As(err, &value) {
		t.Errorf("a cell twice: %v", err)
	}
}

func BenchmarkSpaceTimePermutation(b *testing.B) {
	zones := lattice(b, 40, 3)
	rng := rand.New(rand.NewPCG(1, 1))
	cube := Cube{Events: make([]int64, 1600*52), Steps: 52, Longest: 8, Prospective: true}
	for range 60_000 {
		cube.Events[rng.IntN(len(cube.Events))]++
	}
	for b.Loop() {
		if _, err := SpaceTime(b.Context(), zones, cube, nil, Options{Simulations: 99}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(99*float64(b.N)/b.Elapsed().Seconds(), "simulations/s")
}
