package data

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/geo"
)

// A rowSource gives incidents with a column of every type, in batches of a
// size, and notes what it is asked for.
type rowSource struct {
	rows  []row
	size  int
	asked []Query
}

func (s *rowSource) Schema(d Dataset) []Column {
	if d == Incidents {
		return everyType()
	}
	return everyType()[:2]
}

func (s *rowSource) Scan(_ context.Context, q Query) Batches {
	s.asked = append(s.asked, q)
	return func(yield func(Batch, error) bool) {
		if _, err := q.Needs(s.Schema(q.Dataset)); err != nil {
			yield(Batch{}, err)
			return
		}
		for part := range slices.Chunk(s.rows, s.size) {
			if !yield(q.Filter(build(everyType(), part))) {
				return
			}
		}
	}
}

// derivation makes a column of every type out of another.
func derivation() Derivation {
	return Derivation{
		Reads: []string{"int", "float", "text", "code", "time", "cell"},
		Columns: []Column{
			{Name: "next", Type: Int},
			{Name: "half", Type: Float},
			{Name: "kind", Type: Code},
			{Name: "loud", Type: Text},
			{Name: "later", Type: Time},
			{Name: "near", Type: Cell},
		},
		Compute: func(rows Batch, into *Builder) error {
			ints, floats, texts, codes := rows.Ints("int"), rows.Floats("float"), rows.Texts("text"), rows.Codes("code")
			times, cells := rows.Ints("time"), rows.Cells("cell")
			for i := range rows.Len() {
				has := func(name string) bool { return rows.Valid(name).At(i) }
				maybe := func(column int, some bool, set func()) {
					if some {
						set()
					} else {
						into.Missing(column)
					}
				}
				maybe(0, has("int"), func() { into.SetInt(0, ints[i]+1) })
				maybe(1, has("float"), func() { into.SetFloat(1, floats[i]/2) })
				into.SetText(2, map[bool]string{true: "some", false: "none"}[has("text")])
				maybe(3, has("text") && has("code"), func() { into.SetText(3, texts.At(i)+"! "+codes.At(i)) })
				maybe(4, has("time") && times[i] < 0, func() { into.SetInt(4, times[i]+3) })
				maybe(5, has("cell"), func() { into.SetCell(5, cells[i]) })
			}
			return nil
		},
	}
}

// derivedRow adds to a row of everyType what derivation makes of it.
func derivedRow(r row) row {
	var next, half, loud, later any
	if v, ok := r[4].(int64); ok {
		next = v + 1
	}
	if v, ok := r[6].(float64); ok {
		half = v / 2
	}
	text, isText := r[0].(string)
	kind := "none"
	if isText {
		kind = "some"
	}
	if code, ok := r[1].(string); ok && isText {
		loud = text + "! " + code
	}
	if v, ok := r[2].(int64); ok && v < 0 {
		later = v + 3
	}
	return append(slices.Clip(r), next, half, kind, loud, later, r[7])
}

// again makes a column of what derivation made.
func again() Derivation {
	return Derivation{
		Reads: []string{"kind", "int"}, Columns: []Column{{Name: "again", Type: Code}},
		Compute: func(rows Batch, into *Builder) error {
			kinds := rows.Codes("kind")
			for i := range rows.Len() {
				into.SetText(0, "again "+kinds.At(i))
			}
			return nil
		},
	}
}

// someDerivedQuery makes up a query for stored and derived columns.
func someDerivedQuery(r *rand.Rand, columns []Column) Query {
	q := Query{Dataset: Incidents, Where: someConditionOn(r, columns, 3)}
	if r.IntN(2) == 0 {
		q.Where = All{q.Where, someConditionOn(r, columns, 1), All{someConditionOn(r, columns, 1)}}
	}
	for _, i := range r.Perm(len(columns))[:r.IntN(4)] {
		q.Columns = append(q.Columns, columns[i].Name)
	}
	return q
}

// wantDerived compares a scan with rows made and sifted by hand.
func wantDerived(t *testing.T, s Source, q Query, rows []row) {
	t.Helper()
	columns := s.Schema(Incidents)
	wanted := q.Columns
	if len(wanted) == 0 {
		wanted = namesOf(columns)
	}
	var want, got []row
	for _, r := range rows {
		if !meets(q.Where, columns, r) {
			continue
		}
		var some row
		for _, name := range wanted {
			some = append(some, r[indexOf(columns, name)])
		}
		want = append(want, some)
	}
	for b, err := range s.Scan(t.Context(), q) {
		if err != nil {
			t.Fatalf("%#v: %v", q, err)
		}
		if diff := cmp.Diff(wanted, namesOf(b.Columns())); diff != "" {
			t.Fatalf("%#v: columns (-want +got):\n%s", q, diff)
		}
		got = append(got, rowsOf(b)...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%#v: rows (-want +got):\n%s", q, diff)
	}
}

// nested returns a source with the columns of derivation and again, and the
// rows it has.
func nested(rows []row, size int) (Source, []row) {
	s := Derive(Derive(&rowSource{rows: rows, size: size}, Incidents, derivation()), Incidents, again())
	var all []row
	for _, r := range rows {
		r = derivedRow(r)
		all = append(all, append(r, "again "+r[10].(string)))
	}
	return s, all
}

func TestDerivedColumnsAreLikeAnyOther(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 1))
	rows := someRows(random, everyType(), 60)
	s, all := nested(rows, 17)
	once := Derive(&rowSource{rows: rows, size: 9}, Incidents, derivation())
	for range 500 {
		wantDerived(t, s, someDerivedQuery(random, s.Schema(Incidents)), all)
		wantDerived(t, once, someDerivedQuery(random, once.Schema(Incidents)), all)
	}
	wantDerived(t, s, Query{Dataset: Incidents}, all)
	wantDerived(t, s, Query{Dataset: Incidents, Columns: []string{"again"}}, all)
	wantDerived(t, s, Query{Dataset: Incidents, Columns: []string{"other"}, Where: Compare{"again", Equal, "again none"}}, all)
}

// FuzzDerive makes queries up for any rows.
func FuzzDerive(f *testing.F) {
	f.Add(uint64(1), []byte{})
	f.Add(uint64(2), []byte{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1})
	f.Add(uint64(3), []byte("\x03ab\x02c\x01\x80\x00\x00\x00\x00\x00\x00\x01\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\x00\x01\x7f\xf8\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, seed uint64, bytes []byte) {
		random := rand.New(rand.NewPCG(seed, 0))
		s, all := nested(rowsFrom(everyType(), bytes), 1+random.IntN(50))
		for range 5 {
			wantDerived(t, s, someDerivedQuery(random, s.Schema(Incidents)), all)
		}
	})
}

func TestDeriveAsksForWhatIsNeeded(t *testing.T) {
	f := func(q, want Query) {
		t.Helper()
		q.Dataset, want.Dataset = Incidents, Incidents
		below := &rowSource{size: 1}
		for _, err := range Derive(below, Incidents, nextOnly()).Scan(t.Context(), q) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]Query{want}, below.asked); diff != "" {
			t.Errorf("%#v: the source is asked for (-want +got):\n%s", q, diff)
		}
	}
	stored, derived := Missing{"text"}, Missing{"next"}
	all := namesOf(everyType())
	ordered := append([]string{"int"}, slices.DeleteFunc(slices.Clone(all), func(name string) bool { return name == "int" })...)
	f(Query{}, Query{Columns: ordered})
	f(Query{Columns: []string{"next"}}, Query{Columns: []string{"int"}})
	f(Query{Columns: []string{"next"}, Where: stored}, Query{Columns: []string{"int"}, Where: All{stored}})
	f(Query{Columns: []string{"code", "next"}, Where: derived}, Query{Columns: []string{"int", "code"}})
	f(Query{Columns: []string{"code"}, Where: All{stored, derived}}, Query{Columns: []string{"int", "code"}, Where: All{stored}})
	f(Query{Columns: []string{"code"}, Where: All{derived, All{nil, Missing{"cell"}, All{stored}}}}, Query{Columns: []string{"int", "code"}, Where: All{Missing{"cell"}, stored}})
	f(Query{Columns: []string{"code"}, Where: Any{stored, derived}}, Query{Columns: []string{"int", "code", "text"}})
	f(Query{Columns: []string{"code"}, Where: All{stored, CompareColumns{"next", Less, "other"}}}, Query{Columns: []string{"int", "code", "other"}, Where: All{stored}})
	f(Query{Columns: []string{"code"}, Where: All{stored}}, Query{Columns: []string{"code"}, Where: All{stored}}) // nothing to derive
}

// nextOnly derives "next" of "int" and nothing else.
func nextOnly() Derivation {
	return Derivation{
		Reads: []string{"int"}, Columns: derivation().Columns[:1],
		Compute: func(rows Batch, into *Builder) error {
			if diff := cmp.Diff([]string{"int"}, namesOf(rows.Columns())); diff != "" {
				return errors.New(diff)
			}
			for range rows.Len() {
				into.Missing(0)
			}
			return nil
		},
	}
}

// TestDeriveNeedsNoColumns: a derivation that reads nothing, asked for alone,
// still has a row for each row.
func TestDeriveNeedsNoColumns(t *testing.T) {
	rows := someRows(rand.New(rand.NewPCG(5, 2)), everyType(), 30)
	one := Derivation{Columns: []Column{{Name: "one", Type: Int}}, Compute: func(rows Batch, into *Builder) error {
		for range rows.Len() {
			into.SetInt(0, 1)
		}
		return nil
	}}
	s := Derive(&rowSource{rows: rows, size: 7}, Incidents, one)
	var all []row
	for _, r := range rows {
		all = append(all, append(slices.Clip(r), int64(1)))
	}
	wantDerived(t, s, Query{Dataset: Incidents, Columns: []string{"one"}}, all)
	wantDerived(t, s, Query{Dataset: Incidents, Columns: []string{"one", "cell"}, Where: Missing{"int"}}, all)
}

func TestDeriveLeavesOtherDatasetsAlone(t *testing.T) {
	below := &rowSource{rows: someRows(rand.New(rand.NewPCG(5, 3)), everyType(), 3), size: 9}
	s := Derive(below, Resources, derivation())
	if diff := cmp.Diff(everyType(), s.Schema(Incidents)); diff != "" {
		t.Errorf("schema of another dataset (-want +got):\n%s", diff)
	}
	wantDerived(t, s, Query{Dataset: Incidents, Where: Missing{"int"}}, below.rows)
	if _, ok := s.(Aggregator); ok {
		t.Error("the source adds up, and knows nothing of the derived columns")
	}
}

func TestDeriveSharesMemory(t *testing.T) {
	b := build(everyType(), []row{{"a", "b", int64(1), nil, int64(7), nil, 0.5, geo.Cell(1)}})
	s := Derive(fixedBatch{b}, Incidents, derivation())
	for got, err := range s.Scan(t.Context(), Query{Dataset: Incidents}) {
		if err != nil {
			t.Fatal(err)
		}
		if &got.Ints("int")[0] != &b.Ints("int")[0] || got.Ints("next")[0] != 8 {
			t.Error("the joined batch has memory of its own, or another value")
		}
	}
	if len(b.Columns()) != len(everyType()) {
		t.Error("the batch of the source has changed")
	}
}

// fixedBatch is a source of one batch.
type fixedBatch struct{ batch Batch }

func (f fixedBatch) Schema(Dataset) []Column { return f.batch.Columns() }

func (f fixedBatch) Scan(_ context.Context, q Query) Batches {
	return func(yield func(Batch, error) bool) { yield(q.Filter(f.batch)) }
}

func TestDeriveTellsWhatIsWrong(t *testing.T) {
	rows := someRows(rand.New(rand.NewPCG(5, 4)), everyType(), 20)
	broken := errors.New("it broke")
	f := func(what string, d Derivation, q Query, why string) {
		t.Helper()
		q.Dataset = Incidents
		answers := 0
		var last error
		for b, err := range Derive(&rowSource{rows: rows, size: 5}, Incidents, d).Scan(t.Context(), q) {
			answers, last = answers+1, err
			if err == nil && b.Len() == 0 {
				t.Errorf("%s: an empty batch", what)
			}
		}
		wantError(t, what, last, why)
		if strings.Contains(why, broken.Error()) && (!errors.Is(last, broken) || answers != 2) {
			t.Errorf("%s: error %v after %d answers, want one that wraps its cause, after 2", what, last, answers)
		}
	}
	with := func(change func(*Derivation)) Derivation {
		d := derivation()
		change(&d)
		return d
	}
	calls := 0
	f("nothing", derivation(), Query{}, "")
	f("an unknown column", derivation(), Query{Columns: []string{"next", "no such"}}, `derive columns of incidents: column "no such": not found; there are text`)
	f("a condition on one", derivation(), Query{Columns: []string{"next"}, Where: Missing{"no such"}}, "not found")
	f("a condition of another type", derivation(), Query{Where: Compare{"kind", Equal, int64(1)}}, "column kind is of type code, want int")
	f("an unknown column without derived ones", derivation(), Query{Columns: []string{"no such"}}, `column "no such": not found`)
	f("a column that is not there to read", with(func(d *Derivation) { d.Reads = []string{"int", "no such"} }), Query{}, `derive columns of incidents: column "no such": not found`)
	f("a name that is taken", with(func(d *Derivation) { d.Columns[0].Name = "int" }), Query{}, `column "int" is there already`)
	f("one name twice", with(func(d *Derivation) { d.Columns[0].Name = "half" }), Query{}, `column "half" is there already`)
	f("rows that are not made", with(func(d *Derivation) { d.Compute = func(Batch, *Builder) error { return nil } }), Query{}, "derive columns of incidents: 0 rows made of 5")
	f("a computation that breaks", with(func(d *Derivation) {
		compute := d.Compute
		d.Compute = func(rows Batch, into *Builder) error {
			if calls++; calls == 2 {
				return broken
			}
			return compute(rows, into)
		}
	}), Query{}, "derive columns of incidents: it broke")
	f("floats that are no numbers", with(func(d *Derivation) {
		d.Columns = []Column{{Name: "nan", Type: Float}}
		d.Compute = func(rows Batch, into *Builder) error {
			for range rows.Len() {
				into.SetFloat(0, math.NaN())
			}
			return nil
		}
	}), Query{Where: Not{Missing{"nan"}}}, "") // they are missing
}

func TestDeriveStopsWhenTold(t *testing.T) {
	s := Derive(&rowSource{rows: someRows(rand.New(rand.NewPCG(5, 5)), everyType(), 20), size: 5}, Incidents, derivation())
	for range 2 {
		n := 0
		for b, err := range s.Scan(t.Context(), Query{Dataset: Incidents}) {
			if n += b.Len(); err != nil {
				t.Fatal(err)
			}
			break
		}
		if n != 5 {
			t.Errorf("%d rows before the scan is stopped, want 5", n)
		}
	}
}
