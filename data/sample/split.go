package sample

import (
	"cmp"
	"math"
	"slices"
)

// splitRounds is how often the parts' middles are moved.
const splitRounds = 9

// banks returns the land in its two largest connected pieces, the northern one
// first. Smaller pieces become outside.
func (p *plan) banks() [2][]int32 {
	seen := make([]bool, len(p.seeds))
	var pieces [][]int32
	for i := range p.seeds {
		if p.ground[i] != land || seen[i] {
			continue
		}
		seen[i] = true
		piece := []int32{int32(i)}
		for k := 0; k < len(piece); k++ {
			for _, j := range p.near[piece[k]] {
				if p.ground[j] == land && !seen[j] {
					seen[j] = true
					piece = append(piece, j)
				}
			}
		}
		pieces = append(pieces, piece)
	}
	slices.SortFunc(pieces, func(a, b []int32) int { return cmp.Compare(len(b), len(a)) })
	for _, piece := range pieces[2:] {
		for _, i := range piece {
			p.ground[i] = outside
		}
	}
	if p.middle(pieces[0]).y < p.middle(pieces[1]).y {
		return [2][]int32{pieces[1], pieces[0]}
	}
	return [2][]int32{pieces[0], pieces[1]}
}

// split divides connected cells into k connected parts of similar size: every
// cell goes to the centre that is nearest along the mesh, then centres move to
// the middle of their part (Lloyd 1982).
func (p *plan) split(members []int32, k int) [][]int32 {
	k = min(k, len(members))
	centres := p.spread(members, k)
	for round := 0; ; round++ {
		parts := p.grow(members, centres)
		if round == splitRounds {
			return parts
		}
		for c, part := range parts {
			centres[c] = p.closest(part, p.middle(part))
		}
	}
}

// spread chooses k cells far from each other, the first next to the middle.
func (p *plan) spread(members []int32, k int) []int32 {
	centres := []int32{p.closest(members, p.middle(members))}
	gap := make([]float64, len(members))
	for n := range gap {
		gap[n] = math.Inf(1)
	}
	for len(centres) < k {
		last, furthest := p.seeds[centres[len(centres)-1]], 0
		for n, i := range members {
			gap[n] = min(gap[n], p.seeds[i].sub(last).square())
			if gap[n] > gap[furthest] {
				furthest = n
			}
		}
		centres = append(centres, members[furthest])
	}
	return centres
}

// closest returns the member whose seed is nearest to a place.
func (p *plan) closest(members []int32, at vec) int32 {
	return slices.MinFunc(members, func(a, b int32) int {
		return cmp.Compare(p.seeds[a].sub(at).square(), p.seeds[b].sub(at).square())
	})
}

// grow gives each member to the centre nearest along the mesh (Bellman 1958,
// Ford 1956), in steps from cell to cell rather than metres, so that parts are
// small where cells are. The way to the centre stays in the part, so parts are connected.
func (p *plan) grow(members, centres []int32) [][]int32 {
	type reach struct {
		steps float64
		part  int32
	}
	reached := make(map[int32]reach, len(members))
	for _, i := range members {
		reached[i] = reach{math.Inf(1), -1}
	}
	for c, i := range centres {
		reached[i] = reach{0, int32(c)}
	}
	for changed := true; changed; {
		changed = false
		for _, i := range members {
			best := reached[i]
			for _, j := range p.near[i] {
				from, ok := reached[j]
				if !ok || from.part < 0 {
					continue
				}
				if far := from.steps + p.seeds[i].distance(p.seeds[j])/(p.gaps[i]+p.gaps[j]); far < best.steps {
					best, changed = reach{far, from.part}, true
				}
			}
			reached[i] = best
		}
	}
	parts := make([][]int32, len(centres))
	for _, i := range members {
		part := reached[i].part
		parts[part] = append(parts[part], i)
	}
	return parts
}
