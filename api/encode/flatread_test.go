package encode_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/paulmach/orb"
)

// A flatFile is FlatGeobuf taken apart by the tables of header.fbs and
// feature.fbs, with nothing of the writer.
type flatFile struct {
	header   flatbuffers.Table
	kind     byte
	count    uint64
	nodeSize uint16
	index    []byte
	features []byte
}

// field returns where a field of a table is, 0 where it is left out.
func field(t flatbuffers.Table, n int) flatbuffers.UOffsetT {
	if o := t.Offset(flatbuffers.VOffsetT(4 + 2*n)); o != 0 {
		return t.Pos + flatbuffers.UOffsetT(o)
	}
	return 0
}

func flatText(t flatbuffers.Table, n int) string {
	if at := field(t, n); at != 0 {
		return t.String(at)
	}
	return ""
}

func flatDoubles(t flatbuffers.Table, n int) (list []float64) {
	at := t.Offset(flatbuffers.VOffsetT(4 + 2*n))
	if at == 0 {
		return nil
	}
	begin := t.Vector(flatbuffers.UOffsetT(at))
	for i := range t.VectorLen(flatbuffers.UOffsetT(at)) {
		list = append(list, t.GetFloat64(begin+flatbuffers.UOffsetT(8*i)))
	}
	return list
}

func flatTables(t flatbuffers.Table, n int) (list []flatbuffers.Table) {
	at := t.Offset(flatbuffers.VOffsetT(4 + 2*n))
	if at == 0 {
		return nil
	}
	begin := t.Vector(flatbuffers.UOffsetT(at))
	for i := range t.VectorLen(flatbuffers.UOffsetT(at)) {
		list = append(list, flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(begin + flatbuffers.UOffsetT(4*i))})
	}
	return list
}

// prefixed cuts off a buffer that its length stands before.
func prefixed(t *testing.T, b []byte) (root flatbuffers.Table, rest []byte) {
	t.Helper()
	size := 4 + int(binary.LittleEndian.Uint32(b))
	if size%8 != 0 {
		t.Fatalf("a buffer of %d bytes is not aligned", size)
	}
	body := b[4:size]
	return flatbuffers.Table{Bytes: body, Pos: flatbuffers.GetUOffsetT(body)}, b[size:]
}

func readFlat(t *testing.T, b []byte) (f flatFile) {
	t.Helper()
	if !bytes.HasPrefix(b, []byte("fgb\x03fgb\x00")) {
		t.Fatalf("begins %q", b[:8])
	}
	f.header, f.features = prefixed(t, b[8:])
	if at := field(f.header, 2); at != 0 {
		f.kind = f.header.GetByte(at)
	}
	if at := field(f.header, 8); at != 0 {
		f.count = f.header.GetUint64(at)
	}
	f.nodeSize = 16
	if at := field(f.header, 9); at != 0 {
		f.nodeSize = f.header.GetUint16(at)
	}
	if f.nodeSize > 0 {
		nodes := 0
		for n := int(f.count); ; n = (n + int(f.nodeSize) - 1) / int(f.nodeSize) {
			nodes += n
			if n == 1 && nodes > 1 {
				break
			}
			if n == 1 && f.count == 1 {
				nodes++ // the root above the only leaf
				break
			}
		}
		f.index, f.features = f.features[:40*nodes], f.features[40*nodes:]
	}
	return f
}

func (f flatFile) records(t *testing.T) (list []record) {
	t.Helper()
	for rest := f.features; len(rest) > 0; {
		var feature flatbuffers.Table
		feature, rest = prefixed(t, rest)
		list = append(list, f.record(t, feature))
	}
	if f.count != 0 && len(list) != int(f.count) { // 0 is unknown (header.fbs)
		t.Fatalf("%d features, and the header says %d", len(list), f.count)
	}
	return list
}

func (f flatFile) record(t *testing.T, feature flatbuffers.Table) record {
	t.Helper()
	columns := flatTables(f.header, 7)
	r := record{values: map[string]any{}}
	for _, c := range columns[1:] {
		r.values[flatText(c, 0)] = nil
	}
	p := feature.ByteVector(field(feature, 1))
	for len(p) > 0 {
		column := columns[binary.LittleEndian.Uint16(p)]
		p = p[2:]
		var value any
		kind := byte(0)
		if at := field(column, 1); at != 0 {
			kind = column.GetByte(at)
		}
		switch kind {
		case 7: // Long
			value, p = int64(binary.LittleEndian.Uint64(p)), p[8:]
		case 10: // Double
			value, p = math.Float64frombits(binary.LittleEndian.Uint64(p)), p[8:]
		case 11: // String
			n := binary.LittleEndian.Uint32(p)
			value, p = string(p[4:4+n]), p[4+n:]
		default:
			t.Fatalf("column %s has type %d", flatText(column, 0), kind)
		}
		if column.Pos == columns[0].Pos {
			r.id = value.(string)
			continue
		}
		r.values[flatText(column, 0)] = value
	}
	if at := field(feature, 0); at != 0 {
		r.geometry = flatShape(t, flatbuffers.Table{Bytes: feature.Bytes, Pos: feature.Indirect(at)}, f.kind)
	}
	return r
}

func flatShape(t *testing.T, g flatbuffers.Table, kind byte) orb.Geometry {
	t.Helper()
	if kind == 0 {
		kind = g.GetByte(field(g, 6))
	}
	xy := flatDoubles(g, 1)
	switch kind {
	case 1:
		return orb.Point{xy[0], xy[1]}
	case 3:
		ends := []uint32{uint32(len(xy) / 2)}
		if at := g.Offset(4); at != 0 {
			ends = ends[:0]
			for i := range g.VectorLen(flatbuffers.UOffsetT(at)) {
				ends = append(ends, g.GetUint32(g.Vector(flatbuffers.UOffsetT(at))+flatbuffers.UOffsetT(4*i)))
			}
		}
		var p orb.Polygon
		for i, begin := 0, uint32(0); i < len(ends); begin, i = ends[i], i+1 {
			var ring orb.Ring
			for at := begin; at < ends[i]; at++ {
				ring = append(ring, orb.Point{xy[2*at], xy[2*at+1]})
			}
			p = append(p, ring)
		}
		return p
	case 6:
		var m orb.MultiPolygon
		for _, part := range flatTables(g, 7) {
			m = append(m, flatShape(t, part, 3).(orb.Polygon))
		}
		return m
	}
	t.Fatalf("geometry has type %d", kind)
	return nil
}

// search finds the features in a box by walking down the index like
// PackedRTree::search of packedrtree.h.
func (f flatFile) search(t *testing.T, box orb.Bound) map[string]bool {
	t.Helper()
	nodes := len(f.index) / 40
	firstLeaf := nodes - int(f.count)
	found := map[string]bool{}
	end := func(node int) int { // of the level that holds the node
		for high, n := nodes, int(f.count); ; n = (n + 15) / 16 {
			if node >= high-n {
				return high
			}
			high -= n
		}
	}
	var visit func(node int)
	visit = func(first int) {
		for node := first; node < min(first+16, end(first)); node++ {
			b := f.index[40*node:]
			number := func(i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])) }
			if number(2) < box.Min[0] || number(3) < box.Min[1] || number(0) > box.Max[0] || number(1) > box.Max[1] {
				continue
			}
			offset := binary.LittleEndian.Uint64(b[32:])
			if node < firstLeaf {
				visit(int(offset))
				continue
			}
			feature, _ := prefixed(t, f.features[offset:])
			found[f.record(t, feature).id] = true
		}
	}
	visit(0)
	return found
}
