package cql2

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// kleeneColumns has two or more columns of each type.
var kleeneColumns = []data.Column{
	{Name: "text", Type: data.Text},
	{Name: "code", Type: data.Code},
	{Name: "at", Type: data.Time},
	{Name: "due", Type: data.Time},
	{Name: "n", Type: data.Int},
	{Name: "m", Type: data.Int},
	{Name: "score", Type: data.Float},
	{Name: "cell", Type: data.Cell},
}

var (
	someWords     = []string{"", "a", "A", "ab", "aB", "b%", "路灯"}
	someCells     = []geo.Cell{0x8931aa50003ffff, 0x8931aa5000bffff, 0x8931aa50013ffff}
	midnightThere = time.Date(2024, 2, 29, 16, 0, 0, 0, time.UTC) // midnight in zone
)

// someRow returns a row with gaps.
func someRow(r *rand.Rand) row {
	made := row{}
	for _, c := range kleeneColumns {
		if r.IntN(4) == 0 {
			continue
		}
		switch c.Type {
		case data.Text, data.Code:
			made[c.Name] = pick(r, someWords)
		case data.Time:
			made[c.Name] = midnightThere.Add(pick(r, shifts))
		case data.Int:
			made[c.Name] = int64(r.IntN(7) - 3)
		case data.Float:
			made[c.Name] = float64(r.IntN(7)-3) / 2
		case data.Cell:
			made[c.Name] = pick(r, someCells)
		}
	}
	return made
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// shifts are around the ends of a day.
var shifts = []time.Duration{-time.Microsecond, 0, time.Microsecond, 8 * time.Hour, 24*time.Hour - time.Microsecond, 24 * time.Hour, 48 * time.Hour}

// someCondition returns text of a condition on kleeneColumns.
func someCondition(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(3) > 0 {
		a, b := someCondition(r, depth-1), someCondition(r, depth-1)
		return fmt.Sprintf(pick(r, []string{"(%s AND %s)", "(%s OR %s)", "(%s OR NOT (%s))", "NOT (%s AND %s)", "NOT ((%s) OR %s)"}), a, b)
	}
	op := pick(r, []string{"=", "<>", "<", "<=", ">", ">="})
	equals := pick(r, []string{"=", "<>"})
	not := pick(r, []string{"", "NOT "})
	quote := func(s string) string { return quoteText(s) }
	w := pick(r, []string{"text", "code"})
	number := func() string {
		return pick(r, []string{"-2", "0", "1", "2.5", "-0.5", "1e30", "-1e30", "0.0000001", "9223372036854775807.5"})
	}
	time := func() string { return someTime(r) }
	t := pick(r, []string{"at", "due"})
	switch r.IntN(15) {
	case 0:
		return fmt.Sprintf("%s IS %sNULL", pick(r, kleeneColumns).Name, not)
	case 1:
		return fmt.Sprintf("%s %s %s", w, equals, quote(pick(r, someWords)))
	case 2:
		return fmt.Sprintf("CASEI(%s) %s CASEI(%s)", w, equals, quote(pick(r, someWords)))
	case 3:
		return fmt.Sprintf("%s %sIN (%s, %s)", w, not, quote(pick(r, someWords)), quote(pick(r, someWords)))
	case 4:
		return fmt.Sprintf("CASEI(%s) %sIN (CASEI(%s), 'b')", w, not, quote(pick(r, someWords)))
	case 5:
		return fmt.Sprintf("%s %s%s '%s'", w, not, pick(r, []string{"LIKE", "ILIKE"}), pick(r, []string{"%", "a%", "_", "A_", `%\%`, "%灯", ""}))
	case 6:
		return fmt.Sprintf("%s %s %s", pick(r, []string{"n", "score"}), op, number())
	case 7:
		return fmt.Sprintf("%s %s %s", number(), op, pick(r, []string{"n", "score"}))
	case 8:
		return fmt.Sprintf("%s %sBETWEEN %s AND %s", pick(r, []string{"n", "score"}), not, number(), number())
	case 9:
		return fmt.Sprintf("n %sIN (%s, m, %s)", not, number(), number())
	case 10:
		return fmt.Sprintf("%s %s %s", pick(r, []string{"n", "m"}), op, pick(r, []string{"n", "m"}))
	case 11:
		return fmt.Sprintf("%s %s %s", t, op, time())
	case 12:
		return fmt.Sprintf("%s %sBETWEEN %s AND %s", t, not, time(), time())
	case 13:
		return fmt.Sprintf("cell %s '%s'", op, pick(r, someCells))
	}
	sides := []string{someStretch(r), t}
	if r.IntN(2) == 0 {
		slices.Reverse(sides)
	}
	return fmt.Sprintf("%s(%s, %s)", pick(r, temporalOps), sides[0], sides[1])
}

// someTime returns a property or a literal of time.
func someTime(r *rand.Rand) string {
	return pick(r, []string{
		"at", "due", "DATE('2024-03-01')", "DATE('2024-03-02')", "TIMESTAMP('2024-02-29T16:00:00Z')",
		"TIMESTAMP('2024-03-01T08:00:00')", "TIMESTAMP('2024-02-29T16:00:00.0000005Z')", "TIMESTAMP('2024-03-01T23:59:59.999999+08:00')",
	})
}

// someStretch returns a time or an interval that does not end before it begins.
func someStretch(r *rand.Rand) string {
	end := []string{"'..'", "at", "due"}
	if r.IntN(3) == 0 {
		return strings.ReplaceAll(someTime(r), ".0000005Z", "Z") // decideTemporal has no time between microseconds
	}
	return fmt.Sprintf("INTERVAL(%s, %s)",
		pick(r, append(end, "'2024-02-28'", "'2024-02-29T16:00:00Z'", "'2024-03-01'")),
		pick(r, append(end, "'2024-03-01'", "'2024-03-01T16:00:00Z'", "'2024-03-02'")))
}

// batchOfRows makes a batch of rows of kleeneColumns.
func batchOfRows(rows []row) data.Batch {
	b := data.NewBuilder(kleeneColumns)
	for _, r := range rows {
		for i, c := range kleeneColumns {
			switch v := r[c.Name].(type) {
			case nil:
				b.Missing(i)
			case string:
				b.SetText(i, v)
			case int64:
				b.SetInt(i, v)
			case float64:
				b.SetFloat(i, v)
			case geo.Cell:
				b.SetCell(i, v)
			case time.Time:
				b.SetInt(i, v.UnixMicro())
			}
		}
	}
	return b.Build()
}

func TestCompiledIsAsKleeneDecides(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 65))
	rows := make([]row, 200)
	for i := range rows {
		rows[i] = someRow(random)
	}
	batch := batchOfRows(rows)
	met := map[truth]int{}
	for range 2500 {
		text := someCondition(random, random.IntN(4))
		e := mustParse(t, text)
		c, err := Compile(e, kleeneColumns, Options{Zone: zone})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if err := data.CheckCondition(c, kleeneColumns); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for i, got := range data.Select(nil, batch, c) {
			want := decide(e.node(), rows[i])
			met[want]++
			if got != (want == truly) {
				t.Fatalf("%s\nis met by %v: %t, and should be decided %d\n%+v", text, rows[i], got, want, c)
			}
		}
		if again := mustParse(t, e.String()); different(e, again) != "" {
			t.Fatalf("%s: (-once +again):\n%s", text, different(e, again))
		}
	}
	for _, v := range []truth{falsely, unknown, truly} {
		if met[v] < 40_000 {
			t.Errorf("%d rows are decided %d, want at least 40,000 of 500,000", met[v], v)
		}
	}
}

// The truth tables of 21-065r2, tables 1 and 2, in which n > 0 is true, false
// or unknown by row.
func TestTruthTables(t *testing.T) {
	yes, no, none := int64(1), int64(-1), any(nil)
	f := func(a, b any, and, or, notA bool) {
		t.Helper()
		r := row{"n": a, "m": b}
		batch := batchOfRows([]row{r})
		for text, want := range map[string]bool{"n > 0 AND m > 0": and, "n > 0 OR m > 0": or, "NOT (n > 0)": notA} {
			c, err := Compile(mustParse(t, text), kleeneColumns, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := data.Select(nil, batch, c)[0]; got != want {
				t.Errorf("%s is met by %v: %t, want %t", text, r, got, want)
			}
		}
	}
	f(yes, yes, true, true, false)
	f(yes, no, false, true, false)
	f(no, yes, false, true, true)
	f(no, no, false, false, true)
	f(yes, none, false, true, false)
	f(no, none, false, false, true)
	f(none, yes, false, true, false)
	f(none, no, false, false, false)
	f(none, none, false, false, false)
}
