package stats

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

// TestGlobalAgainstEsda compares with esda 2.5.1, which counts islands in n as we
// do: spdep does not.
func TestGlobalAgainstEsda(t *testing.T) {
	dir := sharedOracles(t)
	type recorded struct {
		Moran struct {
			I, EI  float64
			Normal float64 `json:"VI_norm"`
			Random float64 `json:"VI_rand"`
			Z      float64 `json:"z_rand"`
		}
		Geary struct {
			C      float64
			Normal float64 `json:"VC_norm"`
			Random float64 `json:"VC_rand"`
			Z      float64 `json:"z_rand"`
		}
		GeneralG *struct{ G, EG, VG, Z float64 }
	}
	dev := worst{name: "Moran's I, Geary's C, General G of esda"}
	for _, name := range recordedGrids(t, dir) {
		g, wants := readGrid(t, dir, name), map[string]recorded{}
		readJSON(t, &wants, dir, "esda", name, "global.json")
		schemes := schemesOf(t, dir, name, g)
		for _, column := range []string{"count", "cont"} {
			for _, scheme := range []string{"B1", "B2", "W1"} {
				want, ok := wants[column+"_"+scheme]
				if !ok {
					t.Fatalf("%s: nothing recorded of %s_%s", name, column, scheme)
				}
				x, w, what := g.cells.floats(t, column), schemes[scheme], name+" "+column+" "+scheme
				compare := func(statistic string, f func([]float64, []bool, Weights) (Global, error), value, expected, random, normal, z float64) {
					t.Helper()
					got, err := f(x, nil, w)
					must(t, err)
					dev.near(t, got.Value, value, 1e-9, "%s: %s", what, statistic)
					dev.near(t, got.Expected, expected, 1e-9, "%s: E of %s", what, statistic)
					dev.near(t, got.Variance, random, 1e-9, "%s: V of %s", what, statistic)
					dev.near(t, got.NormalVariance, normal, 1e-9, "%s: V of %s under normality", what, statistic)
					dev.near(t, got.Z, z, 1e-9, "%s: z of %s", what, statistic)
				}
				m, c := want.Moran, want.Geary
				compare("I", GlobalMoran, m.I, m.EI, m.Random, m.Normal, m.Z)
				compare("C", GlobalGeary, c.C, 1, c.Random, c.Normal, c.Z)
				if want.GeneralG != nil {
					compare("G", GeneralG, want.GeneralG.G, want.GeneralG.EG, want.GeneralG.VG, 0, want.GeneralG.Z)
				}
			}
		}
	}
	dev.log(t)
}

// TestStandardisedRatesAgainstEsda compares with esda 2.5.1, which does not cut a
// variance below 0 off.
func TestStandardisedRatesAgainstEsda(t *testing.T) {
	dir := sharedOracles(t)
	dev := worst{name: "standardised rates of esda"}
	for _, name := range recordedGrids(t, dir) {
		cells := readGrid(t, dir, name).cells
		got, err := StandardiseRates(cells.ints(t, "events"), cells.floats(t, "pop"))
		must(t, err)
		for i, want := range readTable(t, dir, "esda", name, "rates.csv").floats(t, "assuncao_reis") {
			if !got.Valid[i] {
				t.Errorf("%s: no standardised rate of cell %d: %v", name, i, got.Reason[i])
				continue
			}
			dev.near(t, got.Z[i], want, 1e-9, "%s: cell %d", name, i)
		}
	}
	dev.log(t)
}

// TestDocumentedExamples reproduces what esda and CARTO print in their manuals, to
// the digits they print. esda prints another z for standardised rows, which is a
// defect of theirs: a factor of a row changes no z.
func TestDocumentedExamples(t *testing.T) {
	path := filepath.Join(sharedOracles(t), "published", "doc_examples.json")
	if _, err := os.Stat(path); err != nil {
		t.Skip("no doc_examples.json")
	}
	var doc struct {
		Points [][2]float64
		Y      []float64
		G      float64   `json:"G_global"`
		P      float64   `json:"G_p_norm_one_sided"`
		Gi     []float64 `json:"Gi_z_binary"`
		GiStar []float64 `json:"Gistar_z_binary"`
		Carto  struct {
			Values, Gi []float64
			P          []float64 `json:"upper_tail_p_quadbin_docs"`
		} `json:"carto_getis_ord"`
	}
	readJSON(t, &doc, path)
	lists := make([][]int32, len(doc.Points))
	for i, a := range doc.Points {
		for j, b := range doc.Points {
			if i != j && math.Hypot(a[0]-b[0], a[1]-b[1]) <= 15 {
				lists[i] = append(lists[i], int32(j))
			}
		}
	}
	near := func(what string, got, want, tolerance float64) {
		t.Helper()
		if math.Abs(got-want) > tolerance {
			t.Errorf("%s = %v, printed as %v", what, got, want)
		}
	}
	w := graph(t, lists...)
	g, err := GeneralG(doc.Y, nil, w)
	must(t, err)
	p, _ := g.P(Greater)
	near("General G", g.Value, doc.G, 5e-4)
	near("p of General G", p, doc.P, 5e-4)
	for _, w := range []Weights{w, w.RowStandardised()} {
		gi, err := Gi(doc.Y, nil, w)
		must(t, err)
		star, err := GiStar(doc.Y, nil, w)
		must(t, err)
		for i := range doc.Y {
			near("Gi", gi.Z[i], doc.Gi[i], 5e-8)
			near("Gi*", star.Z[i], doc.GiStar[i], 5e-8)
		}
	}
	apart, err := GiStar(doc.Carto.Values, nil, graph(t, nil, nil, nil))
	must(t, err)
	for i, p := range apart.P(Greater) {
		near("Gi* of a cell by itself", apart.Z[i], doc.Carto.Gi[i], 1e-12)
		near("its p", p, doc.Carto.P[i], 1e-6)
	}
}

// TestVarianceOfRatesIsNotBelowZero takes the example of esda's manual, whose rates
// vary less than chance: esda lets the variance between units be negative, which
// makes every z larger by what is missing from its variance, and no other way.
func TestVarianceOfRatesIsNotBelowZero(t *testing.T) {
	var doc struct {
		Rate struct {
			E      []int64
			B      []float64
			First4 []float64
		} `json:"assuncao_rate"`
	}
	readJSON(t, &doc, sharedOracles(t), "published", "doc_examples.json")
	events, people := 0.0, 0.0
	for i, e := range doc.Rate.E {
		events, people = events+float64(e), people+doc.Rate.B[i]
	}
	mean, between := events/people, -events/people/(people/float64(len(doc.Rate.B)))
	for i, e := range doc.Rate.E {
		off := float64(e)/doc.Rate.B[i] - mean
		between += doc.Rate.B[i] * off * off / people
	}
	if between >= 0 {
		t.Fatalf("variance between units %v, want an example below 0", between)
	}
	rates, err := StandardiseRates(doc.Rate.E, doc.Rate.B)
	must(t, err)
	for i, printed := range doc.Rate.First4 {
		within := mean / doc.Rate.B[i]
		if want := printed * math.Sqrt((between+within)/within); math.Abs(rates.Z[i]-want) > 5e-9 {
			t.Errorf("standardised rate %d = %v, want %v", i, rates.Z[i], want)
		}
	}
}
