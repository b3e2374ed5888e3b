package quality

import (
	"context"
	"fmt"
	"hash/maphash"
	"math"
	"time"

	"github.com/civgrid/civgrid/data"
)

// Assess makes the quality report of a dataset. communities are all there are;
// zone is the city's; now bounds what can be past, the zero time does not
// bound it and leaves out the rules about the future.
func Assess(ctx context.Context, source data.Source, communities []data.Community, d data.Dataset, zone *time.Location, now time.Time) (data.Report, error) {
	a := newAssessment(communities, d, zone, now)
	schema := source.Schema(d)
	for b, err := range source.Scan(ctx, data.Query{Dataset: d, Columns: columnsOf(d, schema)}) {
		if err != nil {
			return data.Report{}, fmt.Errorf("assess %s: %w", d, err)
		}
		if err := ctx.Err(); err != nil {
			return data.Report{}, fmt.Errorf("assess %s: %w", d, err)
		}
		a.add(b)
	}
	if err := a.defaults(ctx, source, schema); err != nil {
		return data.Report{}, fmt.Errorf("assess %s: %w", d, err)
	}
	return a.finish(), nil
}

// An assessment is a report under way.
type assessment struct {
	*scene
	dataset data.Dataset
	rules   []Rule
	counts  []int64
	report  data.Report

	points        piles
	addresses     int64 // rows with a point and an address
	words         wordCounts
	unknown       unknowns
	cases         map[uint64]struct{}
	first, last   int64
	horizon       int64
	noVerdict     int64
	repeats       int64
	seed          maphash.Seed
	defaultPoints []data.DefaultLocation
}

func newAssessment(communities []data.Community, d data.Dataset, zone *time.Location, now time.Time) *assessment {
	a := &assessment{
		scene:   &scene{now: now, clock: &clock{zone: zone}, names: NewGazetteer(communities), known: map[string]string{}},
		dataset: d, rules: Rules(d), points: piles{}, words: wordCounts{}, unknown: unknowns{}, cases: map[uint64]struct{}{},
		first: math.MaxInt64, last: math.MinInt64, horizon: math.MinInt64, seed: maphash.MakeSeed(),
	}
	a.counts = make([]int64, len(a.rules))
	a.report = data.Report{Dataset: d}
	return a
}

// add counts the rows of a batch.
func (a *assessment) add(b data.Batch) {
	v := viewOf(b, a.dataset, a.scene)
	a.report.Rows += int64(v.n)
	for k, r := range a.rules {
		if r.broken == nil {
			continue
		}
		for i := range v.n {
			if r.broken(v, i) {
				a.counts[k]++
			}
		}
	}
	located := make([]bool, v.n)
	for i := range v.n {
		a.place(v, i, located)
		a.unknown.hear(v, i, located[i])
		a.time(v, i)
	}
	if a.dataset == data.Incidents {
		a.verdicts(b)
		a.repeated(v)
	}
	a.words.add(b, located)
}

// place counts row i in one of the four ways of being placed.
func (a *assessment) place(v *view, i int, located []bool) {
	p, ok := v.point(i)
	inside := v.community.Valid().At(i)
	switch {
	case ok && inside:
		a.report.Located++
	case ok:
		a.report.Outside++
	case inside:
		a.report.AreaOnly++
	default:
		a.report.Unplaced++
	}
	if located[i] = ok; !ok {
		return
	}
	a.points[p]++
	if v.address.At(i) != "" {
		a.addresses++
	}
}

// time widens the period of the report by row i.
func (a *assessment) time(v *view, i int) {
	if at, ok := v.event.at(i); ok {
		a.first, a.last = min(a.first, at), max(a.last, at)
	}
	past := func(t times) {
		if at, ok := t.at(i); ok && (v.now.IsZero() || at <= v.now.UnixMicro()) {
			a.horizon = max(a.horizon, at)
		}
	}
	for _, t := range [...]times{v.event, v.responded, v.closed, v.updated} {
		past(t)
	}
	for _, t := range v.stages {
		past(t)
	}
}

func (a *assessment) verdicts(b data.Batch) {
	if !b.Has("verdict") {
		return
	}
	valid := b.Valid("verdict")
	for i := range b.Len() {
		if !valid.At(i) {
			a.noVerdict++
		}
	}
}

// repeated counts rows that say the same as one before them.
func (a *assessment) repeated(v *view) {
	var h maphash.Hash
	h.SetSeed(a.seed)
	number := func(n uint64) {
		for range 8 {
			h.WriteByte(byte(n))
			n >>= 8
		}
	}
	for i := range v.n {
		h.Reset()
		for _, t := range [...]times{v.event, v.closed, v.due} {
			at, _ := t.at(i)
			number(uint64(at))
		}
		p, _ := v.point(i)
		number(math.Float64bits(p.lon))
		number(math.Float64bits(p.lat))
		for _, s := range [...]string{v.source.At(i), v.category.At(i), v.subcategory.At(i), v.given.At(i), v.status.At(i), v.address.At(i)} {
			h.WriteString(s)
			h.WriteByte(0)
		}
		sum := h.Sum64()
		if _, seen := a.cases[sum]; seen {
			a.repeats++
		}
		a.cases[sum] = struct{}{}
	}
}

// finish puts the report together.
func (a *assessment) finish() data.Report {
	r := a.report
	located := r.Located + r.Outside
	r.PileUps = a.points.top(20, located)
	r.Defaults = a.defaultPoints
	r.Unknown = a.unknown.top(20, a.names)
	if a.first <= a.last {
		r.First, r.Last = time.UnixMicro(a.first).UTC(), time.UnixMicro(a.last).UTC()
	}
	if a.horizon != math.MinInt64 {
		r.Horizon = time.UnixMicro(a.horizon).UTC()
	}
	for k, rule := range a.rules {
		n := a.counts[k]
		switch rule.Key {
		case "without_verdict":
			n = a.noVerdict
		case ruleRepeat:
			n = a.repeats
		case ruleUnknown:
			n = a.unknown.rows()
		case rulePileUp:
			n = a.points.rowsOf(PileUpRows)
		case ruleDefault:
			for _, d := range a.defaultPoints {
				n += d.Rows
			}
		}
		r.Rules = append(r.Rules, data.RuleCount{Rule: rule.Key, Title: rule.Title, Rows: n})
	}
	return r
}
