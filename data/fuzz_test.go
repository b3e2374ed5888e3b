package data

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/geo"
)

// rowsFrom makes rows of any bytes. For each value a first byte says whether
// there is one and how long a text is; numbers take eight more bytes.
func rowsFrom(columns []Column, bytes []byte) []row {
	next := func(n int) []byte {
		some := make([]byte, n)
		bytes = bytes[copy(some, bytes):]
		return some
	}
	var rows []row
	for len(bytes) > 0 && len(rows) < 200 {
		r := make(row, len(columns))
		for i, c := range columns {
			head := next(1)[0]
			if head == 0 {
				continue
			}
			switch c.Type {
			case Text, Code:
				r[i] = string(next(min(int(head-1), len(bytes))))
			case Float:
				if v := math.Float64frombits(binary.BigEndian.Uint64(next(8))) + 0; !math.IsNaN(v) && !math.IsInf(v, 0) {
					r[i] = v
				}
			case Cell:
				if v := geo.Cell(binary.BigEndian.Uint64(next(8))); v != geo.NoCell {
					r[i] = v
				}
			default:
				r[i] = int64(binary.BigEndian.Uint64(next(8)))
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// FuzzBatch tests that rows come back from a batch, and from a batch taken of
// it, and that digests are equal exactly where rows are.
func FuzzBatch(f *testing.F) {
	f.Add([]byte{}, uint8(0))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1}, uint8(1))
	f.Add([]byte("\x03ab\x02c\x01\x80\x00\x00\x00\x00\x00\x00\x01\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\x00\x01\x7f\xf8\x00\x00\x00\x00\x00\x00"), uint8(3))
	f.Add([]byte("\x02a\x03bc\x00\x00\x00\x00\x00\x00\x03ab\x02c\x00\x00\x00\x00\x00\x00"), uint8(200))
	f.Fuzz(func(t *testing.T, bytes []byte, step uint8) {
		columns := everyType()
		rows := rowsFrom(columns, bytes)
		b := build(columns, rows)
		if diff := cmp.Diff(rows, rowsOf(b)); len(rows) > 0 && diff != "" {
			t.Fatalf("rows (-want +got):\n%s", diff)
		}
		digests, stamped := Digests(nil, b, false), Digests(nil, b, true)
		at := make([]int32, len(rows))
		want, wantDigests := make([]row, len(rows)), make([]uint64, len(rows))
		for i := range at {
			from := i * int(step) % len(rows)
			at[i], want[i], wantDigests[i] = int32(from), rows[from], digests[from]
		}
		taken := b.Take(at)
		if diff := cmp.Diff(want, rowsOf(taken)); diff != "" {
			t.Fatalf("rows taken (-want +got):\n%s", diff)
		}
		if got := Digests(nil, taken, false); !slices.Equal(got, wantDigests) {
			t.Fatalf("Digests of the rows taken = %x, want %x", got, wantDigests)
		}
		half := len(rows) / 2
		if got := Digests(nil, b.Slice(half, len(rows)), false); !slices.Equal(got, digests[half:]) {
			t.Fatalf("Digests of a slice = %x, want %x", got, digests[half:])
		}
		for i := range min(len(rows), 20) {
			for j := range i {
				same := digests[i] == digests[j] && stamped[i] == stamped[j]
				if want := slices.Equal(rows[i], rows[j]); same != want {
					t.Fatalf("rows %#v and %#v have equal digests: %v, want %v", rows[i], rows[j], same, want)
				}
			}
		}
	})
}
