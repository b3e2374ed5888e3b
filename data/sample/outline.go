package sample

import "github.com/paulmach/orb"

// outline returns the outline of a set of cells: their edges without those that
// two of them share. Exterior rings run counter-clockwise, holes clockwise, all
// are closed. Sets that touch have the same points where they touch.
func (m *mesh) outline(members []int32, inside func(int32) bool) orb.MultiPolygon {
	type side struct{ i, j, to int32 }
	leaving := map[int32]side{} // by corner; three edges meet there, so a set has one way on
	var corners []int32
	for _, i := range members {
		for _, j := range m.near[i] {
			if inside(j) {
				continue
			}
			from := m.left[[2]int32{j, i}]
			leaving[from] = side{i, j, m.left[[2]int32{i, j}]}
			corners = append(corners, from)
		}
	}
	var shells, holes []orb.Ring
	for _, start := range corners {
		var ring orb.Ring
		for at, ok := leaving[start]; ok; at, ok = leaving[start] {
			delete(leaving, start)
			for _, p := range m.edge(at.i, at.j) {
				ring = extend(ring, p.lonLat())
			}
			start = at.to
		}
		switch ring = closed(ring); {
		case ring == nil:
		case ring.Orientation() == orb.CCW:
			shells = append(shells, ring)
		default:
			holes = append(holes, ring)
		}
	}
	return assembled(shells, holes)
}

// extend appends p unless rounding has made it the same as the point before.
func extend(ring orb.Ring, p orb.Point) orb.Ring {
	if n := len(ring); n > 0 && ring[n-1] == p {
		return ring
	}
	return append(ring, p)
}

// closed ends the ring where it began; a ring of less than three points is nil.
func closed(ring orb.Ring) orb.Ring {
	if len(ring) < 3 {
		return nil
	}
	return extend(ring, ring[0])
}

// assembled puts each hole into the shell around it.
func assembled(shells, holes []orb.Ring) orb.MultiPolygon {
	var mp orb.MultiPolygon
	for _, shell := range shells {
		polygon := orb.Polygon{shell}
		for _, hole := range holes {
			if holds(shell, hole[0]) {
				polygon = append(polygon, hole)
			}
		}
		mp = append(mp, polygon)
	}
	return mp
}

// holds reports whether a point lies inside a closed ring, by counting the
// edges east of it.
func holds(ring orb.Ring, p orb.Point) bool {
	in := false
	for k := 1; k < len(ring); k++ {
		a, b := ring[k-1], ring[k]
		if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < a[0]+float64((p[1]-a[1])/(b[1]-a[1])*(b[0]-a[0])) {
			in = !in
		}
	}
	return in
}

// wellInside reports whether p lies inside the ring and some two metres from its
// edge.
func wellInside(ring orb.Ring, p orb.Point) bool {
	const off = 2e-5 // degrees
	for _, d := range [5]orb.Point{{}, {off, off}, {-off, off}, {off, -off}, {-off, -off}} {
		if !holds(ring, orb.Point{p[0] + d[0], p[1] + d[1]}) {
			return false
		}
	}
	return true
}
