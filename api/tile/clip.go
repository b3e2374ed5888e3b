package tile

import "slices"

// vec is a position in tile space before it is snapped to the grid.
type vec struct{ x, y float64 }

// A frame is the rectangle that shapes are cut to, in units.
type frame struct{ low, high float64 }

// clip returns the part of an open ring inside the frame (Sutherland and Hodgman
// 1974), nil if there is none. It reuses scratch.
func (f frame) clip(ring []vec, scratch *[2][]vec) []vec {
	free := 0 // the buffer that does not hold ring
	for _, inside := range [...]func(vec) float64{
		func(v vec) float64 { return v.x - f.low },
		func(v vec) float64 { return f.high - v.x },
		func(v vec) float64 { return v.y - f.low },
		func(v vec) float64 { return f.high - v.y },
	} {
		if !slices.ContainsFunc(ring, func(v vec) bool { return inside(v) < 0 }) {
			continue
		}
		out := scratch[free][:0]
		for j, q := range ring {
			p := ring[(j+len(ring)-1)%len(ring)]
			dp, dq := inside(p), inside(q)
			if (dp >= 0) != (dq >= 0) {
				out = append(out, cross(p, q, dp, dq))
			}
			if dq >= 0 {
				out = append(out, q)
			}
		}
		scratch[free], free = out, 1-free
		if ring = out; len(ring) == 0 {
			return nil
		}
	}
	return ring
}

// cross returns where the edge pq meets the line that p and q are dp and dq away
// from, on either side of it. The same edge the other way round gives the same
// point.
func cross(p, q vec, dp, dq float64) vec {
	if dp > dq {
		p, q, dp, dq = q, p, dq, dp
	}
	t := dp / (dp - dq)
	return vec{p.x + t*(q.x-p.x), p.y + t*(q.y-p.y)}
}
