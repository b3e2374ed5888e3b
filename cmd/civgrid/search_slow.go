package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// slow looks for the district that is least on time and slowest.
func (s *searcher) slow(ctx context.Context, f *finding) error {
	share, err := s.extreme(ctx, "compliance", "share", false)
	if err != nil {
		return err
	}
	wait, err := s.extreme(ctx, "response", "km_p50", true)
	if err != nil {
		return err
	}
	want := f.truth.Communities[0]
	f.found = share.code == want && wait.code == want
	f.words = fmt.Sprintf("least on time: %s with %.1f %% (next %.1f %%); slowest: %s, half wait %.1f h (next %.1f h)",
		share.name, 100*share.value, 100*share.next, wait.name, wait.value/3600, wait.next/3600)
	judged, err := s.judged(ctx)
	if err != nil {
		return err
	}
	f.found = f.found && slices.Contains(judged.missing, wait.name)
	f.words += fmt.Sprintf("; indicator %s of the last month: the target of %.0f %% is missed by %s", judged.id, 100*judged.target, strings.Join(judged.missing, ", "))
	return nil
}

// A judgement says which districts miss the target of an indicator.
type judgement struct {
	id      string
	target  float64
	missing []string
}

// judged has the shipped indicator of cases closed on time judge the districts.
func (s *searcher) judged(ctx context.Context) (judgement, error) {
	given := map[string]string{"level": string(data.District), "indicator": "general.on_time"}
	layer, err := s.engine.Run(ctx, "indicator", given)
	if err != nil {
		return judgement{}, err
	}
	j := judgement{id: layer.Provenance.Indicator}
	status, _ := layer.Column("status")
	target, _ := layer.Column("target")
	for row, c := range layer.Frame.Communities {
		j.target = target.Floats[row]
		if status.Words[row] == indicator.NonCompliant {
			j.missing = append(j.missing, c.Names.In("en"))
		}
	}
	return j, nil
}

// An extreme is the district with the largest or smallest value, and the value
// of the next one.
type extreme struct {
	code, name  string
	value, next float64
}

func (s *searcher) extreme(ctx context.Context, analysis, column string, largest bool) (extreme, error) {
	layer, err := s.engine.Run(ctx, analysis, map[string]string{"level": string(data.District)})
	if err != nil {
		return extreme{}, err
	}
	values, _ := layer.Column(column)
	sign := 1.0
	if largest {
		sign = -1
	}
	best := extreme{value: sign * math.Inf(1), next: sign * math.Inf(1)}
	for row, v := range values.Floats {
		switch {
		case !values.Has(row):
		case sign*v < sign*best.value:
			district := layer.Frame.Communities[row]
			best = extreme{district.Code, district.Names.In("en"), v, best.value}
		case sign*v < sign*best.next:
			best.next = v
		}
	}
	return best, nil
}
