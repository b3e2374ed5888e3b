package response

import (
	"context"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// A kase is one incident; zero times are missing.
type kase struct {
	community, status           string
	reported, responded, closed time.Time
}

var schema = []data.Column{
	{Name: "community", Type: data.Code},
	{Name: "status", Type: data.Code, Required: true},
	{Name: "reported_at", Type: data.Time, Required: true},
	{Name: "responded_at", Type: data.Time},
	{Name: "closed_at", Type: data.Time},
}

// cases is a data.Source of incidents.
type cases []kase

// Schema implements data.Source.
func (c cases) Schema(data.Dataset) []data.Column { return schema }

// Scan implements data.Source.
func (c cases) Scan(_ context.Context, q data.Query) data.Batches {
	b := data.NewBuilder(schema)
	for _, k := range c {
		if k.community == "" {
			b.Missing(0)
		} else {
			b.SetText(0, k.community)
		}
		b.SetText(1, k.status)
		for i, at := range []time.Time{k.reported, k.responded, k.closed} {
			if at.IsZero() {
				b.Missing(2 + i)
			} else {
				b.SetInt(2+i, at.UnixMicro())
			}
		}
	}
	return func(yield func(data.Batch, error) bool) { yield(q.Filter(b.Build())) }
}

// frameOf returns a frame of communities, whose codes ascend.
func frameOf(codes ...string) *analytics.Frame {
	f := &analytics.Frame{Unit: analytics.CommunitiesOf(data.District), Key: data.ByCode{Column: "community"}}
	for _, code := range codes {
		f.Communities = append(f.Communities, data.Community{Code: code})
	}
	return f
}

// asOf is the moment as of which cases are judged in these tests.
var asOf = time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC)

// waited returns a case that was closed after so many seconds, or is open and
// has waited for them.
func waited(community string, seconds float64, closed bool) kase {
	wait := time.Duration(seconds * float64(time.Second))
	if !closed {
		return kase{community: community, status: data.StatusOpen, reported: asOf.Add(-wait)}
	}
	reported := asOf.Add(-wait - 24*time.Hour)
	return kase{community: community, status: data.StatusClosed, reported: reported, closed: reported.Add(wait)}
}

func request(t testing.TB, given map[string]string) analytics.Request {
	t.Helper()
	values, err := analytics.ParseValues(Analysis.Params, given)
	if err != nil {
		t.Fatal(err)
	}
	return analytics.Request{From: asOf.AddDate(-200, 0, 0), To: asOf.AddDate(1, 0, 0), AsOf: asOf, Zone: time.UTC, Params: values}
}
