package scope_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
	"github.com/civgrid/civgrid/data/quality"
	"github.com/civgrid/civgrid/data/scope"
	"github.com/civgrid/civgrid/data/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// now is the present of the tests.
func now() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// city is districts A and B with two streets each.
func city() []data.Community {
	square := func(x, y float64) orb.MultiPolygon {
		return orb.MultiPolygon{{{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}}}}
	}
	return []data.Community{
		{Code: "A", Level: data.District, Outline: square(0, 0)},
		{Code: "A1", Level: data.Street, Parent: "A", Outline: square(0, 0)},
		{Code: "A2", Level: data.Street, Parent: "A", Outline: square(0, 1)},
		{Code: "B", Level: data.District, Outline: square(2, 0)},
		{Code: "B1", Level: data.Street, Parent: "B", Outline: square(2, 0)},
		{Code: "B1", Level: data.Street, Parent: "B", Outline: square(2, 0), ValidFrom: now()},
	}
}

// rows returns n incidents all over the city, some of which are nowhere.
func rows(n int) []storetest.Row {
	r := rand.New(rand.NewPCG(1, 2))
	var list []storetest.Row
	for i := range n {
		row := storetest.Row{
			"source": "hotline", "id": fmt.Sprint("id ", i), "location": data.LocationArea, "status": data.StatusOpen,
			"category": []string{"noise", "waste", "light"}[r.IntN(3)], "reported_at": now().Add(-time.Duration(r.IntN(9000)) * time.Hour).UnixMicro(),
		}
		if code := []string{"A", "A1", "A2", "B", "B1", ""}[r.IntN(6)]; code != "" {
			row["community"] = code
		}
		list = append(list, row)
	}
	return list
}

// fill keeps communities, rows and a report in a store.
func fill(t *testing.T, s data.Store, communities []data.Community, rows []storetest.Row) {
	t.Helper()
	if _, err := s.PutCommunities(t.Context(), communities); err != nil {
		t.Fatal(err)
	}
	add(t, s, rows...)
	report, err := quality.Assess(t.Context(), s, communities, data.Incidents, time.UTC, now())
	if err == nil {
		err = s.PutReport(t.Context(), report)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, s data.Store, rows ...storetest.Row) {
	t.Helper()
	if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, storetest.Batch(s.Schema(data.Incidents), rows...)); err != nil {
		t.Fatal(err)
	}
}

// ids returns the ids that a source has for a condition, ascending.
func ids(t *testing.T, s data.Source, where data.Condition) (all []string) {
	t.Helper()
	for b, err := range s.Scan(t.Context(), data.Query{Dataset: data.Incidents, Columns: []string{"id"}, Where: where}) {
		if err != nil {
			t.Fatal(err)
		}
		for row := range b.Len() {
			all = append(all, b.Texts("id").At(row))
		}
	}
	slices.Sort(all)
	return all
}

func version(t *testing.T, s data.Store) string {
	t.Helper()
	v, err := s.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func part(whole data.Store, codes ...string) data.Store {
	return scope.Of(whole, codes, scope.Options{Now: now})
}

// eachStore runs a test on a store in memory and on a database.
func eachStore(t *testing.T, test func(t *testing.T, open func() data.Store)) {
	t.Run("memory", func(t *testing.T) { test(t, func() data.Store { return memory.New() }) })
	t.Run("postgis", func(t *testing.T) {
		test(t, func() data.Store {
			s, err := postgis.Open(t.Context(), pgtest.Shared(t).Database(t), postgis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return s
		})
	})
}

// TestAPartIsTheStoreOfItsFacts compares a part with a store that was never given
// anything else.
func TestAPartIsTheStoreOfItsFacts(t *testing.T) {
	eachStore(t, func(t *testing.T, open func() data.Store) {
		whole := open()
		fill(t, whole, city(), rows(500))
		for _, codes := range [][]string{{"A"}, {"B1"}, {"A2", "B"}, {"A", "A1"}, {"A", "B"}} {
			var communities []data.Community
			var in []storetest.Row
			hierarchy := data.NewHierarchy(city())
			belongs := func(code string) bool {
				return slices.ContainsFunc(codes, func(c string) bool { return slices.Contains(hierarchy.Within(c), code) })
			}
			for _, c := range city() {
				if belongs(c.Code) {
					communities = append(communities, c)
				}
			}
			for _, row := range rows(500) {
				if code, _ := row["community"].(string); belongs(code) {
					in = append(in, row)
				}
			}
			alone := open()
			fill(t, alone, communities, in)
			s := part(whole, codes...)
			if got, want := version(t, s), version(t, alone); got != want {
				t.Errorf("%v: version %s, want %s", codes, got, want)
			}
			for _, where := range []data.Condition{nil, data.In{Column: "category", Words: []string{"noise"}}, data.Any{data.Missing{Column: "community"}, data.In{Column: "community", Words: []string{"A1", "B1"}}}} {
				if diff := cmp.Diff(ids(t, alone, where), ids(t, s, where)); diff != "" {
					t.Errorf("%v, %v: rows (-want +got)\n%s", codes, where, diff)
				}
			}
			got, err := s.Report(t.Context(), data.Incidents)
			if err != nil {
				t.Fatal(err)
			}
			if want, _ := alone.Report(t.Context(), data.Incidents); !cmp.Equal(got, want) {
				t.Errorf("%v: report (-want +got)\n%s", codes, cmp.Diff(want, got))
			}
			known, _ := s.Communities(t.Context())
			if want, _ := alone.Communities(t.Context()); !cmp.Equal(known, want) {
				t.Errorf("%v: communities (-want +got)\n%s", codes, cmp.Diff(want, known))
			}
			sameSums(t, alone, s)
		}
	})
}

// sameSums compares what both add up, where they do.
func sameSums(t *testing.T, want, got data.Store) {
	t.Helper()
	sums := func(s data.Store) map[string]int64 {
		adder, ok := s.(data.Aggregator)
		if !ok {
			return nil
		}
		rollup := data.Rollup{Dataset: data.Incidents, Keys: []data.Key{data.ByCode{Column: "category"}}, Counts: []data.Count{{Name: "n"}}}
		if _, err := adder.Weigh(t.Context(), []data.Rollup{rollup}); err != nil {
			t.Fatal(err)
		}
		total := map[string]int64{}
		for answer, err := range adder.Aggregate(t.Context(), rollup) {
			if err != nil {
				t.Fatal(err)
			}
			for row, n := range answer.Ints("n") {
				total[answer.Codes("category").At(row)] += n
			}
		}
		return total
	}
	if diff := cmp.Diff(sums(want), sums(got)); diff != "" {
		t.Errorf("sums (-want +got)\n%s", diff)
	}
}

// TestWhatHappensElsewhereIsNotTold follows the version and the report of a part while
// facts of others change.
func TestWhatHappensElsewhereIsNotTold(t *testing.T) {
	whole := memory.New()
	fill(t, whole, city(), rows(50))
	a, b := part(whole, "A"), part(whole, "B")
	before, other := version(t, a), version(t, b)
	in := func(id, code, category string) storetest.Row {
		return storetest.Row{
			"source": "hotline", "id": id, "location": data.LocationArea, "status": data.StatusOpen,
			"reported_at": now().UnixMicro(), "community": code, "category": category,
		}
	}
	add(t, whole, in("new", "B1", "noise"))
	if version(t, a) != before {
		t.Error("a fact of B changes the version of A")
	}
	if version(t, b) == other {
		t.Error("a fact of B does not change the version of B")
	}
	add(t, whole, in("new", "A1", "noise")) // it moves
	if got := version(t, a); got == before || version(t, b) != other {
		t.Errorf("a fact that moves from B to A: versions %s of A, %s of B, want another and %s", got, version(t, b), other)
	}
	if got := ids(t, a, data.In{Column: "id", Words: []string{"new"}}); len(got) != 1 {
		t.Errorf("the fact that moved to A is %q there", got)
	}
	imports, err := a.Imports(t.Context())
	if err != nil || len(imports) != 0 {
		t.Errorf("imports %v, %v", imports, err)
	}
	if err := whole.PutImport(t.Context(), data.Import{ID: "x", File: "b.csv", Read: 7, Changes: data.Changes{Inserted: 6, Replaced: 5}}); err != nil {
		t.Fatal(err)
	}
	if imports, _ = a.Imports(t.Context()); imports[0].File != "" || imports[0].Read != 0 || imports[0].Changes != (data.Changes{Replaced: 1}) {
		t.Errorf("an import tells %+v", imports[0])
	}
}

// TestNobodysPartIsEmpty holds for codes that are unknown and for no codes.
func TestNobodysPartIsEmpty(t *testing.T) {
	eachStore(t, func(t *testing.T, open func() data.Store) {
		whole := open()
		fill(t, whole, city(), rows(50))
		for _, codes := range [][]string{nil, {""}, {"C"}} {
			s := part(whole, codes...)
			if got := ids(t, s, nil); len(got) != 0 {
				t.Errorf("%q: %d rows", codes, len(got))
			}
			if communities, err := s.Communities(t.Context()); err != nil || len(communities) != 0 {
				t.Errorf("%q: communities %v, %v", codes, communities, err)
			}
			if _, err := s.Report(t.Context(), data.Incidents); !errors.Is(err, data.ErrNotFound) {
				t.Errorf("%q: report: %v, want none", codes, err)
			}
		}
	})
}

// TestThePastOfAPart looks at facts that were replaced.
func TestThePastOfAPart(t *testing.T) {
	whole := memory.New()
	fill(t, whole, city(), rows(60))
	historian := part(whole, "A").(data.Historian)
	if n := len(ids(t, historian.AsOf(time.Now()), nil)); n == 0 || n != len(ids(t, part(whole, "A"), nil)) {
		t.Errorf("%d rows as of now", n)
	}
	if n := len(ids(t, historian.AsOf(now().AddDate(-10, 0, 0)), nil)); n != 0 {
		t.Errorf("%d rows before there were any", n)
	}
}

// held returns the revision that a source has of the fact of an id, the zero one for none.
func held(t *testing.T, s data.Source, id string) (revision data.Revision) {
	t.Helper()
	for b, err := range s.Scan(t.Context(), data.Query{Dataset: data.Incidents, Where: data.In{Column: "id", Words: []string{id}}}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, revision = range data.Revisions(b) {
		}
	}
	return revision
}

// at is a fact of the hotline in the community of a code, or in none.
func at(id, code string) storetest.Row {
	row := storetest.Row{"source": "hotline", "id": id, "location": data.LocationArea, "status": data.StatusOpen, "reported_at": now().UnixMicro()}
	if code != "" {
		row["community"] = code
	}
	return row
}

// replace keeps a fact in place of the expected one.
func replace(t *testing.T, s data.Store, expected data.Revision, row storetest.Row) error {
	t.Helper()
	_, err := s.Replace(t.Context(), data.Incidents, []data.Revision{expected}, storetest.Batch(s.Schema(data.Incidents), row))
	return err
}

func TestOnlyOwnFactsAreKept(t *testing.T) {
	whole := memory.New()
	fill(t, whole, city(), rows(60))
	s := part(whole, "A")
	own, foreign := ids(t, s, nil)[0], ids(t, part(whole, "B"), nil)[0]
	f := func(expected data.Revision, id, code string, want error) {
		t.Helper()
		before := version(t, whole)
		err := replace(t, s, expected, at(id, code))
		if !errors.Is(err, want) || (version(t, whole) != before) != (want == nil) {
			t.Errorf("%s in %q: %v, want %v", id, code, err, want)
		}
	}
	none := data.Revision{}
	f(none, "new", "A1", nil)
	f(none, "new", "A1", data.ErrChanged)
	f(none, own, "A2", data.ErrChanged)
	f(held(t, s, own), own, "A2", nil)
	f(none, "other", "B1", scope.ErrOutside)
	f(none, "other", "", scope.ErrOutside)
	f(held(t, s, own), own, "B1", scope.ErrOutside)
	f(none, foreign, "A1", scope.ErrOutside)
	f(held(t, whole, foreign), foreign, "A1", data.ErrChanged)
	for name, err := range map[string]error{
		"settings": s.PutSettings(t.Context(), data.Settings{}), "report": s.PutReport(t.Context(), data.Report{}), "import": s.PutImport(t.Context(), data.Import{}),
		"communities": func() error { _, err := s.PutCommunities(t.Context(), nil); return err }(),
		"append": func() error {
			_, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, storetest.Batch(s.Schema(data.Incidents), at("new", "A1")))
			return err
		}(),
		"document": func() error { _, err := s.PutDocument(t.Context(), data.Document{}); return err }(),
	} {
		if !errors.Is(err, scope.ErrWhole) {
			t.Errorf("%s: %v, want %v", name, err, scope.ErrWhole)
		}
	}
}

// TestWhatIsTakenElsewhereIsToldAsWhatLiesElsewhere compares the words of refusals: who is
// refused does not learn which of the two it is.
func TestWhatIsTakenElsewhereIsToldAsWhatLiesElsewhere(t *testing.T) {
	whole := memory.New()
	fill(t, whole, city(), rows(60))
	s, foreign := part(whole, "A"), ids(t, part(whole, "B"), nil)[0]
	taken, outside := replace(t, s, data.Revision{}, at(foreign, "A1")), replace(t, s, data.Revision{}, at("other", "B1"))
	if taken == nil || outside == nil || taken.Error() != outside.Error() {
		t.Errorf("%v, and %v", taken, outside)
	}
	var was, never *data.ChangedError
	errors.As(replace(t, s, held(t, whole, foreign), at(foreign, "A1")), &was)
	errors.As(replace(t, s, held(t, whole, foreign), at("other", "A1")), &never)
	if was == nil || never == nil || was.Held != never.Held {
		t.Errorf("the state of a fact of others is expected: %v; that of none: %v", was, never)
	}
}

// moving is a store in which a fact moves to another part between the look of a part and
// its write.
type moving struct {
	*memory.Store
	move func()
}

func (m moving) Replace(ctx context.Context, d data.Dataset, expected []data.Revision, rows data.Batch) (data.Changes, error) {
	m.move()
	return m.Store.Replace(ctx, d, expected, rows)
}

// TestAFactThatMovesAwayIsNotTakenBack has somebody else move a fact to B, or record one
// there, while somebody of A takes it back, or records it.
func TestAFactThatMovesAwayIsNotTakenBack(t *testing.T) {
	whole := memory.New()
	fill(t, whole, city(), nil)
	add(t, whole, at("a", "A1"))
	mine := held(t, whole, "a")
	s := part(moving{whole, func() { add(t, whole, at("a", "B1"), at("b", "B1")) }}, "A")
	gone := at("a", "A1")
	gone[data.Withdrawn] = data.AnswerYes
	if err := replace(t, s, mine, gone); !errors.Is(err, data.ErrChanged) || errors.Is(err, scope.ErrOutside) {
		t.Errorf("taken back: %v, want %v", err, data.ErrChanged)
	}
	if err := replace(t, s, data.Revision{}, at("b", "A1")); !errors.Is(err, scope.ErrOutside) {
		t.Errorf("recorded: %v, want %v", err, scope.ErrOutside)
	}
	if got := ids(t, part(whole, "B"), nil); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("B has %v", got)
	}
}

// TestWhatWasTakenBackIsNobodys: its source and id can be used in any part.
func TestWhatWasTakenBackIsNobodys(t *testing.T) {
	whole := memory.New()
	fill(t, whole, city(), nil)
	gone := at("a", "B1")
	gone[data.Withdrawn] = data.AnswerYes
	add(t, whole, gone)
	s := part(whole, "A")
	var other *data.ChangedError
	if err := replace(t, s, data.Revision{}, at("a", "A1")); !errors.As(err, &other) || !other.Held.Withdrawn {
		t.Fatalf("%v, want the state of what was taken back", err)
	}
	if err := replace(t, s, other.Held, at("a", "A1")); err != nil || len(ids(t, s, nil)) != 1 {
		t.Errorf("%v, %v", err, ids(t, s, nil))
	}
}
