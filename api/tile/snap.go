package tile

import "math"

// spot is a position on the grid of a tile.
type spot struct{ x, y int32 }

// snap rounds an open ring to multiples of grid units and leaves out points that
// say nothing: those that repeat, lie on a straight line, or are the tip of a
// spike. What is left of a ring without area is empty.
func snap(ring []vec, grid int32) []spot {
	out := make([]spot, 0, len(ring))
	for _, v := range ring {
		out = push(out, spot{round(v.x, grid), round(v.y, grid)})
	}
	return closeUp(out)
}

// round returns the multiple of grid that is nearest to x, the greater of two.
func round(x float64, grid int32) int32 {
	return int32(math.Floor(x/float64(grid)+0.5)) * grid
}

// push appends a point and drops those before it that it makes needless.
func push(ring []spot, p spot) []spot {
	for len(ring) > 0 {
		last := ring[len(ring)-1]
		if last == p {
			return ring
		}
		if len(ring) < 2 || turn(ring[len(ring)-2], last, p) != 0 {
			break
		}
		ring = ring[:len(ring)-1]
	}
	return append(ring, p)
}

// closeUp drops what is needless where the ring closes.
func closeUp(ring []spot) []spot {
	for len(ring) > 2 {
		n := len(ring)
		switch {
		case ring[n-1] == ring[0] || turn(ring[n-2], ring[n-1], ring[0]) == 0:
			ring = ring[:n-1]
		case turn(ring[n-1], ring[0], ring[1]) == 0:
			ring = ring[1:]
		default:
			return ring
		}
	}
	return nil
}

// turn is positive where the way from a over b to c bends clockwise on the
// screen, and 0 where it does not bend or comes straight back.
func turn(a, b, c spot) int64 {
	return int64(b.x-a.x)*int64(c.y-b.y) - int64(b.y-a.y)*int64(c.x-b.x)
}

// doubleArea returns twice the area of an open ring by the surveyor's formula:
// positive for exteriors (MVT 2.1, section 4.3.4.4).
func doubleArea(ring []spot) int64 {
	var sum int64
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += int64(p.x)*int64(q.y) - int64(q.x)*int64(p.y)
	}
	return sum
}
