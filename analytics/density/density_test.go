package density

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/geo"
)

func study(t testing.TB, rings int) (*analytics.Frame, []analytics.Tally) {
	t.Helper()
	f := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(rings))
	tally := analytics.Tally{Names: []string{"n"}, Counts: make([][]int64, 1), Elsewhere: []int64{4}, Nowhere: []int64{2}, Keyless: []int64{0}}
	for row := range f.Len() {
		tally.Rows, tally.Counts[0] = append(tally.Rows, int32(row)), append(tally.Counts[0], int64(row))
	}
	return f, []analytics.Tally{tally}
}

// TestAreaIsThatWithinTheLimits follows rows by hand: most all inside, one half, one
// outside, and one of which a sliver is inside.
func TestAreaIsThatWithinTheLimits(t *testing.T) {
	f, answers := study(t, 2)
	f.Inside = make([]float64, f.Len())
	for row := range f.Inside {
		f.Inside[row] = 1
	}
	f.Inside[4], f.Inside[5], f.Inside[6] = 0.5, 0, 0.01
	layer, err := Analysis.Compute(t.Context(), analytics.Request{}, f, answers)
	if err != nil {
		t.Fatal(err)
	}
	density := analysistest.Column(t, layer, "density")
	for row, cell := range f.Cells {
		want := float64(row) / (float64(cell.Area()) / 1e6)
		if row == 4 {
			want *= 2
		}
		told := row != 5 && row != 6
		if density.Has(row) != told || told && math.Abs(density.Floats[row]-want) > 1e-9*want {
			t.Errorf("row %d: %v reports per km², want %v", row, density.Floats[row], want)
		}
	}
	area := analysistest.Column(t, layer, "area_inside")
	if want := 0.01 * float64(f.Cells[6].Area()) / 1e6; math.Abs(area.Floats[6]-want) > 1e-9*want || area.Floats[5] != 0 {
		t.Errorf("areas within the limits %v and %v, want 0 and %v", area.Floats[5], area.Floats[6], want)
	}
	if analysistest.Item(t, layer, "elsewhere") != int64(4) || analysistest.Item(t, layer, "without_place") != int64(2) {
		t.Error("reports beyond the rows are not told")
	}
}

// TestItIsShown holds CONTRIBUTING, which shows this analysis as one that can be
// added, to its file.
func TestItIsShown(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("density.go")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(file), "// Analysis is")
	if shown = "// Analysis is" + shown; !strings.Contains(string(text), "```go\n"+shown+"```") {
		t.Errorf("CONTRIBUTING.md does not show density.go, which is\n%s", shown)
	}
}

func BenchmarkCompute(b *testing.B) {
	f, answers := study(b, 60)
	for b.Loop() {
		if _, err := Analysis.Compute(b.Context(), analytics.Request{}, f, answers); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(f.Len())*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
