package sample

import (
	"strconv"
	"time"

	"github.com/paulmach/orb"
)

// sheet builds the bytes of a file. Text holds no comma, quote or line break.
type sheet struct{ bytes []byte }

// text appends text as it stands.
func (s *sheet) text(parts ...string) {
	for _, p := range parts {
		s.bytes = append(s.bytes, p...)
	}
}

// cell appends the n-th cell of a CSV line.
func (s *sheet) cell(n int, text string) {
	if n > 0 {
		s.bytes = append(s.bytes, ',')
	}
	s.bytes = append(s.bytes, text...)
}

// features appends a GeoJSON FeatureCollection; each appends the properties of
// a feature, a comma, and its geometry under its name.
func (s *sheet) features(n int, each func(int)) {
	s.text(`{"type":"FeatureCollection","features":[`)
	for i := range n {
		if i > 0 {
			s.text(",")
		}
		s.text("\n", `{"type":"Feature","properties":`)
		each(i)
		s.text("}")
	}
	s.text("\n]}\n")
}

// polygons appends the coordinates of a GeoJSON MultiPolygon.
func (s *sheet) polygons(mp orb.MultiPolygon) {
	s.nest(len(mp), func(i int) {
		s.nest(len(mp[i]), func(j int) {
			s.nest(len(mp[i][j]), func(k int) { s.point(mp[i][j][k]) })
		})
	})
}

// nest appends a JSON array.
func (s *sheet) nest(n int, each func(int)) {
	s.text("[")
	for i := range n {
		if i > 0 {
			s.text(",")
		}
		each(i)
	}
	s.text("]")
}

// point appends the coordinates of a GeoJSON Point.
func (s *sheet) point(p orb.Point) { s.text("[", degrees(p[0]), ",", degrees(p[1]), "]") }

// degrees writes an angle with six decimals, 0.1 m.
func degrees(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }

// clock writes a moment as the wall clock showed it, "" for none.
func clock(seconds int64) string {
	if seconds == noTime {
		return ""
	}
	return yearStart().Add(time.Duration(seconds) * time.Second).Format(time.DateTime)
}
