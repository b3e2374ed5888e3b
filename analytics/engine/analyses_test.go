package engine

import (
	"testing"

	"github.com/civgrid/civgrid/analytics/analysistest"
)

func TestAnalyses(t *testing.T) { analysistest.Run(t, Analyses()) }
