package data

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Run with -race: every batch is new and nothing has been read from it before
// all goroutines read it together.
func TestBatchesAreReadByManyAtOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	rows := someRows(random, everyType(), 100)
	condition := Any{Compare{"code", Equal, "a"}, Not{All{Missing{"int"}, In{"text", []string{"b"}}}}}
	some := []int32{99, 3, 3, 50}
	want := []row{rows[99], rows[3], rows[3], rows[50]}
	reference := build(everyType(), rows)
	digests, selected := Digests(nil, reference, false), Select(nil, reference, condition)
	read := func(form string, b Batch) {
		if diff := cmp.Diff(rows, rowsOf(b)); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", form, diff)
		}
		if diff := cmp.Diff(want, rowsOf(b.Take(some))); diff != "" {
			t.Errorf("%s: rows taken (-want +got):\n%s", form, diff)
		}
		if diff := cmp.Diff(rows[10:30], rowsOf(b.Slice(5, 60).Slice(5, 25))); diff != "" {
			t.Errorf("%s: rows sliced (-want +got):\n%s", form, diff)
		}
		if got := Digests(nil, b, false); !slices.Equal(got, digests) {
			t.Errorf("%s: Digests = %x, want %x", form, got, digests)
		}
		if got := Select(nil, b, condition); !slices.Equal(got, selected) {
			t.Errorf("%s: Select = %v, want %v", form, got, selected)
		}
		if _, err := (Query{Columns: []string{"code"}, Where: condition}).Filter(b); err != nil {
			t.Errorf("%s: %v", form, err)
		}
		_ = b.Record().NewSlice(1, 9).Column(1).String() // as an encoder reads it
	}
	var readers sync.WaitGroup
	for form, b := range forms(random, everyType(), rows) {
		for i := range 4 {
			readers.Go(func() { read(fmt.Sprintf("%s, reader %d", form, i), b) })
		}
	}
	readers.Wait()
}
