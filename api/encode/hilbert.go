package encode

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// nodeSize is how many children a node of the index has, the default of
// FlatGeobuf; nodeBytes is how long a node is: four float64 and a uint64.
const (
	nodeSize  = 16
	nodeBytes = 40
)

// An rtree is the packed Hilbert R-tree of FlatGeobuf 3 (packedrtree.h of its
// specification): leaves are the features in the order in which they are
// written, and every node above holds nodeSize of those below.
type rtree []leaf

// A leaf is a feature in the index.
type leaf struct {
	bound  orb.Bound
	row    int
	offset uint64 // of the feature in bytes, from that of the first
}

// sort brings the leaves into the order of a Hilbert curve through the centres
// of their bounds, last first as the reference does, equal ones by row.
func (tree rtree) sort(extent orb.Bound) {
	type keyed struct {
		key uint32
		leaf
	}
	list := make([]keyed, len(tree))
	for i, l := range tree {
		centre := l.bound.Center()
		x, y := place(centre[0], extent.Min[0], extent.Max[0]), place(centre[1], extent.Min[1], extent.Max[1])
		list[i] = keyed{hilbert(x, y), l}
	}
	slices.SortFunc(list, func(a, b keyed) int { return cmp.Or(cmp.Compare(b.key, a.key), cmp.Compare(a.row, b.row)) })
	for i, k := range list {
		tree[i] = k.leaf
	}
}

// place returns where x lies between low and high, from 0 to 65535.
func place(x, low, high float64) uint32 {
	if high <= low {
		return 0
	}
	return uint32(math.MaxUint16 * min(1, max(0, (x-low)/(high-low))))
}

// hilbert returns how far along the Hilbert curve of order 16 (Hilbert 1891) a
// point lies: each step says which quarter holds it, of four in the order lower
// left, upper left, upper right, lower right, and turns into that.
func hilbert(x, y uint32) uint32 {
	var d uint32
	for s := uint32(1) << 15; s > 0; s >>= 1 {
		right, up := x&s != 0, y&s != 0
		switch {
		case right && up:
			d += 2 * s * s
		case right:
			d += 3 * s * s
		case up:
			d += s * s
		}
		if up {
			continue
		}
		if right {
			x, y = ^x, ^y
		}
		x, y = y, x
	}
	return d
}

// levels returns where the nodes of each level begin, leaves first; the root is
// node 0.
func (tree rtree) levels() (begins []int, nodes int) {
	var sizes []int
	for n := len(tree); ; n = (n + nodeSize - 1) / nodeSize {
		sizes, nodes = append(sizes, n), nodes+n
		if n == 1 && len(sizes) > 1 {
			break
		}
	}
	left := nodes
	for _, n := range sizes {
		left -= n
		begins = append(begins, left)
	}
	return begins, nodes
}

// encode returns the index. A node above the leaves says which node is the first
// below it, a leaf where its feature is.
func (tree rtree) encode() []byte {
	begins, nodes := tree.levels()
	bounds := make([]orb.Bound, nodes)
	index := make([]byte, nodes*nodeBytes)
	put := func(node int, bound orb.Bound, offset uint64) {
		bounds[node] = bound
		b := index[node*nodeBytes:]
		for i, x := range [...]float64{bound.Min[0], bound.Min[1], bound.Max[0], bound.Max[1]} {
			binary.LittleEndian.PutUint64(b[8*i:], math.Float64bits(x))
		}
		binary.LittleEndian.PutUint64(b[32:], offset)
	}
	for i, l := range tree {
		put(begins[0]+i, l.bound, l.offset)
	}
	end := nodes
	for level := 1; level < len(begins); level++ {
		node := begins[level]
		for first := begins[level-1]; first < end; first += nodeSize {
			bound := bounds[first]
			for _, below := range bounds[first:min(first+nodeSize, end)] {
				bound = bound.Union(below)
			}
			put(node, bound, uint64(first))
			node++
		}
		end = begins[level-1]
	}
	return index
}
