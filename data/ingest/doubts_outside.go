package ingest

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo/crs"
)

const (
	// outsideRows is the least number of points that are compared with the
	// outlines.
	outsideRows = 20
	// outsideDoubt is the share of points outside of all outlines from which on
	// that is said, outsideRefused the share from which on a file is refused.
	outsideDoubt, outsideRefused = 0.2, 0.9
)

// outsideDoubts compares a sample with the outlines of all levels and times.
// Where another reading is suggested that goes first.
func outsideDoubts(p *plan, s *sample, stamper *Stamper) []Doubt {
	pairs, _ := s.namedPairs(p, stamper)
	if len(stamper.layers) == 0 || len(pairs) < outsideRows || len(refusedOf(p.doubts)) > 0 {
		return nil
	}
	var lon, lat []float64
	for _, q := range pairs {
		if at, err := crs.ToWGS84(p.system, orb.Point{q.x, q.y}); err == nil {
			lon, lat = append(lon, at[0]), append(lat, at[1])
		}
	}
	n, outside := len(lon), stamper.outside(lon, lat)
	part := float64(len(outside)) / float64(n)
	if n < outsideRows || part < outsideDoubt {
		return nil
	}
	first := outside[0]
	return []Doubt{{
		Code: "outside",
		Message: fmt.Sprintf("%d of %d points looked at lie outside of all boundaries, such as %s, %s",
			len(outside), n, degrees(lon[first]), degrees(lat[first])),
		Hint: advise("%s with the right coordinate system, or import boundaries that hold them", set("crs")), Refuse: part >= outsideRefused,
	}}
}

func refusedOf(doubts []Doubt) []Doubt {
	return slices.DeleteFunc(slices.Clone(doubts), func(d Doubt) bool { return !d.Refuse })
}

func degrees(d float64) string { return fmt.Sprintf("%.5f", d) }

// outside returns the points that no community of any level and time holds.
func (s *Stamper) outside(lon, lat []float64) (points []int) {
	inside := make([]bool, len(lon))
	for _, l := range s.layers {
		for _, period := range l.at {
			for i, ordinal := range period.index.FindAll(nil, lon, lat) {
				inside[i] = inside[i] || ordinal >= 0
			}
		}
	}
	for i, in := range inside {
		if !in {
			points = append(points, i)
		}
	}
	return points
}
