package postgis_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// TestAReadThatIsHeldUpAtAnyMessageSeesOneMoment has all facts rewritten while
// one message of a read waits, each in turn. The read sees the facts of one
// append, each once.
func TestAReadThatIsHeldUpAtAnyMessageSeesOneMoment(t *testing.T) {
	t.Parallel()
	const facts = 20
	server := pgtest.Shared(t)
	url := server.Database(t)
	c := newCutter(t, server.Address())
	reader, writer := openClosed(t, c.url(t, url), postgis.Options{}), openClosed(t, url, postgis.Options{})
	generation := 0
	rewrite := func() {
		generation++
		var rows []fact
		for i := range facts {
			rows = append(rows, fact{source: "s", id: fmt.Sprint(i), version: generation, note: fmt.Sprint("generation ", generation)})
		}
		if _, err := writer.Append(context.Background(), data.Incidents, data.Chunk{}, batchOf(writer.Schema(data.Incidents), rows...)); err != nil {
			t.Errorf("rewrite: %v", err)
		}
	}
	rewrite()
	q := data.Query{Dataset: data.Incidents, Columns: []string{"channel"}}
	r := data.Rollup{Dataset: data.Incidents, Keys: []data.Key{data.ByCode{Column: "channel"}}, Counts: []data.Count{{Name: "n"}}}
	for name, read := range map[string]func() data.Batches{
		"Scan":      func() data.Batches { return reader.Scan(t.Context(), q) },
		"AsOf":      func() data.Batches { return reader.AsOf(time.Now().Add(time.Hour)).Scan(t.Context(), q) },
		"Since":     func() data.Batches { return reader.Since(t.Context(), data.Incidents, 0) },
		"Since 1":   func() data.Batches { return reader.Since(t.Context(), data.Incidents, 1) },
		"Aggregate": func() data.Batches { return partsOf(reader.Aggregate(t.Context(), r)) },
	} {
		rewrite() // so that all of them are later than mark 1
		messages := 0
		for whole := false; !whole; messages++ {
			before := generation
			c.planStall(messages+1, rewrite)
			got := notesOf(t, read())
			whole = c.plan(0, false) > 0
			old, fresh := map[string]int{fmt.Sprint("generation ", before): facts}, map[string]int{fmt.Sprint("generation ", generation): facts}
			if !cmp.Equal(got, old) && !cmp.Equal(got, fresh) {
				t.Errorf("%s held up at message %d sees %v, want %v or %v", name, messages+1, got, old, fresh)
			}
		}
		if messages < 4 {
			t.Errorf("%s is %d messages long, want 4 or more: the test shows nothing", name, messages)
		}
	}
	audit(t, writer, url)
}

// notesOf counts facts by their note.
func notesOf(t *testing.T, batches data.Batches) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for b, err := range batches {
		if err != nil {
			t.Fatal(err)
		}
		notes := b.Codes("channel")
		for row := range b.Len() {
			n := 1
			if b.Has("n") { // added up
				n = int(b.Ints("n")[row])
			}
			counts[notes.At(row)] += n
		}
	}
	return counts
}

// partsOf returns the answers to one rollup as batches.
func partsOf(answers data.Answers) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		answers(func(a data.Answer, err error) bool { return yield(a.Batch, err) })
	}
}
