package ogc_test

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// python is Debian's, for which python3-qgis is made.
const python = "/usr/bin/python3"

// TestQGISReadsEveryLayer reads layers with QGIS itself, of Debian's package
// python3-qgis, and compares with what is served: no feature lost, no value changed, and
// fields of the right types though their first ten values are whole.
func TestQGISReadsEveryLayer(t *testing.T) {
	if err := exec.CommandContext(t.Context(), python, "-c", "import qgis.core").Run(); err != nil {
		t.Skip("no QGIS for Python (Debian: python3-qgis)")
	}
	server, _ := serve(t)
	command := exec.CommandContext(t.Context(), python, "testdata/read_layers.py", server.URL+"/", "114.05", "22.53", "114.065", "22.545")
	command.Env = append(os.Environ(), "QT_QPA_PLATFORM=offscreen", "XDG_RUNTIME_DIR="+t.TempDir(), "HOME="+t.TempDir())
	var failure strings.Builder
	command.Stderr = &failure
	out, err := command.Output()
	if err != nil {
		t.Fatalf("QGIS: %v\n%s", err, failure.String())
	}
	var told map[string]struct {
		Count, Rows, Inside int
		Types               map[string]string
		Sums                map[string]float64
	}
	if err := json.Unmarshal(out, &told); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, got := range told {
		base := server.URL + "/collections/" + name + "/items?limit=1000"
		want := items(t, base)
		inside := items(t, base+"&bbox=114.05,22.53,114.065,22.545").NumberMatched
		if got.Count != want.NumberMatched || got.Rows != len(want.Features) || got.Inside != inside || inside == 0 {
			t.Errorf("%s: QGIS counts %d, reads %d, %d in the box; want %d and %d", name, got.Count, got.Rows, got.Inside, want.NumberMatched, inside)
		}
		sums := map[string]float64{}
		for _, feature := range want.Features {
			for property, value := range feature.Properties {
				if x, ok := value.(float64); ok {
					sums[property] += x
				}
			}
		}
		for property, sum := range sums {
			if math.Abs(got.Sums[property]-sum) > 1e-9*math.Abs(sum) {
				t.Errorf("%s: QGIS adds %s up to %v, want %v", name, property, got.Sums[property], sum)
			}
		}
	}
	if types := told["waiting"].Types; types["share"] != "Real" || types["sometimes"] != "Real" || types["n"] != "Integer" || types["cell"] != "String" {
		t.Errorf("QGIS takes fields for %v", types)
	}
	if len(told) != 3 {
		t.Errorf("QGIS read %d layers, want 3", len(told))
	}
}
