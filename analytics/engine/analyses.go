package engine

import (
	"fmt"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/blindspot"
	"github.com/civgrid/civgrid/analytics/clusters"
	"github.com/civgrid/civgrid/analytics/compliance"
	"github.com/civgrid/civgrid/analytics/coverage"
	"github.com/civgrid/civgrid/analytics/density"
	"github.com/civgrid/civgrid/analytics/emerging"
	"github.com/civgrid/civgrid/analytics/hotspot"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/kernel"
	"github.com/civgrid/civgrid/analytics/lisa"
	"github.com/civgrid/civgrid/analytics/response"
	"github.com/civgrid/civgrid/data"
)

// analyses lists every analysis there is, by name.
var analyses = []analytics.Analysis{
	blindspot.Analysis,
	clusters.Analysis,
	compliance.Analysis,
	coverage.Analysis,
	density.Analysis,
	emerging.Analysis,
	indicator.Execution,
	hotspot.Analysis,
	indicator.Analysis,
	kernel.Analysis,
	lisa.Analysis,
	response.Analysis,
	coverage.Sites,
}

// Analyses returns every analysis there is, by name. The slice is the caller's.
func Analyses() []analytics.Analysis { return append([]analytics.Analysis(nil), analyses...) }

// Find returns the analysis of that name. The error wraps data.ErrNotFound.
func Find(name string) (analytics.Analysis, error) {
	names := make([]string, len(analyses))
	for i, a := range analyses {
		if a.Name == name {
			return a, nil
		}
		names[i] = a.Name
	}
	return analytics.Analysis{}, fmt.Errorf("analysis %q: %w; there are %s", name, data.ErrNotFound, strings.Join(names, ", "))
}
