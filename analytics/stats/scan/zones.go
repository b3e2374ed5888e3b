package scan

import (
	"fmt"
	"math"
	"slices"

	"github.com/civgrid/civgrid/analytics/stats"
)

// Zones are the sets of cells that are looked at. They are immutable and safe for
// concurrent use.
type Zones struct {
	cells   int
	starts  []int32 // members of centre i are members[starts[i]:starts[i+1]]
	members []int32 // nearest ring first
	zones   []zone  // by centre, small ones first
}

// A zone is the first size members of a centre.
type zone struct{ centre, radius, size int32 }

// Disks returns the disks of radius 0 up to the number of tables: the cell at the
// centre, and those that within[r-1] says are within r steps of it. Weights must be
// binary and each table must hold the one before. The error is that of tables that
// differ in length, or are not binary.
func Disks(cells int, within ...stats.Weights) (*Zones, error) {
	for _, w := range within {
		if w.Cells() != cells {
			return nil, fmt.Errorf("make zones: %w: %d and %d cells", stats.ErrLength, cells, w.Cells())
		}
		if !w.Binary() {
			return nil, fmt.Errorf("make zones: %w", stats.ErrNotBinary)
		}
	}
	z := &Zones{cells: cells, starts: make([]int32, 1, cells+1)}
	near := make([]int32, cells) // centre + 1 of the last that has the cell
	for centre := range int32(cells) {
		near[centre] = centre + 1
		z.members = append(z.members, centre)
		z.add(centre, 0)
		for r, w := range within {
			neighbours, _ := w.Row(int(centre))
			for _, n := range neighbours {
				if near[n] != centre+1 {
					near[n] = centre + 1
					z.members = append(z.members, n)
				}
			}
			z.add(centre, int32(r+1))
		}
		if len(z.members) > math.MaxInt32 {
			return nil, fmt.Errorf("make zones: more than %d members", math.MaxInt32)
		}
		z.starts = append(z.starts, int32(len(z.members)))
	}
	z.dropRepeats()
	return z, nil
}

// Nearest returns the zones that grow from each centre by one cell at a time:
// order[i] lists cells by their distance from centre i, which comes first. The
// radius of a zone is one less than its cells. The error is a *stats.ValueError for
// a cell that there is not, or that comes twice.
func Nearest(order [][]int32) (*Zones, error) {
	z := &Zones{cells: len(order), starts: make([]int32, 1, len(order)+1)}
	near := make([]int32, len(order))
	for centre, list := range order {
		for r, cell := range list {
			if cell < 0 || int(cell) >= len(order) || near[cell] == int32(centre)+1 {
				return nil, fmt.Errorf("make zones of centre %d: %w", centre, &stats.ValueError{Row: r, Value: float64(cell), Why: "want each cell once"})
			}
			near[cell] = int32(centre) + 1
			z.members = append(z.members, cell)
			z.add(int32(centre), int32(r))
		}
		z.starts = append(z.starts, int32(len(z.members)))
	}
	z.dropRepeats()
	return z, nil
}

// add notes the zone that all members so far make.
func (z *Zones) add(centre, radius int32) {
	size := int32(len(z.members)) - z.starts[centre]
	if last := len(z.zones) - 1; last >= 0 && z.zones[last].centre == centre && z.zones[last].size == size {
		return // a ring that lies outside the study area
	}
	z.zones = append(z.zones, zone{centre, radius, size})
}

// Len returns the number of zones.
func (z *Zones) Len() int { return len(z.zones) }

// Cells returns the cells of a zone, nearest ring first. The slice is read-only.
func (z *Zones) Cells(zone int) []int32 {
	at := z.zones[zone]
	start := z.starts[at.centre]
	return z.members[start : start+at.size : start+at.size]
}

// Centre returns the cell at the centre of a zone, and its radius in rings.
func (z *Zones) Centre(zone int) (cell, radius int32) {
	return z.zones[zone].centre, z.zones[zone].radius
}

// dropRepeats keeps the first of zones that are the same set.
func (z *Zones) dropRepeats() {
	stream := stats.NewStream(0, 0)
	signs := make([][2]uint64, z.cells)
	for i := range signs {
		signs[i] = [2]uint64{stream.Uint64(), stream.Uint64()}
	}
	type mark struct {
		sign [2]uint64 // of all members together
		size int32
	}
	first := make(map[mark]int32, len(z.zones))
	kept := z.zones[:0]
	for from := 0; from < len(z.zones); {
		centre := z.zones[from].centre
		m, done := mark{}, z.starts[centre]
		to := from
		for ; to < len(z.zones) && z.zones[to].centre == centre; to++ {
			at := z.zones[to]
			for ; done < z.starts[centre]+at.size; done++ {
				sign := signs[z.members[done]]
				m.sign[0] ^= sign[0]
				m.sign[1] ^= sign[1]
			}
			m.size = at.size
			if earlier, ok := first[m]; ok && z.equal(kept[earlier], at) {
				continue
			}
			first[m] = int32(len(kept))
			kept = append(kept, at)
		}
		from = to
	}
	z.zones = slices.Clip(kept)
}

// equal reports whether two zones are the same set: their signs may agree by an
// accident that nobody will see.
func (z *Zones) equal(a, b zone) bool {
	one := slices.Clone(z.members[z.starts[a.centre]:][:a.size])
	other := slices.Clone(z.members[z.starts[b.centre]:][:b.size])
	slices.Sort(one)
	slices.Sort(other)
	return slices.Equal(one, other)
}

// Capped returns the zones that hold no more than a share of the weight, a
// population or events, of all cells.
func (z *Zones) Capped(weight []float64, share float64) (*Zones, error) {
	if len(weight) != z.cells {
		return nil, fmt.Errorf("cap zones: %w: %d cells and %d weights", stats.ErrLength, z.cells, len(weight))
	}
	total := 0.0
	for _, v := range weight {
		total += v
	}
	capped := *z
	capped.zones = nil
	for i, sum := range z.sums(weight) {
		if sum <= share*total {
			capped.zones = append(capped.zones, z.zones[i])
		}
	}
	return &capped, nil
}

// sums returns the sum of a column over each zone.
func (z *Zones) sums(column []float64) []float64 {
	sums := make([]float64, len(z.zones))
	centre, done, sum := int32(-1), int32(0), 0.0
	for i, at := range z.zones {
		if at.centre != centre {
			centre, done, sum = at.centre, z.starts[at.centre], 0
		}
		for ; done < z.starts[centre]+at.size; done++ {
			sum += column[z.members[done]]
		}
		sums[i] = sum
	}
	return sums
}
