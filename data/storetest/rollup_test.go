package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
)

// fixed is a source of some inspections.
type fixed struct{ rows []Row }

func (f fixed) Schema(d data.Dataset) []data.Column {
	return data.SchemaOf(d, data.DefaultResolutions())
}

func (f fixed) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		yield(q.Filter(Batch(f.Schema(q.Dataset), f.rows...)))
	}
}

// TestAddUp checks the plain adder against sums made by hand.
func TestAddUp(t *testing.T) {
	hour := int64(time.Hour / time.Microsecond)
	monday := time.Date(2024, 5, 6, 0, 30, 0, 0, time.UTC).UnixMicro()
	row := func(result, waited, found any) Row {
		r := Row{"source": "s", "id": "x", "location": "none", "inspected_at": monday, "result": result, "found": found}
		if w, ok := waited.(int64); ok {
			r["rectified_at"] = monday + w
		}
		return r
	}
	s := fixed{[]Row{
		row("pass", hour, int64(5)), row("fail", hour+1, nil), row("fail", nil, int64(-7)),
		row(nil, -hour, int64(20)), row("pass", int64(0), int64(1)), row("na", 99*hour, nil),
	}}
	f := func(key data.Key, want map[string][]int64) {
		t.Helper()
		r := data.Rollup{Name: "x", Dataset: data.Inspections, Keys: []data.Key{key}, Counts: []data.Count{
			{Name: "rows"}, {Name: "failed", Where: data.Compare{Column: "result", Op: data.Equal, Value: "fail"}},
		}, Sums: []data.Sum{{Name: "found", Column: "found"}, {Name: "in passed", Column: "found", Where: data.Compare{Column: "result", Op: data.Equal, Value: "pass"}}}}
		if diff := cmp.Diff(want, addUp(t, s, r)); diff != "" {
			t.Errorf("%T (-want +got):\n%s", key, diff)
		}
	}
	f(data.ByCode{Column: "result"}, map[string][]int64{"pass|": {2, 0, 6, 6}, "fail|": {2, 2, -7, 0}, "na|": {1, 0, 0, 0}, "<nil>|": {1, 0, 20, 0}})
	f(data.ByCode{Column: "result", Recode: map[string]string{"pass": "ok", "na": "ok"}}, map[string][]int64{"ok|": {3, 0, 6, 6}, "<nil>|": {3, 2, 13, 0}})
	f(data.ByHourOfWeek{Column: "inspected_at", Zone: time.UTC}, map[string][]int64{"0|": {6, 2, 19, 6}})
	f(data.ByHourOfWeek{Column: "inspected_at", Zone: time.FixedZone("", -3600)}, map[string][]int64{"167|": {6, 2, 19, 6}})
	wait := data.ByWait{From: "inspected_at", To: "rectified_at", AsOf: time.UnixMicro(monday + 2*hour), Bounds: []int64{hour, 2 * hour}}
	f(wait, map[string][]int64{"0|": {2, 0, 6, 6}, "1|": {3, 2, -7, 0}, "<nil>|": {1, 0, 20, 0}})
}
