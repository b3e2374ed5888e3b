package engine

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// A Fact names one fact.
type Fact struct {
	Source string `json:"source"`
	ID     string `json:"id"`
}

// An ExplainedFact is a fact with the judgement on it.
type ExplainedFact struct {
	Fact
	indicator.Explanation
}

// ExplainFact explains how an indicator judges the facts of an id, one of each
// source that has it; source, if it is not "", says of which. The error wraps
// data.ErrNotFound where there is none. Without a period among the parameters it
// goes by the version in force last, whatever the period of the case.
func (e *Engine) ExplainFact(ctx context.Context, source, id string, given map[string]string) ([]ExplainedFact, error) {
	if err := e.refuseOpen("explain a fact"); err != nil {
		return nil, err
	}
	v, err := e.look(ctx, data.Incidents)
	if err != nil {
		return nil, err
	}
	s := settled{aCase: true}
	if err := e.find(ctx, &s, v, given); err != nil {
		return nil, err
	}
	kept, err := e.recorded(s.request)
	if err != nil {
		return nil, err
	}
	facts := indicator.AnalysisOf(s.compiled).Facts(kept, s.request)
	where := data.All{data.Compare{Column: "id", Op: data.Equal, Value: id}}
	if source != "" {
		where = append(where, data.Compare{Column: "source", Op: data.Equal, Value: source})
	}
	var explained []ExplainedFact
	for b, err := range facts.Scan(ctx, data.Query{Dataset: s.view.dataset, Where: where}) {
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", id, err)
		}
		for row := range b.Len() {
			one := b.Slice(row, row+1)
			x := ExplainedFact{Fact: Fact{Source: b.Codes("source").At(row), ID: id}}
			if x.Explanation, err = s.compiled.Explain(one, s.request); err != nil {
				return nil, err
			}
			explained = append(explained, x)
		}
	}
	if len(explained) == 0 {
		return nil, fmt.Errorf("%s %q: %w", s.view.dataset, id, data.ErrNotFound)
	}
	return explained, nil
}
