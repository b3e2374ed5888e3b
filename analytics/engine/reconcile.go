package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/compliance"
	"github.com/civgrid/civgrid/data"
)

// A Reconciliation holds our verdicts, case by case, against those the source
// gives itself.
type Reconciliation struct {
	Cases  int64 `json:"cases"`   // of the period
	Both   int64 `json:"both"`    // judged by the source and by us
	Agree  int64 `json:"agree"`   // of Both
	OnTime int64 `json:"on_time"` // of Both, by the source
	Late   int64 `json:"late"`    // of Both, by the source
	// Differ are the cases on which we and the source disagree.
	Differ []Dispute `json:"differ"`
	// Unjudged are the cases on which the source gives no verdict.
	Unjudged []Dispute `json:"without_verdict"`
	// Silent are the cases the source judges and we do not.
	Silent []Dispute `json:"not_judged_by_us"`
}

// A Dispute is a case with two verdicts: "on_time", "late" or "" for none.
type Dispute struct {
	Source string `json:"source"`
	ID     string `json:"id"`
	Theirs string `json:"theirs"`
	Ours   string `json:"ours"`
}

// Reconcile judges every case that a compliance layer with these parameters
// would count, in a row of the layer or not, and compares with column verdict.
// A verdict does not depend on the place, so default locations are kept.
func (e *Engine) Reconcile(ctx context.Context, given map[string]string) (Reconciliation, error) {
	if err := e.refuseOpen("reconcile verdicts"); err != nil {
		return Reconciliation{}, err
	}
	v, err := e.look(ctx, data.Incidents)
	if err != nil {
		return Reconciliation{}, err
	}
	kept := maps.Clone(given)
	if kept == nil {
		kept = map[string]string{}
	}
	kept[keepDefaults] = "true"
	request, err := v.request(compliance.Analysis, kept)
	if err != nil {
		return Reconciliation{}, err
	}
	facts := compliance.Analysis.Facts(e.store, request)
	query := data.Query{
		Dataset: data.Incidents, Where: compliance.Members(request),
		Columns: append(compliance.JudgeColumns(), "source", "id", "verdict"),
	}
	var r Reconciliation
	for b, err := range facts.Scan(ctx, query) {
		if err != nil {
			return Reconciliation{}, fmt.Errorf("reconcile verdicts: %w", err)
		}
		r.add(b, request)
	}
	for _, list := range [][]Dispute{r.Differ, r.Unjudged, r.Silent} {
		slices.SortFunc(list, func(a, b Dispute) int {
			return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
		})
	}
	return r, nil
}

func (r *Reconciliation) add(b data.Batch, request analytics.Request) {
	ours, theirs := compliance.Judge(b, request), b.Codes("verdict")
	sources, ids := b.Codes("source"), b.Texts("id")
	r.Cases += int64(b.Len())
	for row, our := range ours {
		d := Dispute{sources.At(row), ids.At(row), theirs.At(row), our}
		switch {
		case d.Theirs == "":
			r.Unjudged = append(r.Unjudged, d)
			continue
		case d.Ours == "":
			r.Silent = append(r.Silent, d)
			continue
		}
		r.Both++
		if d.Theirs == data.VerdictOnTime {
			r.OnTime++
		} else {
			r.Late++
		}
		if d.Theirs == d.Ours {
			r.Agree++
		} else {
			r.Differ = append(r.Differ, d)
		}
	}
}
