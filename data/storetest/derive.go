package storetest

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
)

func derivations() []promise {
	return []promise{{"columns are derived of what is stored", derive}}
}

// derivation makes columns of inspections.
func derivation() data.Derivation {
	return data.Derivation{
		Reads: []string{"inspected_at", "rectified_at", "score", "result"},
		Columns: []data.Column{
			{Name: "hours", Type: data.Int},
			{Name: "millionths", Type: data.Int},
			{Name: "grade", Type: data.Code},
			{Name: "next_day", Type: data.Time},
			{Name: "half", Type: data.Float},
		},
		Compute: compute,
	}
}

func compute(rows data.Batch, into *data.Builder) error {
	begins, ends, scores, results := rows.Ints("inspected_at"), rows.Ints("rectified_at"), rows.Floats("score"), rows.Codes("result")
	ended, scored := rows.Valid("rectified_at"), rows.Valid("score")
	for i, begin := range begins {
		if ended.At(i) {
			into.SetInt(0, (ends[i]-begin)/time.Hour.Microseconds())
		} else {
			into.Missing(0)
		}
		if scored.At(i) {
			into.SetInt(1, int64(math.Round(scores[i]*1e6)))
			into.SetFloat(4, scores[i]/2)
		} else {
			into.Missing(1)
			into.Missing(4)
		}
		into.SetText(2, "grade "+results.At(i))
		into.SetInt(3, begin+(24*time.Hour).Microseconds())
	}
	return nil
}

// withDerived returns a row with the derived columns, made by hand.
func withDerived(r Row) Row {
	all := Row{}
	for name, v := range r {
		all[name] = v
	}
	begin := r["inspected_at"].(int64)
	all["next_day"] = begin + 86_400_000_000
	result, _ := r["result"].(string)
	all["grade"] = "grade " + result
	if end, ok := r["rectified_at"].(int64); ok {
		all["hours"] = (end - begin) / 3_600_000_000
	}
	if score, ok := r["score"].(float64); ok { // quarters
		all["millionths"], all["half"] = int64(score*4)*250_000, score*0.5
	}
	return all
}

func derive(t *testing.T, s data.Store) {
	rows := someInspections(300)
	put(t, s, data.Inspections, rows...)
	for i, r := range rows {
		rows[i] = withDerived(r)
	}
	source := data.Derive(s, data.Inspections, derivation())
	reference := Batch(source.Schema(data.Inspections), rows...)
	check := func(c data.Condition, columns ...string) {
		t.Helper()
		q := data.Query{Dataset: data.Inspections, Columns: columns, Where: c}
		want, err := q.Filter(reference)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(lines(rowsOf(want)), lines(scan(t, source, q))); diff != "" {
			t.Errorf("%v where %#v: rows (-want +got):\n%s", columns, c, diff)
		}
	}
	check(nil)
	check(nil, "grade")
	for i, stored := range conditionsOfAllKinds() {
		for j, made := range conditionsOnDerived() {
			if (i+j)%3 == 0 {
				check(data.All{stored, made}, "half", "id")
				check(data.Any{data.Not{Condition: stored}, made}, "id")
				check(data.All{data.Not{Condition: made}, data.All{stored, data.Any{stored, made}}}, "hours", "grade", "score")
			}
		}
	}
	wantSums(t, source, rows)
}

func conditionsOnDerived() []data.Condition {
	return []data.Condition{
		data.Missing{Column: "hours"},
		data.In{Column: "grade", Words: []string{"grade pass", "grade "}},
		data.Compare{Column: "hours", Op: data.Less, Value: int64(0)},
		data.Compare{Column: "half", Op: data.GreaterOrEqual, Value: 0.25},
		data.CompareColumns{Left: "hours", Op: data.Greater, Right: "found"},
		data.CompareColumns{Left: "next_day", Op: data.LessOrEqual, Right: "rectified_at"},
	}
}

// wantSums adds derived columns up: sums of decimals, in millionths.
func wantSums(t *testing.T, source data.Source, rows []Row) {
	t.Helper()
	r := data.Rollup{
		Name: "grades", Dataset: data.Inspections, Keys: []data.Key{data.ByCode{Column: "grade"}},
		Counts: []data.Count{{Name: "rows"}}, Sums: []data.Sum{{Name: "points", Column: "millionths"}},
	}
	if err := r.Check(source.Schema(data.Inspections)); err != nil {
		t.Fatal(err)
	}
	want := map[string][]int64{}
	for _, row := range rows {
		points, _ := row["millionths"].(int64)
		add(want, row["grade"].(string)+"|", []int64{1, points})
	}
	if diff := cmp.Diff(want, addUp(t, source, r)); diff != "" {
		t.Errorf("points by grade (-want +got):\n%s", diff)
	}
}
