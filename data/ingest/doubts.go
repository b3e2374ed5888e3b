package ingest

import (
	"fmt"
	"math"
	"strings"

	"github.com/civgrid/civgrid/geo/crs"
)

// A Doubt is a reason to think that a file is not read as it was meant.
type Doubt struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    Advice `json:"hint"` // what to try
	// Refuse says that the file should not be imported as it is.
	Refuse bool `json:"refuse"`
}

// A DoubtError is returned for a file that should not be imported as it is.
// Nothing was written.
type DoubtError struct{ Doubt Doubt }

// Error says what is doubtful and what to try.
func (e *DoubtError) Error() string { return e.Spell(Setting.Flag) }

// Spell says it with settings spelled by a function.
func (e *DoubtError) Spell(spell func(Setting) string) string {
	if hint := e.Doubt.Hint.Spell(spell); hint != "" {
		return e.Doubt.Message + "; try: " + hint
	}
	return e.Doubt.Message
}

func refused(doubts []Doubt) error {
	for _, d := range doubts {
		if d.Refuse {
			return &DoubtError{d}
		}
	}
	return nil
}

// A pair is two coordinates as a file gives them.
type pair struct{ x, y float64 }

// pairs returns the coordinates in the sample that are numbers, and how many
// are exactly zero.
func (s *sample) pairs(p *plan) (found []pair, texts [][2]string, zeros int) {
	c := converter{plan: p}
	for _, row := range s.rows {
		xText, yText := p.text(p.bindings[p.at.lon], row), p.text(p.bindings[p.at.lat], row)
		x, okX := c.number(xText)
		y, okY := c.number(yText)
		switch {
		case !okX || !okY || xText == "" || yText == "":
		case x == 0 && y == 0:
			zeros++
		default:
			found, texts = append(found, pair{x, y}), append(texts, [2]string{xText, yText})
		}
	}
	return found, texts, zeros
}

// coordinateDoubts looks at the coordinates of a sample for the usual mistakes.
func coordinateDoubts(p *plan, s *sample) []Doubt {
	pairs, texts, zeros := s.pairs(p)
	var doubts []Doubt
	if n := len(pairs) + zeros; zeros*20 > n {
		doubts = append(doubts, Doubt{Code: "zero_coordinates", Message: fmt.Sprintf("%d of %s looked at at (0, 0): read as without coordinates", zeros, counted(n, "row"))})
	}
	if len(pairs) < 5 || p.system == crs.WebMercator {
		return doubts
	}
	if share(pairs, inDegrees) < 0.5 {
		return append(doubts, misread(pairs))
	}
	if coarse := roundedShare(texts); coarse > 0.9 {
		doubts = append(doubts, Doubt{Code: "rounded_coordinates", Message: fmt.Sprintf("%.0f %% of the coordinates have two decimals or fewer: they are about a kilometre off", 100*coarse)})
	}
	return doubts
}

func inDegrees(p pair) bool { return math.Abs(p.x) <= 180 && math.Abs(p.y) <= 90 }

func share(pairs []pair, is func(pair) bool) float64 {
	n := 0
	for _, p := range pairs {
		if is(p) {
			n++
		}
	}
	return float64(n) / float64(len(pairs))
}

// misread says what coordinates are that are not degrees.
func misread(pairs []pair) Doubt {
	example := fmt.Sprintf("coordinates such as %v, %v", pairs[0].x, pairs[0].y)
	if share(pairs, func(p pair) bool { return inDegrees(pair{p.y, p.x}) }) > 0.9 {
		return Doubt{Code: "swapped", Message: example + " look like latitude and longitude swapped", Hint: swapCoordinates(), Refuse: true}
	}
	integers := share(pairs, func(p pair) bool { return p.x == math.Trunc(p.x) && p.y == math.Trunc(p.y) }) > 0.9
	for _, unit := range []float64{1e5, 1e6, 1e7} {
		inRange := func(p pair) bool { return inDegrees(pair{p.x / unit, p.y / unit}) }
		if integers && share(pairs, inRange) > 0.9 && share(pairs, func(p pair) bool { return math.Abs(p.x/unit) > 5 || math.Abs(p.y/unit) > 5 }) > 0.9 {
			return Doubt{Code: "scaled", Message: fmt.Sprintf("%s look like degrees times %.0f", example, unit), Hint: advise("divide them before the import"), Refuse: true}
		}
	}
	return Doubt{
		Code: "projected", Message: example + " are not degrees: they look projected, in metres or feet",
		Hint: advise("%s if they are Web Mercator; convert any other projection to longitude and latitude", set("crs", "epsg:3857")), Refuse: true,
	}
}

func swapCoordinates() Advice {
	return advise("%s the other way round", set("map", "lon=…", "lat=…"))
}

// roundedShare returns the share of pairs both of whose values are written with
// two decimals or fewer.
func roundedShare(texts [][2]string) float64 {
	n := 0
	for _, t := range texts {
		if decimals(t[0]) <= 2 && decimals(t[1]) <= 2 {
			n++
		}
	}
	return float64(n) / float64(len(texts))
}

func decimals(s string) int {
	_, fraction, _ := strings.Cut(s, ".")
	return len(strings.TrimRight(fraction, "0"))
}
