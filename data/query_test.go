package data

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func namesOf(columns []Column) []string {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}

func TestNeedsIsWhatIsWantedAndWhatIsRead(t *testing.T) {
	f := func(q Query, want ...string) {
		t.Helper()
		before := slices.Clone(q.Columns)
		got, err := q.Needs(everyType())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, namesOf(got)); diff != "" {
			t.Errorf("%#v needs (-want +got):\n%s", q, diff)
		}
		if !slices.Equal(q.Columns, before) {
			t.Errorf("Needs changes the query to %q", q.Columns)
		}
	}
	where := Any{CompareColumns{"time", Less, "until"}, Missing{"int"}}
	f(Query{}, namesOf(everyType())...)
	f(Query{Where: where}, namesOf(everyType())...)
	f(Query{Columns: []string{"float", "text"}}, "float", "text")
	f(Query{Columns: []string{"int", "code"}, Where: where}, "int", "code", "time", "until")
	f(Query{Columns: append(make([]string, 0, 9), "int"), Where: where}, "int", "time", "until")
}

func TestNeedsRefusesUnknownColumns(t *testing.T) {
	for _, q := range []Query{{Columns: []string{"int", "no such"}}, {Where: Missing{"no such"}}, {Columns: []string{"int"}, Where: In{"no such", nil}}} {
		if _, err := q.Needs(everyType()); !errors.Is(err, ErrNotFound) {
			t.Errorf("%#v: error %v, want ErrNotFound", q, err)
		}
	}
	_, err := Query{Where: In{"int", nil}}.Needs(everyType())
	wantError(t, "words of numbers", err, "column int is of type int")
}

func TestFilterLeavesRowsAndColumnsOut(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 1))
	rows := someRows(random, everyType(), 40)
	batches := forms(random, everyType(), rows)
	for range 200 {
		q := Query{Where: someCondition(random, 3)}
		for _, i := range random.Perm(len(everyType()))[:random.IntN(4)] {
			q.Columns = append(q.Columns, everyType()[i].Name)
		}
		wanted := q.Columns
		if len(wanted) == 0 {
			wanted = namesOf(everyType())
		}
		want := []row{}
		for _, r := range rows {
			if meets(q.Where, everyType(), r) {
				var some row
				for _, name := range wanted {
					some = append(some, r[indexOf(everyType(), name)])
				}
				want = append(want, some)
			}
		}
		for form, b := range batches {
			got, err := q.Filter(b)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wanted, namesOf(got.Columns())); diff != "" {
				t.Fatalf("%s: %#v: columns (-want +got):\n%s", form, q, diff)
			}
			if diff := cmp.Diff(want, rowsOf(got)); diff != "" {
				t.Fatalf("%s: %#v: rows (-want +got):\n%s", form, q, diff)
			}
		}
	}
}

func TestFilterSharesMemoryWhereItCan(t *testing.T) {
	b := build([]Column{{Name: "n", Type: Int}, {Name: "m", Type: Int}}, []row{{int64(1), nil}, {int64(2), nil}})
	f := func(q Query, want bool) {
		t.Helper()
		got, err := q.Filter(b)
		if err != nil {
			t.Fatal(err)
		}
		if shared := &got.Ints("n")[0] == &b.Ints("n")[0]; shared != want {
			t.Errorf("%#v: memory shared: %v, want %v", q, shared, want)
		}
	}
	f(Query{}, true)
	f(Query{Columns: []string{"n"}}, true)
	f(Query{Columns: []string{"n"}, Where: Missing{"m"}}, true)
	f(Query{Where: Compare{"n", Equal, int64(1)}}, false)
	if _, err := (Query{Columns: []string{"no such"}}).Filter(b); !errors.Is(err, ErrNotFound) {
		t.Errorf("Filter to an unknown column: error %v, want ErrNotFound", err)
	}
}
