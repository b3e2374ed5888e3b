package sample

import "math"

// ground is what a mesh cell is.
type ground uint8

const (
	outside ground = iota // beyond the city's limits
	land
	water
)

// mesh divides the plane among seeds (a Voronoi diagram by way of its Delaunay
// triangles). Triangles and corners have the same number: the corner of three
// cells is the centre of the circle through their seeds, so cells share corners
// by number and outlines fit without a gap.
type mesh struct {
	seeds   []vec
	ground  []ground
	corners []vec              // by triangle
	near    [][]int32          // the neighbours of each seed, counter-clockwise
	left    map[[2]int32]int32 // triangle to the left of the way from seed to seed
	salt    uint64             // makes the wiggles of the edges
}

// triangle holds three seeds counter-clockwise and the circle through them.
type triangle struct {
	a, b, c int32
	centre  vec
	square  float64 // of the circle's radius
}

// newMesh builds the mesh; the seeds must not lie on a common grid.
func newMesh(seeds []vec, grounds []ground, salt uint64) *mesh {
	n := int32(len(seeds))
	m := &mesh{seeds: seeds, ground: grounds, near: make([][]int32, n), left: map[[2]int32]int32{}, salt: salt}
	third := map[[2]int32]int32{}
	first := make([]int32, n)
	for _, t := range delaunay(seeds) {
		number := int32(len(m.corners))
		m.corners = append(m.corners, t.centre)
		for _, e := range [3][3]int32{{t.a, t.b, t.c}, {t.b, t.c, t.a}, {t.c, t.a, t.b}} {
			m.left[[2]int32{e[0], e[1]}] = number
			third[[2]int32{e[0], e[1]}] = e[2]
			if e[0] < n {
				first[e[0]] = e[1]
			}
		}
	}
	for i := range n {
		for b, ok := first[i], true; ok && (len(m.near[i]) == 0 || b != first[i]); b, ok = third[[2]int32{i, b}] {
			m.near[i] = append(m.near[i], b)
		}
	}
	return m
}

// delaunay triangulates the seeds (Bowyer 1981, Watson 1981). Three more seeds,
// numbered from len(seeds) on, lie far outside and are part of the triangles at
// the rim.
func delaunay(seeds []vec) []triangle {
	n := int32(len(seeds))
	const far = 1e6
	points := append(append([]vec{}, seeds...), vec{-far, -far}, vec{far, -far}, vec{0, far})
	triangles := []triangle{circled(points, n, n+1, n+2)}
	var rim [][2]int32
	for i, p := range seeds {
		rim = rim[:0]
		for k := 0; k < len(triangles); {
			t := triangles[k]
			if t.centre.sub(p).square() >= t.square {
				k++
				continue
			}
			rim = append(rim, [2]int32{t.a, t.b}, [2]int32{t.b, t.c}, [2]int32{t.c, t.a})
			triangles[k] = triangles[len(triangles)-1]
			triangles = triangles[:len(triangles)-1]
		}
		for _, e := range rim {
			if !has(rim, [2]int32{e[1], e[0]}) {
				triangles = append(triangles, circled(points, e[0], e[1], int32(i)))
			}
		}
	}
	return triangles
}

func has(edges [][2]int32, e [2]int32) bool {
	for _, other := range edges {
		if other == e {
			return true
		}
	}
	return false
}

// circled returns the triangle of three points with its circle.
func circled(points []vec, a, b, c int32) triangle {
	u, v := points[b].sub(points[a]), points[c].sub(points[a])
	double := 2 * u.cross(v)
	uu, vv := u.square(), v.square()
	arm := vec{(float64(v.y*uu) - float64(u.y*vv)) / double, (float64(u.x*vv) - float64(v.x*uu)) / double}
	return triangle{a, b, c, points[a].add(arm), arm.square()}
}

// edge returns the line between the cells of seeds i and j as it runs
// counter-clockwise around i, without its last point. Seen from j it is the
// same points in reverse. Except along water it wiggles: never out of the
// quadrangle of its ends and both seeds, so edges do not cross.
func (m *mesh) edge(i, j int32) []vec {
	from, to := m.corners[m.left[[2]int32{j, i}]], m.corners[m.left[[2]int32{i, j}]]
	if m.ground[i] == water || m.ground[j] == water {
		return []vec{from}
	}
	if i > j {
		back := m.wiggle(to, from, m.seeds[j], m.seeds[i], m.salt^uint64(j)<<32^uint64(i), 2)
		line := []vec{from}
		for k := len(back) - 1; k > 0; k-- {
			line = append(line, back[k])
		}
		return line
	}
	return m.wiggle(from, to, m.seeds[i], m.seeds[j], m.salt^uint64(i)<<32^uint64(j), 2)
}

// wiggle returns the points from a on towards b, without b, bent towards the
// places s or t on either side. Where the way from s to t does not pass between
// a and b, a bend could leave the quadrangle and there is none.
func (m *mesh) wiggle(a, b, s, t vec, salt uint64, depth int) []vec {
	way := t.sub(s)
	if depth == 0 || a.sub(b).square() < 90*90 || way.cross(a.sub(s))*way.cross(b.sub(s)) >= 0 {
		return []vec{a}
	}
	salt = mixed(salt)
	middle := a.mix(b, 0.5)
	bend := float64(float64(salt>>11)/(1<<53)*0.36) - 0.18
	if bend < 0 {
		middle = middle.mix(s, -bend)
	} else {
		middle = middle.mix(t, bend)
	}
	line := m.wiggle(a, middle, a.mix(s, 0.5), a.mix(t, 0.5), salt+1, depth-1)
	return append(line, m.wiggle(middle, b, b.mix(s, 0.5), b.mix(t, 0.5), salt+2, depth-1)...)
}

// mixed scrambles 64 bits (SplitMix64, Steele, Lea and Flood 2014).
func mixed(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// nearest returns the seed closest to a place, which is the one whose cell
// holds it but for the wiggles of the edges.
func (m *mesh) nearest(p vec) int32 {
	best, least := int32(0), math.Inf(1)
	for i, s := range m.seeds {
		if d := s.sub(p).square(); d < least {
			best, least = int32(i), d
		}
	}
	return best
}
