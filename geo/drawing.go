package geo

import (
	"slices"

	"github.com/paulmach/orb"
)

// drawing is a closed line cut into pieces that meet only at their ends, seen as
// a plane graph. Piece e has two directions, 2e and 2e+1. All pieces hang
// together, since they come from one line.
type drawing struct {
	points []orb.Point
	from   []int32   // by direction
	count  []int32   // by piece: how often the line runs along it
	around [][]int32 // by point: the directions that leave it, counter-clockwise
	place  []int32   // by direction: where it stands in around
	face   []int32   // by direction: the face on its left
	odd    []bool    // by face: inside by the even-odd rule
}

// newDrawing makes the graph of a closed line given by its points in order.
func newDrawing(line []orb.Point) *drawing {
	d := &drawing{}
	points := map[orb.Point]int32{}
	pieces := map[[2]int32]int32{}
	number := func(p orb.Point) int32 {
		i, ok := points[p]
		if !ok {
			i = int32(len(d.points))
			points[p] = i
			d.points = append(d.points, p)
		}
		return i
	}
	for i, p := range line {
		a, b := number(line[(i+len(line)-1)%len(line)]), number(p)
		if a > b {
			a, b = b, a
		}
		e, ok := pieces[[2]int32{a, b}]
		if !ok {
			e = int32(len(d.count))
			pieces[[2]int32{a, b}] = e
			d.count = append(d.count, 0)
			d.from = append(d.from, a, b)
		}
		d.count[e]++
	}
	d.sortAround()
	d.colour(d.traceFaces())
	return d
}

// sortAround orders the directions that leave each point by their angle, exactly.
func (d *drawing) sortAround() {
	d.around = make([][]int32, len(d.points))
	for h, v := range d.from {
		d.around[v] = append(d.around[v], int32(h))
	}
	d.place = make([]int32, len(d.from))
	for v, out := range d.around {
		at := d.points[v]
		slices.SortFunc(out, func(g, h int32) int {
			p, q := d.points[d.from[g^1]], d.points[d.from[h^1]]
			if pUp, qUp := upwards(at, p), upwards(at, q); pUp != qUp {
				if pUp {
					return -1
				}
				return 1
			}
			return -orient(at, p, q)
		})
		for i, h := range out {
			d.place[h] = int32(i)
		}
	}
}

// upwards reports whether the direction from a to b lies from east, included,
// round north to west.
func upwards(a, b orb.Point) bool {
	return b[1] > a[1] || b[1] == a[1] && b[0] > a[0]
}

// clockwise returns the direction next to h clockwise around its point.
func (d *drawing) clockwise(h int32) int32 {
	out := d.around[d.from[h]]
	return out[(int(d.place[h])+len(out)-1)%len(out)]
}

// traceFaces numbers the faces and returns the outer one: the only one whose
// border runs clockwise.
func (d *drawing) traceFaces() (outer int32) {
	d.face = make([]int32, len(d.from))
	for h := range d.face {
		d.face[h] = -1
	}
	least := 0.0
	for start := range d.face {
		if d.face[start] >= 0 {
			continue
		}
		number := int32(len(d.odd))
		d.odd = append(d.odd, false)
		var walk loop
		for h := int32(start); d.face[h] < 0; h = d.clockwise(h ^ 1) {
			d.face[h] = number
			walk.add(d.points[d.from[h]], false)
		}
		if area := walk.signedArea(); number == 0 || area < least {
			outer, least = number, area
		}
	}
	return outer
}

// colour finds which faces are inside: each piece parts two faces, and the side
// changes if the line runs along it an odd number of times.
func (d *drawing) colour(outer int32) {
	borders := make([][]int32, len(d.odd))
	for h, f := range d.face {
		borders[f] = append(borders[f], int32(h))
	}
	known := make([]bool, len(d.odd))
	known[outer] = true
	for pending := []int32{outer}; len(pending) > 0; {
		f := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		for _, h := range borders[f] {
			if g := d.face[h^1]; !known[g] {
				known[g] = true
				d.odd[g] = d.odd[f] != (d.count[h/2]%2 == 1)
				pending = append(pending, g)
			}
		}
	}
}

// loops returns the borders between inside and outside, the inside on their
// left, as simple loops.
func (d *drawing) loops() []loop {
	open := make([]bool, len(d.from))
	for h, f := range d.face {
		open[h] = d.odd[f] && !d.odd[d.face[h^1]]
	}
	var out []loop
	for start := range open {
		var walk loop
		for h := int32(start); open[h]; {
			open[h] = false
			walk.add(d.points[d.from[h]], false)
			back := h ^ 1
			h = d.clockwise(back)
			for !open[h] && h != back {
				h = d.clockwise(h)
			}
		}
		out = append(out, walk.split()...)
	}
	return out
}

// split takes a loop that touches itself, but does not cross itself, apart
// wherever it comes back to a point.
func (l loop) split() []loop {
	var out []loop
	var path loop
	place := map[orb.Point]int{}
	for _, p := range l.points {
		if at, ok := place[p]; ok {
			out = append(out, loop{slices.Clone(path.points[at:]), slices.Clone(path.seam[at:])})
			for _, gone := range path.points[at+1:] {
				delete(place, gone)
			}
			path.points, path.seam = path.points[:at+1], path.seam[:at+1]
			continue
		}
		place[p] = len(path.points)
		path.add(p, false)
	}
	out = append(out, path)
	return slices.DeleteFunc(out, loop.flat)
}
