package engine

import (
	"os"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics/analysistest"
)

// TestTheREADMENamesEveryAnalysis holds its table to the list.
func TestTheREADMENamesEveryAnalysis(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range Analyses() {
		if !strings.Contains(string(text), "\n| `"+a.Name+"` | ") {
			t.Errorf("the README has no line for analysis %s", a.Name)
		}
	}
}

func TestAnalyses(t *testing.T) { analysistest.Run(t, Analyses()) }
