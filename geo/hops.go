package geo

// An offset is a way across the grid, so many steps along the axis I and so many
// along J of one resolution; a step along K is one back along both.
type offset struct{ i, j int }

// directionOffsets are the steps in each direction.
var directionOffsets = [7]offset{
	dirK: {-1, -1}, dirJ: {0, 1}, dirJK: {-1, 0}, dirI: {1, 0}, dirIK: {0, -1}, dirIJ: {1, 1},
}

func (o offset) plus(p offset) offset { return offset{o.i + p.i, o.j + p.j} }

// steps returns how many steps an offset is long.
func (o offset) steps() int {
	return max(o.i, -o.i, o.j, -o.j, o.i-o.j, o.j-o.i)
}

// offsetsWithin returns the offsets of up to k steps.
func offsetsWithin(k int) []offset {
	offsets := make([]offset, 0, diskSize(k))
	for i := -k; i <= k; i++ {
		for j := -k; j <= k; j++ {
			if o := (offset{i, j}); o.steps() <= k {
				offsets = append(offsets, o)
			}
		}
	}
	return offsets
}

// A hop is where an offset leads from a cell: to which of the cells around its
// parent, and to which child of that.
type hop struct {
	parent int // among offsetsWithin of the parent
	digit  int
}

// hops are all hops of up to so many steps. Seen from one resolution up, the cells
// around a cell belong to few parents, which lie about √7 times as few steps away.
type hops struct {
	steps  int
	up     int         // steps between parents at most
	length int         // offsets within steps
	of     [2][7][]hop // by odd resolution and digit, in order of offsetsWithin
}

// newHops walks all offsets of up to k steps from each digit.
func newHops(k int) *hops {
	offsets := offsetsWithin(k)
	h := &hops{steps: k, length: len(offsets)}
	var parents [2][7][]offset
	for odd := range h.of {
		for digit := range h.of[odd] {
			for _, o := range offsets {
				parent, to := walk(odd, digit, o)
				h.up = max(h.up, parent.steps())
				parents[odd][digit] = append(parents[odd][digit], parent)
				h.of[odd][digit] = append(h.of[odd][digit], hop{digit: to})
			}
		}
	}
	index := map[offset]int{}
	for at, o := range offsetsWithin(h.up) {
		index[o] = at
	}
	for odd := range h.of {
		for digit := range h.of[odd] {
			for at, parent := range parents[odd][digit] {
				h.of[odd][digit][at].parent = index[parent]
			}
		}
	}
	return h
}

// walk returns where an offset leads from a digit, and by how much the parent
// changes on the way.
func walk(odd, digit int, o offset) (parent offset, to int) {
	along := func(direction, times int) {
		for range times {
			entry := stepTable[odd][digit][direction]
			digit = int(entry & 7)
			parent = parent.plus(directionOffsets[entry>>digitBits])
		}
	}
	along(dirI, max(o.i, 0))
	along(dirJK, max(-o.i, 0))
	along(dirJ, max(o.j, 0))
	along(dirIK, max(-o.j, 0))
	return parent, digit
}

// wanted returns, by digit of a cell of resolution r and by the offset of a parent
// from its own, which children of that parent are within reach: bit d stands for
// digit d. The cell itself is left out.
func (h *hops) wanted(r Resolution) (wanted [7][]uint8) {
	for digit := range wanted {
		wanted[digit] = make([]uint8, diskSize(h.up))
		for at, hop := range h.of[r&1][digit] {
			if at != h.length/2 {
				wanted[digit][hop.parent] |= 1 << hop.digit
			}
		}
	}
	return wanted
}
