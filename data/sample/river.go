package sample

import "math"

// A river crosses the city from west to east. It is made of seeds in threes: one
// in mid-stream and one on either bank, as far away again as the bank is from
// the middle, so that the Voronoi edges between them are the banks.
type river struct {
	lean     float64 // metres the course falls towards the south per metre east
	bends    [2]float64
	phase    [2]float64
	passesBy float64 // metres south of the city's middle
}

const (
	riverStep  = 310.0 // metres between stations
	riverReach = 18_000.0
)

func newRiver(d dice) river {
	return river{
		lean:     d.between(0.05, 0.16),
		bends:    [2]float64{d.between(900, 1300), d.between(330, 480)},
		phase:    [2]float64{d.between(2.4, 3.4), d.between(0, 2*math.Pi)},
		passesBy: d.between(2300, 2700),
	}
}

// course returns the middle of the stream x metres east of the city's middle.
func (r river) course(x float64) vec {
	wide := r.bends[0] * math.Sin(x*2*math.Pi/23_000+r.phase[0])
	small := r.bends[1] * math.Sin(x*2*math.Pi/8_300+r.phase[1])
	return vec{x, wide + small - r.lean*x - r.passesBy}
}

// width returns the distance from bank to bank in metres, 270 to 390.
func (r river) width(x float64) float64 { return 330 + 60*math.Sin(x/3100+r.phase[1]) }

// seeds returns the stations' mid-stream seeds and, twice as many, those of the
// banks.
func (r river) seeds(d dice) (water, banks []vec) {
	for x := -riverReach; x <= riverReach; x += riverStep {
		at := r.course(x)
		along := r.course(x + 50).sub(r.course(x - 50))
		across := vec{-along.y, along.x}.scale(1 / math.Sqrt(along.square()))
		water = append(water, at.snapped())
		for _, side := range []float64{-1, 1} {
			bank := at.add(across.scale(side * r.width(x) * d.between(0.95, 1.05)))
			banks = append(banks, bank.add(along.scale(d.between(-0.2, 0.2))).snapped())
		}
	}
	return water, banks
}
