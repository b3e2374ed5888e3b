package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A trial is a random map: values and weights, both of which may be awkward.
type trial struct {
	x     []float64
	w     Weights
	lists [][]int32
	by    [][]float64 // the weights of lists
}

// trials makes random maps: counts, reals and rare values on graphs that need
// not be symmetric, some with islands, binary and weighted.
func trials(t *testing.T, number int) []trial {
	t.Helper()
	made := make([]trial, number)
	for k := range made {
		rng := rand.New(rand.NewPCG(uint64(k), 7))
		n := 5 + rng.IntN(40)
		tr := trial{x: make([]float64, n), lists: make([][]int32, n), by: make([][]float64, n)}
		for i := range n {
			switch k % 3 {
			case 0:
				tr.x[i] = float64(rng.IntN(5))
			case 1:
				tr.x[i] = 1e3 + rng.NormFloat64()
			default:
				tr.x[i] = math.Exp(3 * rng.NormFloat64())
			}
			for j := range n {
				if i != j && rng.Float64() < 4/float64(n) && (k%4 != 0 || i != 0 && j != 0) {
					tr.lists[i] = append(tr.lists[i], int32(j))
					tr.by[i] = append(tr.by[i], 0.1+rng.Float64())
				}
			}
		}
		tr.x[0]++ // never constant
		tr.w = makeWeights(t, tr.lists, tr.by, k%2 == 0)
		made[k] = tr
	}
	return made
}

// statistics are all local z of a map, by name, with NaN where there is none.
func statistics(t *testing.T, x []float64, valid []bool, w Weights) map[string][]float64 {
	t.Helper()
	gi, err := Gi(x, valid, w)
	if err != nil {
		t.Fatal(err)
	}
	star, err := GiStar(x, valid, w)
	if err != nil {
		t.Fatal(err)
	}
	moran, err := LocalMoran(x, valid, w)
	if err != nil {
		t.Fatal(err)
	}
	geary, err := LocalGeary(x, valid, w)
	if err != nil {
		t.Fatal(err)
	}
	known := func(z []float64, valid []bool) []float64 {
		z = slices.Clone(z)
		for i := range z {
			if !valid[i] {
				z[i] = math.NaN()
			}
		}
		return z
	}
	return map[string][]float64{
		"Gi": known(gi.Z, gi.Valid), "Gi*": known(star.Z, star.Valid),
		"Moran": known(moran.Z, moran.Tested), "Geary": known(geary.Z, geary.Tested),
	}
}

// same compares two sets of z; the two may differ by what rounding does to them.
func same(t *testing.T, dev *worst, got, want map[string][]float64, what string) {
	t.Helper()
	for name, column := range want {
		for i, z := range column {
			if math.IsNaN(z) != math.IsNaN(got[name][i]) {
				t.Errorf("%s: %s of cell %d is %v, was %v", what, name, i, got[name][i], z)
			} else if !math.IsNaN(z) {
				dev.near(t, got[name][i], z, 1e-7, "%s: %s of cell %d", what, name, i)
			}
		}
	}
}

// TestScaleAndOffsetLeaveZ holds that units of measurement do not matter.
func TestScaleAndOffsetLeaveZ(t *testing.T) {
	dev := worst{name: "z after x → ax + b"}
	for k, tr := range trials(t, 60) {
		other := slices.Clone(tr.x)
		for i := range other {
			other[i] = 2.5*other[i] - 300
		}
		same(t, &dev, statistics(t, other, nil, tr.w), statistics(t, tr.x, nil, tr.w), fmt.Sprint("map ", k))
	}
	dev.log(t)
}

// TestScalingRowsLeavesZ holds that row standardisation, or any other factor of a
// row, changes no z: esda's Gi* fails this. The self weight of Gi* is a weight of
// its row.
func TestScalingRowsLeavesZ(t *testing.T) {
	dev := worst{name: "z after scaling rows"}
	for k, tr := range trials(t, 60) {
		want := statistics(t, tr.x, nil, tr.w)
		same(t, &dev, statistics(t, tr.x, nil, tr.w.RowStandardised()), want, fmt.Sprint("map ", k, ", rows standardised"))
		rng := rand.New(rand.NewPCG(uint64(k), 8))
		scaled := make([][]float64, len(tr.by))
		for i, row := range tr.by {
			factor := 0.5 + 3*rng.Float64()
			for k := range row {
				scaled[i] = append(scaled[i], factor*weightAt(rowOf(tr.w, i), k))
			}
		}
		got := statistics(t, tr.x, nil, makeWeights(t, tr.lists, scaled, false))
		delete(want, "Gi*") // its self weight was not scaled
		same(t, &dev, got, want, fmt.Sprint("map ", k, ", rows scaled"))
	}
	dev.log(t)
}

func rowOf(w Weights, i int) []float64 {
	_, weights := w.Row(i)
	return weights
}

// TestMoranIsGiWithASign holds z_Moran(i) = sign(u_i) z_Gi(i), with Moran's z
// made of its own moments. Both have the same lag.
func TestMoranIsGiWithASign(t *testing.T) {
	dev := worst{name: "Moran's z of its moments, against Gi"}
	for k, tr := range trials(t, 60) {
		moran, err := LocalMoran(tr.x, nil, tr.w)
		if err != nil {
			t.Fatal(err)
		}
		gi, err := Gi(tr.x, nil, tr.w)
		if err != nil {
			t.Fatal(err)
		}
		mean := 0.0
		for _, v := range tr.x {
			mean += v / float64(len(tr.x))
		}
		for i, v := range tr.x {
			if moran.Valid[i] && moran.Lag[i] != gi.Lag[i] {
				t.Errorf("map %d, cell %d: lag %v, want %v", k, i, moran.Lag[i], gi.Lag[i])
			}
			if !moran.Tested[i] || math.Abs(v-mean) < 1e-9 {
				continue
			}
			z := (moran.I[i] - moran.Expected[i]) / math.Sqrt(moran.Variance[i])
			dev.within(t, z, math.Copysign(gi.Z[i], gi.Z[i]*(v-mean)), 1e-6, "map %d, cell %d", k, i)
		}
	}
	dev.log(t)
}

// TestLocalsAddUpToGlobals holds Σ I_i = S0 I and Σ c_i = 2 S0 C.
func TestLocalsAddUpToGlobals(t *testing.T) {
	dev := worst{name: "sums of local statistics"}
	for k, tr := range trials(t, 60) {
		for _, w := range []Weights{tr.w, tr.w.RowStandardised()} {
			moran, err := LocalMoran(tr.x, nil, w)
			if err != nil {
				t.Fatal(err)
			}
			geary, err := LocalGeary(tr.x, nil, w)
			if err != nil {
				t.Fatal(err)
			}
			i, err := GlobalMoran(tr.x, nil, w)
			if err != nil {
				t.Fatal(err)
			}
			c, err := GlobalGeary(tr.x, nil, w)
			if err != nil {
				t.Fatal(err)
			}
			s0, sumI, sumC, size := sumMatrix(w).s0, 0.0, 0.0, 0.0
			for row := range moran.I {
				sumI, sumC, size = sumI+moran.I[row], sumC+geary.C[row], size+math.Abs(moran.I[row])
			}
			dev.within(t, sumI/size, s0*i.Value/size, 1e-12, "map %d: Σ I", k)
			dev.near(t, sumC, 2*s0*c.Value, 1e-12, "map %d: Σ c", k)
		}
	}
	dev.log(t)
}

// TestOrderOfCellsDoesNotMatter numbers the cells anew.
func TestOrderOfCellsDoesNotMatter(t *testing.T) {
	dev := worst{name: "z after numbering anew"}
	for k, tr := range trials(t, 60) {
		n := len(tr.x)
		order := rand.New(rand.NewPCG(uint64(k), 9)).Perm(n) // cell i becomes order[i]
		x, lists, by := make([]float64, n), make([][]int32, n), make([][]float64, n)
		for i := range n {
			x[order[i]] = tr.x[i]
			for e, j := range tr.lists[i] {
				lists[order[i]] = append(lists[order[i]], int32(order[j]))
				by[order[i]] = append(by[order[i]], tr.by[i][e])
			}
		}
		got := statistics(t, x, nil, makeWeights(t, lists, by, tr.w.Binary()))
		for name, column := range got {
			back := make([]float64, n)
			for i := range n {
				back[i] = column[order[i]]
			}
			got[name] = back
		}
		same(t, &dev, got, statistics(t, tr.x, nil, tr.w), fmt.Sprint("map ", k))
	}
	dev.log(t)
}

// TestMissingCellsAreAsIfTheyWereNotThere compares a map with missing cells to
// the map without them; and islands change n, mean and variance only: the map
// with islands of the values of missing cells differs from it.
func TestMissingCellsAreAsIfTheyWereNotThere(t *testing.T) {
	dev := worst{name: "z with missing cells"}
	for k, tr := range trials(t, 60) {
		rng := rand.New(rand.NewPCG(uint64(k), 10))
		valid, place := make([]bool, len(tr.x)), make([]int32, len(tr.x))
		var x []float64
		for i := range valid {
			if valid[i] = rng.IntN(5) > 0; valid[i] {
				place[i] = int32(len(x))
				x = append(x, tr.x[i])
			}
		}
		lists, by := make([][]int32, len(x)), make([][]float64, len(x))
		for i, list := range tr.lists {
			for e, j := range list {
				if valid[i] && valid[j] {
					lists[place[i]], by[place[i]] = append(lists[place[i]], place[j]), append(by[place[i]], tr.by[i][e])
				}
			}
		}
		want := statistics(t, x, nil, makeWeights(t, lists, by, tr.w.Binary()))
		got := statistics(t, tr.x, valid, tr.w)
		for name, column := range got {
			var left []float64
			for i, z := range column {
				if valid[i] {
					left = append(left, z)
				} else if !math.IsNaN(z) {
					t.Errorf("map %d: %s of missing cell %d is %v", k, name, i, z)
				}
			}
			got[name] = left
		}
		same(t, &dev, got, want, fmt.Sprint("map ", k))
	}
	dev.log(t)
}

// TestIslandsChangeMeanAndVarianceOnly adds an island whose value leaves mean
// and variance as they are: of Gi* nothing changes but n.
func TestIslandsChangeMeanAndVarianceOnly(t *testing.T) {
	dev := worst{name: "Gi* with two islands more"}
	for k, tr := range trials(t, 60) {
		n := float64(len(tr.x))
		before, err := GiStar(tr.x, nil, tr.w)
		if err != nil {
			t.Fatal(err)
		}
		mean, squares := 0.0, 0.0
		for _, v := range tr.x {
			mean += v / n
		}
		for _, v := range tr.x {
			squares += (v - mean) * (v - mean)
		}
		sd := math.Sqrt(squares / n)
		lists := append(slices.Clone(tr.lists), nil, nil)
		by := append(slices.Clone(tr.by), nil, nil)
		after, err := GiStar(append(slices.Clone(tr.x), mean-sd, mean+sd), nil, makeWeights(t, lists, by, tr.w.Binary()))
		if err != nil {
			t.Fatal(err)
		}
		for i := range tr.x {
			_, weights := tr.w.Row(i)
			sum, square := 1.0, 1.0
			for e := range tr.w.Degree(i) {
				sum, square = sum+weightAt(weights, e), square+weightAt(weights, e)*weightAt(weights, e)
			}
			if !before.Valid[i] {
				continue
			}
			change := math.Sqrt((n*square - sum*sum) / (n - 1) * (n + 1) / ((n+2)*square - sum*sum))
			dev.near(t, after.Z[i], before.Z[i]*change, 1e-6, "map %d, cell %d", k, i)
		}
	}
	dev.log(t)
}
