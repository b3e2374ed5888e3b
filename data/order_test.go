package data

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keyPieces are pieces whose rows are source, id and a category that says where each
// stands; of every piece each third row is not asked for.
type keyPieces []Batch

func (p keyPieces) Len() int { return len(p) }

func (p keyPieces) Keys(i int) (Batch, []int32, error) {
	var rows []int32
	for row := range p[i].Len() {
		if row%3 != 2 {
			rows = append(rows, int32(row))
		}
	}
	return p[i], rows, nil
}

func (p keyPieces) Take(i int, rows []int32) (Batch, error) { return p[i].Take(rows), nil }

// TestInOrder compares what comes in windows of several sizes with what sort gives.
func TestInOrder(t *testing.T) {
	columns, err := Pick(SchemaOf(Incidents, nil), "id", "source", "category", "channel", "address")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	ids := random.Perm(1000)
	var pieces keyPieces
	var want []string
	for piece := 0; len(ids) > 0; piece++ {
		n := min(len(ids), 1+random.IntN(90))
		b := NewBuilder(columns)
		for row, id := range ids[:n] {
			source, text, category := []string{"热线", "patrol"}[id%2], fmt.Sprint(id), fmt.Sprintf("%d/%d", piece, row)
			b.SetText(0, text)
			b.SetText(1, source)
			b.SetText(2, category)
			channel, address := "", ""
			if id%5 > 0 {
				channel = fmt.Sprint("by ", id%7)
				b.SetText(3, channel)
			} else {
				b.Missing(3)
			}
			if id%4 > 0 {
				address = fmt.Sprint("street ", id)
				b.SetText(4, address)
			} else {
				b.Missing(4)
			}
			if row%3 != 2 {
				want = append(want, strings.Join([]string{source, text, category, channel, address}, "\x00"))
			}
		}
		pieces, ids = append(pieces, b.Build()), ids[n:]
	}
	slices.Sort(want)
	for _, window := range []int{1, 2, 7, 100, 333, 334, 666, 667, 5000} {
		var got []string
		for b, err := range inOrder(context.Background(), pieces, window) {
			if err != nil {
				t.Fatal(err)
			}
			for row := range b.Len() {
				got = append(got, strings.Join([]string{
					b.Codes("source").At(row), b.Texts("id").At(row), b.Codes("category").At(row), b.Codes("channel").At(row), b.Texts("address").At(row),
				}, "\x00"))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("windows of %d (-want +got):\n%s", window, diff)
		}
	}
}
