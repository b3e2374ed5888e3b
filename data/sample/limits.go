package sample

import "math"

// limits is the shape of the city: a radius that swings with the direction.
type limits struct {
	middle       vec
	swing, phase [6]float64
}

// swings returns how often the radius swings in a turn, and by how much of it
// at most.
func swings() [6]struct{ times, share float64 } {
	return [6]struct{ times, share float64 }{{2, 0.1}, {3, 0.08}, {4, 0.05}, {5, 0.04}, {9, 0.03}, {14, 0.02}}
}

func newLimits(d dice) limits {
	l := limits{middle: vec{600, -900}}
	for k := range l.swing {
		l.swing[k] = d.between(0.5, 1) * swings()[k].share
		l.phase[k] = d.between(0, 2*math.Pi)
	}
	return l
}

// beyond returns how many metres a place lies outside the limits, below 0
// inside.
func (l limits) beyond(at vec) float64 {
	out := at.sub(l.middle)
	angle := math.Atan2(out.y, out.x)
	radius := 1.0
	for k, s := range swings() {
		radius += float64(l.swing[k] * math.Sin(s.times*angle+l.phase[k]))
	}
	return math.Sqrt(out.square()) - 12_600*radius
}

// fence sets pairs of seeds on either side of the limits, which makes them run
// smoothly, except where the river passes.
func (l limits) fence(d dice, s *scatter) {
	const pairs, off = 160, 210.0 // metres from the limits
	for k := range pairs {
		out := vec{math.Cos(2 * math.Pi * float64(k) / pairs), math.Sin(2 * math.Pi * float64(k) / pairs)}
		rim := -l.beyond(l.middle)
		for range 4 { // the limits swing slowly with the direction
			rim -= l.beyond(l.middle.add(out.scale(rim)))
		}
		within := l.middle.add(out.scale(rim - off*d.between(0.75, 1.25))).snapped()
		without := l.middle.add(out.scale(rim + off*d.between(0.75, 1.25))).snapped()
		if s.clear(within, 250) && s.clear(without, 250) {
			s.add(within)
			s.add(without)
		}
	}
}

// scatter keeps places that are apart from each other.
type scatter struct {
	all     []vec
	buckets map[[2]int][]vec
}

const bucketMetres = 620

func bucketOf(at vec) [2]int {
	return [2]int{int(math.Floor(at.x / bucketMetres)), int(math.Floor(at.y / bucketMetres))}
}

func (s *scatter) add(at vec) {
	s.all = append(s.all, at)
	s.buckets[bucketOf(at)] = append(s.buckets[bucketOf(at)], at)
}

// clear reports whether no place is nearer than gap metres, at most
// bucketMetres.
func (s *scatter) clear(at vec, gap float64) bool {
	b := bucketOf(at)
	for x := b[0] - 1; x <= b[0]+1; x++ {
		for y := b[1] - 1; y <= b[1]+1; y++ {
			for _, other := range s.buckets[[2]int{x, y}] {
				if other.sub(at).square() < float64(gap*gap) {
					return false
				}
			}
		}
	}
	return true
}
