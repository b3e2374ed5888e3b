package geo

import (
	"fmt"
	"strconv"
)

// MaxResolution is the finest H3 resolution: cells of about 0.9 m².
const MaxResolution Resolution = 15

// Resolution is an H3 grid resolution, from 0 (122 cells, each about
// 4.4 million km²) to 15 (about 0.9 m²). Each step is finer by a factor of
// seven in area. The zero value is the coarsest resolution, which is valid.
type Resolution int

// Valid reports whether r lies from 0 to MaxResolution.
func (r Resolution) Valid() bool { return r >= 0 && r <= MaxResolution }

// String returns r in decimal.
func (r Resolution) String() string { return strconv.Itoa(int(r)) }

// cells returns how many cells there are: 2 + 120·7^r (Uber, H3 core library
// documentation, table "Total H3 cell counts by resolution").
func (r Resolution) cells() int64 {
	n := int64(120)
	for range r {
		n *= 7
	}
	return n + 2
}

// ParseResolution reads a resolution from decimal text without sign or spaces.
// Anything that is not a whole number from 0 to MaxResolution is an error.
func ParseResolution(s string) (Resolution, error) {
	n, err := strconv.ParseUint(s, 10, 8)
	r := Resolution(n)
	if err != nil || !r.Valid() {
		return 0, fmt.Errorf("parse resolution %q: want a whole number from 0 to %d", s, MaxResolution)
	}
	return r, nil
}

// check returns an error that names r when it is not valid.
func (r Resolution) check() error {
	if r.Valid() {
		return nil
	}
	return fmt.Errorf("resolution %d: want 0 to %d", int(r), MaxResolution)
}
