package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

func scans() []promise {
	return []promise{
		{"an empty dataset has no rows", scanEmpty},
		{"columns come in the order asked for", scanColumns},
		{"every kind of condition, alone and negated", conditions},
		{"conditions of thousands of terms", longConditions},
		{"bad queries are errors", badQueries},
		{"a scan that is stopped early leaves the store usable", stopEarly},
		{"a scan ends with its context", scanCancelled},
		{"a scan inside a scan", scanInScan},
	}
}

func scanEmpty(t *testing.T, s data.Store) {
	for _, d := range data.Datasets() {
		wantRows(t, s, d)
		if len(s.Schema(d)) == 0 {
			t.Errorf("%s has no columns", d)
		}
	}
	if got := s.Schema("weather"); len(got) != 0 {
		t.Errorf("a dataset that does not exist has %d columns", len(got))
	}
}

func scanColumns(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a", Row{"category": "x"}), fact("b"))
	q := data.Query{Dataset: data.Incidents, Columns: []string{"category", "id"}, Where: data.Not{Condition: data.Missing{Column: "closed_at"}}}
	if rows := scan(t, s, q); len(rows) != 0 {
		t.Errorf("rows %v, want none", rows)
	}
	q.Where = data.Missing{Column: "closed_at"} // a column that is not asked for
	if diff := cmp.Diff([]string{Row{"category": "x", "id": "a"}.text(), Row{"id": "b"}.text()}, lines(scan(t, s, q))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// someInspections returns rows with all sorts of values and gaps.
func someInspections(n int) []Row {
	random := rand.New(rand.NewPCG(1, 2))
	rows := make([]Row, n)
	for i := range rows {
		r := Row{"source": "s", "id": fmt.Sprint(i), "location": "none", "inspected_at": at(i % 7)}
		maybe := func(name string, v any) {
			if random.IntN(4) > 0 {
				r[name] = v
			}
		}
		maybe("updated_at", at(random.IntN(7)))
		maybe("rectified_at", at(random.IntN(7)))
		maybe("found", int64(random.IntN(5)-2))
		maybe("score", float64(random.IntN(5))/4)
		maybe("result", []string{"pass", "fail", "na", "", "不合格"}[random.IntN(5)])
		maybe("point", []string{"p1", "p2", "", "三号"}[random.IntN(4)])
		maybe("cell_8", geo.Cell(0x8831aa5000fffff+random.IntN(5)))
		rows[i] = r
	}
	return rows
}

// conditionsOfAllKinds returns at least one condition of each kind, operator
// and type.
func conditionsOfAllKinds() []data.Condition {
	moment := time.UnixMicro(at(3)).In(time.FixedZone("", 8*3600))
	all := []data.Condition{
		nil,
		data.All{},
		data.Any{},
		data.Missing{Column: "result"},
		data.Missing{Column: "id"},
		data.Missing{Column: "found"},
		data.In{Column: "result", Words: []string{"pass", "不合格", "never"}},
		data.In{Column: "point", Words: []string{"p1", ""}},
		data.In{Column: "result"},
		data.InAnyCase{Column: "result", Words: []string{"PASS", "不合格", "never"}},
		data.InAnyCase{Column: "point", Words: []string{"P1", ""}},
		data.InAnyCase{Column: "result"},
		data.Like{Column: "result", Pattern: "%a%"},
		data.Like{Column: "result", Pattern: "不__"},
		data.Like{Column: "result", Pattern: "NA", CaseInsensitive: true},
		data.Like{Column: "result", Pattern: "NA"},
		data.Like{Column: "result", Pattern: ""},
		data.Like{Column: "point", Pattern: "p_"},
		data.Like{Column: "point", Pattern: "P%", CaseInsensitive: true},
		data.Compare{Column: "result", Op: data.Equal, Value: "fail"},
		data.Compare{Column: "result", Op: data.Equal, Value: ""},
		data.Compare{Column: "point", Op: data.Equal, Value: "三号"},
		data.Compare{Column: "point", Op: data.Equal, Value: "no such"},
		data.Compare{Column: "source", Op: data.Equal, Value: "s"},
		data.Test{Columns: []string{"score", "found"}, Of: func(b data.Batch) func(int) bool {
			score, found := b.Floats("score"), b.Ints("found")
			return func(row int) bool { return score[row] > float64(found[row])/4 }
		}},
	}
	for op := data.Equal; op <= data.GreaterOrEqual; op++ {
		all = append(all,
			data.Compare{Column: "inspected_at", Op: op, Value: moment},
			data.Compare{Column: "rectified_at", Op: op, Value: moment},
			data.Compare{Column: "found", Op: op, Value: int64(0)},
			data.Compare{Column: "score", Op: op, Value: 0.5},
			data.Compare{Column: "score", Op: op, Value: math.NaN()},
			data.Compare{Column: "score", Op: op, Value: math.Inf(1)},
			data.Compare{Column: "score", Op: op, Value: math.Inf(-1)},
			data.Compare{Column: "cell_8", Op: op, Value: geo.Cell(0x8831aa5000fffff + 2)},
			data.Compare{Column: "cell_8", Op: op, Value: geo.Cell(math.MaxUint64)},
			data.CompareColumns{Left: "inspected_at", Op: op, Right: "rectified_at"},
			data.CompareColumns{Left: "updated_at", Op: op, Right: "rectified_at"},
		)
	}
	return all
}

func conditions(t *testing.T, s data.Store) {
	rows := someInspections(300)
	put(t, s, data.Inspections, rows...)
	reference := Batch(s.Schema(data.Inspections), rows...)
	check := func(c data.Condition) {
		t.Helper()
		q := data.Query{Dataset: data.Inspections, Columns: []string{"id", "score"}, Where: c}
		filtered, err := q.Filter(reference)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(lines(rowsOf(filtered)), lines(scan(t, s, q))); diff != "" {
			t.Errorf("%#v: rows (-want +got):\n%s", c, diff)
		}
	}
	kinds := conditionsOfAllKinds()
	for i, c := range kinds {
		check(c)
		if c == nil {
			continue
		}
		other := data.Not{Condition: kinds[(i*7+3)%(len(kinds)-1)+1]}
		check(data.Not{Condition: c})
		check(data.Not{Condition: data.Not{Condition: c}})
		check(data.All{c, other})
		check(data.Any{c, other})
		check(data.Not{Condition: data.All{c, data.Any{other, data.Missing{Column: "score"}}}})
	}
}

func longConditions(t *testing.T, s data.Store) {
	put(t, s, data.Inspections, someInspections(20)...)
	var words []string
	var any data.Any
	var deep data.Condition = data.Compare{Column: "id", Op: data.Equal, Value: "7"}
	for i := range 40_000 {
		words = append(words, fmt.Sprint(i*3))
		if i < 3_000 {
			any = append(any, data.Compare{Column: "id", Op: data.Equal, Value: fmt.Sprint(i * 4)})
			deep = data.Not{Condition: deep}
		}
	}
	for _, c := range []struct {
		where data.Condition
		want  int
	}{{data.In{Column: "id", Words: words}, 7}, {any, 5}, {deep, 1}} {
		if got := len(scan(t, s, data.Query{Dataset: data.Inspections, Where: c.where})); got != c.want {
			t.Errorf("%T: %d rows, want %d", c.where, got, c.want)
		}
	}
}

func badQueries(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a"))
	for name, q := range map[string]data.Query{
		"an unknown dataset":         {Dataset: "weather"},
		"an unknown column":          {Dataset: data.Incidents, Columns: []string{"id", "nonsense"}},
		"a condition on one":         {Dataset: data.Incidents, Where: data.Missing{Column: "nonsense"}},
		"a value of the wrong type":  {Dataset: data.Incidents, Where: data.Compare{Column: "lon", Op: data.Equal, Value: "1"}},
		"a value of no type at all":  {Dataset: data.Incidents, Where: data.Compare{Column: "lon", Op: data.Equal, Value: 1}},
		"a pattern without an end":   {Dataset: data.Incidents, Where: data.Like{Column: "status", Pattern: `x\`}},
		"a word that is to be less":  {Dataset: data.Incidents, Where: data.Compare{Column: "status", Op: data.Less, Value: "x"}},
		"an injected column, really": {Dataset: data.Incidents, Columns: []string{`id" FROM x; --`}},
	} {
		n := 0
		for _, err := range s.Scan(context.Background(), q) {
			n++
			if err == nil {
				t.Errorf("%s: a batch and no error", name)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d answers, want one error", name, n)
		}
	}
}

func stopEarly(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a"))
	put(t, s, data.Incidents, fact("b"))
	for range 40 {
		for _, err := range s.Scan(context.Background(), data.Query{Dataset: data.Incidents}) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	put(t, s, data.Incidents, fact("c"))
	wantRows(t, s, data.Incidents, fact("a"), fact("b"), fact("c"))
}

func scanCancelled(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var last error
	for _, err := range s.Scan(ctx, data.Query{Dataset: data.Incidents}) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("Scan with a context that has ended: %v, want context.Canceled", last)
	}
	wantRows(t, s, data.Incidents, fact("a"))
}

func scanInScan(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a"))
	for _, err := range s.Scan(context.Background(), data.Query{Dataset: data.Incidents}) {
		if err != nil {
			t.Fatal(err)
		}
		put(t, s, data.Incidents, fact("b"))
		wantRows(t, s, data.Incidents, fact("a"), fact("b"))
	}
}
