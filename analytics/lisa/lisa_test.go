package lisa

import (
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// layerOf runs the analysis on counts by cell and, for rates, inhabitants.
func layerOf(t testing.TB, f *analytics.Frame, counts, people []int64, given map[string]string) *analytics.Layer {
	t.Helper()
	values, err := analytics.ParseValues(Analysis.Params, given)
	if err != nil {
		t.Fatal(err)
	}
	none := []int64{0, 0}
	reports := analytics.Tally{Names: []string{"n"}, Counts: [][]int64{counts}, Elsewhere: none, Nowhere: none, Keyless: none}
	for row := range counts {
		reports.Rows = append(reports.Rows, int32(row))
	}
	answers := []analytics.Tally{reports}
	if people != nil {
		answers = append(answers, analysistest.Inhabitants(people))
	}
	layer, err := Analysis.Compute(t.Context(), analytics.Request{Unit: f.Unit, Params: values}, f, answers)
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// TestBostonIsThatOfSpdep compares with the local Moran that spdep 1.2-7 computed
// of the 311 cases of Boston.
func TestBostonIsThatOfSpdep(t *testing.T) {
	for _, name := range []string{"boston_311_2011H2_h3r8_spdep.csv", "boston_311_2011H2_noDefault_h3r9_spdep.csv"} {
		file, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "reference", name))
		if err != nil {
			t.Skip("the public data of ../shared/data are not here")
		}
		rows, err := csv.NewReader(file).ReadAll()
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]int{}
		for i, column := range rows[0] {
			at[column] = i
		}
		slices.SortFunc(rows[1:], func(a, b []string) int {
			x, y := cellOf(t, a[at["h3"]]), cellOf(t, b[at["h3"]])
			return int(min(max(int64(x-y), -1), 1))
		})
		var cells []geo.Cell
		var counts []int64
		for _, row := range rows[1:] {
			n, err := strconv.ParseInt(row[at["n"]], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			cells, counts = append(cells, cellOf(t, row[at["h3"]])), append(counts, n)
		}
		layer := layerOf(t, analysistest.Cells(t, cells), counts, nil, nil)
		local, z, worst := analysistest.Column(t, layer, "moran_i"), analysistest.Column(t, layer, "moran_z"), 0.0
		for i, row := range rows[1:] {
			if row[at["local_Z"]] == "" { // an island
				if local.Has(i) || z.Has(i) {
					t.Errorf("%s: island %s has a value", name, row[at["h3"]])
				}
				continue
			}
			worst = max(worst, math.Abs(local.Floats[i]-floatOf(t, row[at["local_I"]])), math.Abs(z.Floats[i]-floatOf(t, row[at["local_Z"]])))
		}
		if worst > 1e-9 {
			t.Errorf("%s: I or z is off by %.2g", name, worst)
		}
		t.Logf("%s: %d cells, off by %.2g at most", name, len(cells), worst)
	}
}

func cellOf(t *testing.T, text string) geo.Cell {
	t.Helper()
	cell, err := geo.ParseCell(text)
	if err != nil {
		t.Fatal(err)
	}
	return cell
}

func floatOf(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestClustersAndOutliersAreTold plants a busy quarter with one quiet cell in it,
// and a busy cell in a quiet quarter.
func TestClustersAndOutliersAreTold(t *testing.T) {
	f := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(12))
	rng := rand.New(rand.NewPCG(1, 1))
	counts := make([]int64, f.Len())
	for row := range counts {
		counts[row] = int64(3 + rng.IntN(4))
	}
	rowsAround := func(row, steps int) (rows []int) {
		for _, cell := range f.Cells[row].Disk(steps) {
			if at, ok := slices.BinarySearch(f.Cells, cell); ok {
				rows = append(rows, at)
			}
		}
		return rows
	}
	busy, quiet := f.Len()/2, 60
	for _, row := range rowsAround(busy, 2) {
		counts[row] += 12
	}
	for _, row := range rowsAround(quiet, 2) {
		counts[row] = 0
	}
	counts[busy], counts[quiet] = 0, 40
	layer := layerOf(t, f, counts, nil, nil)
	class := analysistest.Column(t, layer, "class")
	if class.Words[busy] != LowHigh || class.Words[quiet] != HighLow {
		t.Errorf("the quiet cell is %q and the busy one %q, want %q and %q", class.Words[busy], class.Words[quiet], LowHigh, HighLow)
	}
	high := 0
	for _, row := range f.Neighbours.Of(busy) {
		if class.Words[row] == HighHigh {
			high++
		}
	}
	if high < 3 {
		t.Errorf("%d of 6 cells of the busy quarter are %q", high, HighHigh)
	}
	if i := analysistest.Item(t, layer, "moran"); !(i.(float64) > 0.2) {
		t.Errorf("Moran's I %v of a map with a busy and a quiet quarter", i)
	}
}

// TestNoiseHasNoClusters draws maps without a pattern.
func TestNoiseHasNoClusters(t *testing.T) {
	f, shown := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(14)), 0
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 2))
		counts := make([]int64, f.Len())
		for row := range counts {
			counts[row] = int64(rng.ExpFloat64() * 0.8)
		}
		class := analysistest.Column(t, layerOf(t, f, counts, nil, nil), "class")
		if slices.ContainsFunc(class.Words, func(word string) bool { return word != NotSignificant }) {
			shown++
		}
	}
	t.Logf("clusters or outliers on %d of 40 maps of noise", shown)
	if shown > 4 {
		t.Errorf("clusters or outliers on %d of 40 maps of noise, want about 2", shown)
	}
}

// TestRatesNeedInhabitants has no rate where nobody lives.
func TestRatesNeedInhabitants(t *testing.T) {
	f := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(5))
	counts, people := make([]int64, f.Len()), make([]int64, f.Len())
	for row := range counts {
		counts[row], people[row] = int64(row%5), 100_000
	}
	people[7], people[8], counts[7], counts[8] = 0, 0, 0, 3
	layer := layerOf(t, f, counts, people, map[string]string{"measure": Rate})
	reason := analysistest.Column(t, layer, "reason")
	if reason.Words[7] != "zero_exposure" || reason.Words[8] != "events_without_exposure" {
		t.Errorf("rows without inhabitants say %q and %q", reason.Words[7], reason.Words[8])
	}
}

// TestGeneralGIsOfWhatIsNotNegative: of counts and densities, not of standardised
// rates.
func TestGeneralGIsOfWhatIsNotNegative(t *testing.T) {
	cells := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(4))
	counts, people := make([]int64, cells.Len()), make([]int64, cells.Len())
	for row := range counts {
		counts[row], people[row] = int64(row*row%5), int64(100_000+1000*(row%7))
	}
	asCommunities := *cells
	asCommunities.Unit, asCommunities.Cells = analytics.CommunitiesOf(data.District), nil
	asCommunities.Communities = make([]data.Community, cells.Len())
	has := func(layer *analytics.Layer) bool {
		return slices.ContainsFunc(layer.Summary, func(i analytics.Item) bool { return i.Key == "general_g" && i.Value != nil })
	}
	if !has(layerOf(t, cells, counts, nil, nil)) || !has(layerOf(t, &asCommunities, counts, nil, nil)) {
		t.Error("counts or densities have no General G")
	}
	if has(layerOf(t, cells, counts, people, map[string]string{"measure": Rate})) {
		t.Error("standardised rates have a General G")
	}
}

// TestSameLayerOnAnyNumberOfProcessors draws the same permutations on one as on
// many.
func TestSameLayerOnAnyNumberOfProcessors(t *testing.T) {
	f := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(12))
	counts, people := make([]int64, f.Len()), make([]int64, f.Len())
	for row := range counts {
		counts[row], people[row] = int64(row*row%7), int64(100_000+1000*(row%13))
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, measure := range []string{Reports, Rate} {
		var layers []*analytics.Layer
		for _, processors := range []int{1, 2, 7} {
			runtime.GOMAXPROCS(processors)
			layers = append(layers, layerOf(t, f, counts, people, map[string]string{"measure": measure, "rings": "2"}))
		}
		for _, other := range layers[1:] {
			if d := cmp.Diff(layers[0], other); d != "" {
				t.Errorf("%s: layers differ:\n%s", measure, d)
			}
		}
	}
}

// TestCellsMostlyOutsideCountNowhere: what lies in them says nothing of the rest.
func TestCellsMostlyOutsideCountNowhere(t *testing.T) {
	f := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(4))
	counts, people := make([]int64, f.Len()), make([]int64, f.Len())
	f.Inside = make([]float64, f.Len())
	for row := range counts {
		counts[row], people[row], f.Inside[row] = int64(row*row%5), 100_000, 1
	}
	f.Inside[7] = 0.4
	for _, measure := range []string{Reports, Rate} {
		given := map[string]string{"measure": measure}
		few := layerOf(t, f, counts, people, given)
		other := slices.Clone(counts)
		other[7] = 500
		many := layerOf(t, f, other, people, given)
		for _, name := range []string{"class", "value", "lag", "moran_i", "p", "geary_z"} {
			if d := cmp.Diff(analysistest.Column(t, few, name), analysistest.Column(t, many, name)); d != "" {
				t.Errorf("%s: column %s depends on a cell outside:\n%s", measure, name, d)
			}
		}
		if reason := analysistest.Column(t, few, "reason"); reason.Words[7] != "mostly_outside" {
			t.Errorf("%s: the reason of a cell outside is %q", measure, reason.Words[7])
		}
	}
}

func BenchmarkCompute(b *testing.B) {
	f := analysistest.Cells(b, geo.Cell(0x8931aa5085bffff).Disk(60))
	counts := make([]int64, f.Len())
	for row := range counts {
		counts[row] = int64(row % 3)
	}
	for b.Loop() {
		layerOf(b, f, counts, nil, nil)
	}
	b.ReportMetric(float64(f.Len())*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// TestUnevenNoiseHasNoClusters draws maps of communities that are small in the middle
// and large outside, with as many reports for each km² everywhere.
func TestUnevenNoiseHasNoClusters(t *testing.T) {
	cells := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(8))
	f := &analytics.Frame{Unit: analytics.CommunitiesOf(data.District), Key: data.ByCode{Column: "community"}, Neighbours: cells.Neighbours}
	middle := cells.Cells[cells.Len()/2]
	for _, cell := range cells.Cells {
		steps, err := geo.GridDistance(cell, middle)
		if err != nil {
			t.Fatal(err)
		}
		f.Communities = append(f.Communities, data.Community{Code: cell.String(), Level: data.District})
		f.SquareKm = append(f.SquareKm, 0.1*math.Exp(float64(steps)/2))
	}
	maps, spoilt := 40, 0
	for seed := range maps {
		rng := rand.New(rand.NewPCG(uint64(seed), 5))
		counts := make([]int64, f.Len())
		for row, km := range f.SquareKm {
			for left := 10 * km; left > 0; left -= 20 {
				counts[row] += poisson(rng, min(left, 20))
			}
		}
		class := analysistest.Column(t, layerOf(t, f, counts, nil, nil), "class")
		if slices.ContainsFunc(class.Words, func(word string) bool { return word != "" && word != NotSignificant }) {
			spoilt++
		}
	}
	if t.Logf("%d of %d maps of noise show clusters", spoilt, maps); spoilt > 3 { // 4 or more of 40 with 3 in 100 each come up once in 100
		t.Errorf("%d of %d maps of noise show clusters", spoilt, maps)
	}
}

// TestAClassIsThatOfItsEvidence: one cell of very many lifts the mean over all others,
// its busy neighbours too. They are many among few all the same, and not few.
func TestAClassIsThatOfItsEvidence(t *testing.T) {
	f := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(8))
	rng := rand.New(rand.NewPCG(3, 3))
	counts := make([]int64, f.Len())
	for row := range counts {
		counts[row] = poisson(rng, 1)
	}
	middle := f.Len() / 2
	for _, n := range f.Neighbours.Of(middle) {
		counts[n] = 8
	}
	counts[middle] = 3000
	class := analysistest.Column(t, layerOf(t, f, counts, nil, nil), "class")
	if class.Words[middle] == HighLow {
		t.Errorf("the middle is many among few, and its neighbours have the most of all others")
	}
}

func poisson(rng *rand.Rand, mean float64) (n int64) {
	for product, limit := rng.Float64(), math.Exp(-mean); product > limit; n++ {
		product *= rng.Float64()
	}
	return n
}
