package compliance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// A kase is one incident; zero times are missing.
type kase struct {
	community, status     string
	reported, closed, due time.Time
}

var schema = []data.Column{
	{Name: "community", Type: data.Code},
	{Name: "status", Type: data.Code, Required: true},
	{Name: "reported_at", Type: data.Time, Required: true},
	{Name: "closed_at", Type: data.Time},
	{Name: "due_at", Type: data.Time},
}

// cases is a data.Source of incidents.
type cases []kase

// Schema implements data.Source.
func (c cases) Schema(data.Dataset) []data.Column { return schema }

// Scan implements data.Source.
func (c cases) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) { yield(q.Filter(c.batch())) }
}

func (c cases) batch() data.Batch {
	b := data.NewBuilder(schema)
	for _, k := range c {
		if k.community == "" {
			b.Missing(0)
		} else {
			b.SetText(0, k.community)
		}
		b.SetText(1, k.status)
		for i, at := range []time.Time{k.reported, k.closed, k.due} {
			if at.IsZero() {
				b.Missing(2 + i)
			} else {
				b.SetInt(2+i, at.UnixMicro())
			}
		}
	}
	return b.Build()
}

// districts returns a frame of rows c0, c1 ….
func districts(n int) *analytics.Frame {
	f := &analytics.Frame{Unit: analytics.CommunitiesOf(data.District), Key: data.ByCode{Column: "community"}}
	for i := range n {
		f.Communities = append(f.Communities, data.Community{Code: fmt.Sprintf("c%03d", i)})
	}
	return f
}

func day(n int) time.Time { return time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }

// request asks for March 2024 as of the end of its 20th day.
func request(t testing.TB, given map[string]string) analytics.Request {
	t.Helper()
	values, err := analytics.ParseValues(Analysis.Params, given)
	if err != nil {
		t.Fatal(err)
	}
	return analytics.Request{From: day(0), To: day(31), AsOf: day(20), Zone: time.UTC, Params: values}
}

// dirty makes cases in which any order of times occurs, whole days so that
// they often coincide with each other, with the ends of the period and with
// the moment of judgement.
func dirty(seed uint64, n, communities int) cases {
	rng := rand.New(rand.NewPCG(seed, 2))
	statuses := []string{data.StatusOpen, data.StatusClosed, data.StatusClosed, data.StatusSuspended, data.StatusVoid}
	maybe := func() time.Time {
		if rng.IntN(3) == 0 {
			return time.Time{}
		}
		return day(rng.IntN(50) - 10)
	}
	c := make(cases, n)
	for i := range c {
		c[i] = kase{status: statuses[rng.IntN(len(statuses))], reported: day(rng.IntN(50) - 10), closed: maybe(), due: maybe()}
		if at := rng.IntN(communities + 2); at <= communities { // one more than there are rows
			c[i].community = fmt.Sprintf("c%03d", at)
		}
	}
	return c
}
