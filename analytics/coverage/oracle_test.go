package coverage

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

type recorded struct {
	Resources []struct{ Lat, Lng, Supply float64 }
	Reach     float64 `json:"dmax_m"`
	Identity  struct {
		Supply float64 `json:"sum_supply_of_reachable"`
	} `json:"identity_check"`
	MCLP struct {
		Radius     float64 `json:"radius_m"`
		Candidates []int
		Instances  []struct {
			P       int
			Optimum float64
			Choice  []int   `json:"greedy_choice"`
			Value   float64 `json:"greedy_value"`
			Bound   float64 `json:"bound_data_dependent"`
			Total   float64
		}
	}
}

// eachGrid reads the recorded results of one study area after another.
func eachGrid(t *testing.T, test func(t *testing.T, r recorded, cells, want map[string][]float64)) {
	t.Helper()
	folder := filepath.Join("..", "..", "..", "shared", "oracles")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("there is no ../shared/oracles beside the checkout")
	}
	for _, name := range []string{"S1_disk_suzhou_r9", "S2_irregular_islands_taipei_r8"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(folder, "coverage", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var r recorded
			if err := json.Unmarshal(text, &r); err != nil {
				t.Fatal(err)
			}
			test(t, r, readColumns(t, filepath.Join(folder, "grids", name, "cells.csv")), readColumns(t, filepath.Join(folder, "coverage", name+"_access.csv")))
		})
	}
}

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
				v = math.NaN() // an index in hexadecimal
			}
			columns[name] = append(columns[name], v)
		}
	}
	return columns
}

func pointsOf(cells map[string][]float64, amount string) []demand {
	points := make([]demand, len(cells["lat"]))
	for i := range points {
		points[i] = demand{geo.SpotAt(cells["lng"][i], cells["lat"][i]), cells[amount][i]}
	}
	return points
}

// TestAccessIsThatOfPysal compares nearest resources and three kinds of floating
// catchment areas with pysal/access at 541de01.
func TestAccessIsThatOfPysal(t *testing.T) {
	eachGrid(t, func(t *testing.T, r recorded, cells, want map[string][]float64) {
		var sites []geo.Spot
		s := supplies{}
		for _, x := range r.Resources {
			sites = append(sites, geo.SpotAt(x.Lng, x.Lat))
			s.amount = append(s.amount, x.Supply)
		}
		s.near = geo.NewSpots(sites)
		points := pointsOf(cells, "pop")
		worst := 0.0
		off := func(got, want float64) { worst = max(worst, math.Abs(got-want)/max(math.Abs(want), 1e-9)) }
		for i, p := range points {
			at := s.near.Nearest(p.at)
			if float64(at) != want["nearest_id"][i] {
				t.Errorf("cell %d: nearest is %d, want %v", i, at, want["nearest_id"][i])
			}
			off(float64(p.at.Distance(sites[at])), want["nearest_m"][i])
		}
		reached := 0.0
		for column, decay := range map[string]Decay{"acc_2sfca": NoDecay, "acc_e2sfca_steps": Steps, "acc_gauss": Gaussian} {
			offered, err := access(t.Context(), points, s, r.Reach, decay)
			if err != nil {
				t.Fatal(err)
			}
			for i, a := range offered {
				off(a, want[column][i])
				if decay == NoDecay {
					reached += a * points[i].amount
				}
			}
		}
		if worst > 1e-9 {
			t.Errorf("distances or access are off by %.2g", worst)
		}
		if math.Abs(reached-r.Identity.Supply) > 1e-6 {
			t.Errorf("access times demand adds up to %v, want the supply reached, %v", reached, r.Identity.Supply)
		}
		t.Logf("off by %.2g at most", worst)
	})
}

// TestCoveringIsThatOfCBC compares greedy choices, what they cover and the bound
// with the optimum that CBC 2.10.8 found.
func TestCoveringIsThatOfCBC(t *testing.T) {
	eachGrid(t, func(t *testing.T, r recorded, cells, _ map[string][]float64) {
		points := pointsOf(cells, "count")
		amount, places := make([]float64, len(points)), make([]geo.Spot, len(points))
		for i, p := range points {
			amount[i], places[i] = p.amount, p.at
		}
		tree := geo.NewSpots(places)
		covers := make([][]int32, len(r.MCLP.Candidates))
		for k, cell := range r.MCLP.Candidates {
			tree.Within(places[cell], geo.Metres(r.MCLP.Radius), func(i int32) { covers[k] = append(covers[k], i) })
		}
		for _, want := range r.MCLP.Instances {
			got := covering(t, amount, covers, want.P)
			last := got.Choices[len(got.Choices)-1]
			if last.Covered != want.Value || math.Abs(got.Bound-min(want.Bound, want.Total)) > 1e-9 || got.Total != want.Total {
				t.Errorf("%d sites cover %v of %v, bound %v; want %v of %v, %v", want.P, last.Covered, got.Total, got.Bound, want.Value, want.Total, want.Bound)
			}
			for k, c := range got.Choices {
				if r.MCLP.Candidates[c.Candidate] != want.Choice[k] {
					t.Errorf("%d sites: choice %d is %d, want %d", want.P, k, r.MCLP.Candidates[c.Candidate], want.Choice[k])
				}
			}
			if last.Covered > want.Optimum || want.Optimum > got.Bound {
				t.Errorf("%d sites: covered %v, optimum %v, bound %v do not ascend", want.P, last.Covered, want.Optimum, got.Bound)
			}
		}
	})
}

// TestCoveringAgainstEnumeration holds the bound, and the share of the optimum that
// greedy choices never miss, against all choices there are.
func TestCoveringAgainstEnumeration(t *testing.T) {
	for k := range 200 {
		rng := rand.New(rand.NewPCG(uint64(k), 1))
		amount, covers := make([]float64, 12), make([][]int32, 8)
		for i := range amount {
			amount[i] = float64(rng.IntN(10))
		}
		for c := range covers {
			for i := range amount {
				if rng.IntN(3) == 0 {
					covers[c] = append(covers[c], int32(i))
				}
			}
		}
		const n = 3
		best := 0.0
		for set := range 1 << len(covers) {
			sum, size, seen := 0.0, 0, map[int32]bool{}
			for c := range covers {
				if set&(1<<c) == 0 {
					continue
				}
				size++
				for _, i := range covers[c] {
					if !seen[i] {
						seen[i] = true
						sum += amount[i]
					}
				}
			}
			if size <= n {
				best = max(best, sum)
			}
		}
		got := covering(t, amount, covers, n)
		covered := 0.0
		if len(got.Choices) > 0 {
			covered = got.Choices[len(got.Choices)-1].Covered
		}
		if covered > best+1e-9 || got.Bound < best-1e-9 || covered < (1-8.0/27)*best-1e-9 {
			t.Errorf("case %d: greedy %v, best %v, bound %v", k, covered, best, got.Bound)
		}
	}
}

// TestAccessAgainstLoops compares all decays with plain sums over all pairs, and
// Σ A P with the supplies that somebody reaches.
func TestAccessAgainstLoops(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const reach = 2000.0
	ways := map[Decay]func(d float64) float64{
		NoDecay:  func(float64) float64 { return 1 },
		Steps:    func(d float64) float64 { return []float64{1, 0.68, 0.22}[min(int(math.Ceil(3*d/reach)), 3)-1] },
		Gaussian: func(d float64) float64 { return math.Exp(-d * d / (2 * (reach / 3) * (reach / 3))) },
	}
	for k := range 20 {
		at := func() orb.Point { return orb.Point{120 + 0.08*rng.Float64(), 31 + 0.08*rng.Float64()} }
		people, sites := make([]orb.Point, 60), make([]orb.Point, 8)
		points, s := make([]demand, len(people)), supplies{amount: make([]float64, len(sites))}
		places := make([]geo.Spot, len(sites))
		for i := range people {
			people[i] = at()
			points[i] = demand{geo.SpotAt(people[i][0], people[i][1]), float64(rng.IntN(4))}
		}
		for j := range sites {
			sites[j], s.amount[j] = at(), float64(1+rng.IntN(50))
			places[j] = geo.SpotAt(sites[j][0], sites[j][1])
		}
		s.near = geo.NewSpots(places)
		for decay, weight := range ways {
			want, reached, taken := make([]float64, len(people)), 0.0, 0.0
			for j, site := range sites {
				sum := 0.0
				for i, p := range people {
					if d := float64(geo.Distance(p, site)); d <= reach {
						sum += points[i].amount * weight(d)
					}
				}
				if sum == 0 {
					continue
				}
				reached += s.amount[j]
				for i, p := range people {
					if d := float64(geo.Distance(p, site)); d <= reach {
						want[i] += s.amount[j] / sum * weight(d)
					}
				}
			}
			got, err := access(t.Context(), points, s, reach, decay)
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				if taken += got[i] * points[i].amount; math.Abs(got[i]-want[i]) > 1e-9*(1+want[i]) {
					t.Errorf("case %d, %s: access of %d is %v, want %v", k, decay, i, got[i], want[i])
				}
			}
			if math.Abs(taken-reached) > 1e-9*(1+reached) {
				t.Errorf("case %d, %s: access times demand is %v, want %v", k, decay, taken, reached)
			}
		}
	}
}

func covering(t *testing.T, amount []float64, covers [][]int32, n int) Covering {
	t.Helper()
	c, err := cover(t.Context(), amount, covers, n)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
