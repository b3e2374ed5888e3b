package geo

// The directions of H3's hexagonal axes, as digits (H3 source, coordijk.h).
const (
	dirK  = 1
	dirJ  = 2
	dirJK = 3
	dirI  = 4
	dirIK = 5
	dirIJ = 6
)

// ringWalk are the directions that lead round a ring whose first cell lies
// towards I (H3 source, algos.c, DIRECTIONS and NEXT_RING_DIRECTION).
var ringWalk = [6]int{dirJ, dirJK, dirK, dirIK, dirI, dirIJ}

// stepTable adds a direction to a digit. The first index is 1 at odd
// resolutions (class III), the second the digit, the third the direction. The
// low octal digit of an entry is the new digit, the high one the direction to
// carry to the next coarser resolution (H3 source, algos.c, NEW_DIGIT_II, _III,
// NEW_ADJUSTMENT_II and _III; the names there are those of the parent).
var stepTable = [2][7][7]uint8{
	{
		{0o00, 0o01, 0o02, 0o03, 0o04, 0o05, 0o06},
		{0o01, 0o12, 0o03, 0o34, 0o05, 0o16, 0o00},
		{0o02, 0o03, 0o24, 0o25, 0o06, 0o00, 0o61},
		{0o03, 0o34, 0o25, 0o36, 0o00, 0o01, 0o02},
		{0o04, 0o05, 0o06, 0o00, 0o41, 0o52, 0o43},
		{0o05, 0o16, 0o00, 0o01, 0o52, 0o53, 0o04},
		{0o06, 0o00, 0o61, 0o02, 0o43, 0o04, 0o65},
	},
	{
		{0o00, 0o01, 0o02, 0o03, 0o04, 0o05, 0o06},
		{0o01, 0o14, 0o03, 0o16, 0o05, 0o52, 0o00},
		{0o02, 0o03, 0o21, 0o34, 0o06, 0o00, 0o25},
		{0o03, 0o16, 0o34, 0o35, 0o00, 0o01, 0o02},
		{0o04, 0o05, 0o06, 0o00, 0o42, 0o43, 0o61},
		{0o05, 0o52, 0o00, 0o01, 0o43, 0o56, 0o04},
		{0o06, 0o00, 0o25, 0o02, 0o61, 0o04, 0o63},
	},
}

// step returns the neighbour of c in a direction. It fails where the neighbour
// lies in another base cell, whose axes may be turned.
func (c Cell) step(direction int) (Cell, bool) {
	for r := c.Resolution(); r > 0; r-- {
		entry := stepTable[r&1][c.digit(r)][direction]
		c = c.withDigit(r, int(entry&7))
		direction = int(entry >> digitBits)
		if direction == 0 {
			return c, true
		}
	}
	return NoCell, false
}

// appendNear appends c and the cells within k steps, ring by ring outwards. It
// fails, with dst as it was, where the disk leaves the base cell or the base
// cell is a pentagon: there the axes turn, and h3-go must answer.
func (c Cell) appendNear(dst []Cell, k int) ([]Cell, bool) {
	if isPentagonBase(c.base()) {
		return dst, false
	}
	start := len(dst)
	dst = append(dst, c)
	at := c
	for ring := 1; ring <= k; ring++ {
		next, ok := at.step(dirI)
		if !ok {
			return dst[:start], false
		}
		at = next
		for _, direction := range ringWalk {
			for range ring {
				if at, ok = at.step(direction); !ok {
					return dst[:start], false
				}
				dst = append(dst, at)
			}
		}
	}
	return dst, true
}
