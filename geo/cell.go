package geo

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
)

// NoCell is the absence of a cell: the zero Cell. It is not valid, has no
// area and prints as the empty string.
const NoCell Cell = 0

// ErrNoCell says that a place or a text has no cell: a coordinate that is not
// finite or lies off the globe, or text that is not a valid H3 cell.
var ErrNoCell = errors.New("no such cell")

// Cell is the index of one H3 cell, in H3's own 64-bit layout. Cells of one
// resolution sort so that the descendants of any coarser cell are contiguous.
// The zero value is NoCell.
type Cell uint64

// The layout of an H3 index, from the H3 documentation, "H3 Index Bit Layout":
// 1 reserved bit, 4 mode bits, 3 reserved bits, 4 resolution bits, 7 base cell
// bits and fifteen digits of 3 bits, coarsest first.
const (
	modeShift       = 59
	modeCell        = 1
	resolutionShift = 52
	baseShift       = 45
	digitBits       = 3
	digitMask       = 7
	baseCells       = 122
	allDigits       = uint64(1)<<baseShift - 1
	firstBits       = 0x49249249249 // bit 0 of every one of the fifteen digits
)

// ParseCell reads a cell from its text form: up to 16 hexadecimal digits, of
// either case, without prefix. The error wraps ErrNoCell when the text is not a
// valid cell; the empty string is not a cell.
func ParseCell(s string) (Cell, error) {
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil || !Cell(n).Valid() {
		return NoCell, fmt.Errorf("parse cell %q: %w", s, ErrNoCell)
	}
	return Cell(n), nil
}

// String returns the 15 lower-case hexadecimal digits of c, or the empty string
// for NoCell.
func (c Cell) String() string {
	if c == NoCell {
		return ""
	}
	return strconv.FormatUint(uint64(c), 16)
}

// AppendText appends the text form of c to b. The error is always nil.
func (c Cell) AppendText(b []byte) ([]byte, error) {
	if c == NoCell {
		return b, nil
	}
	return strconv.AppendUint(b, uint64(c), 16), nil
}

// MarshalText returns the text form of c; NoCell is the empty text. The error
// is always nil.
func (c Cell) MarshalText() ([]byte, error) { return c.AppendText(nil) }

// UnmarshalText sets c from its text form. The empty text gives NoCell, so that
// what MarshalText writes can always be read back.
func (c *Cell) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = NoCell
		return nil
	}
	parsed, err := ParseCell(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// Valid reports whether c is a cell that exists. It follows H3's isValidCell:
// cell mode, reserved bits zero, a known base cell, digits 0 to 6 down to the
// resolution and 7 after it, and no digits that a pentagon lacks.
func (c Cell) Valid() bool {
	if uint64(c)>>56 != modeCell<<3 || c.base() >= baseCells {
		return false
	}
	unused := digitBits * uint(MaxResolution-c.Resolution())
	digits := uint64(c) & allDigits
	if digits&(1<<unused-1) != 1<<unused-1 {
		return false
	}
	used := digits >> unused << unused
	if used&(used>>1)&(used>>2)&firstBits != 0 { // a digit of 7
		return false
	}
	return !isPentagonBase(c.base()) || leadingDigit(used) != 1
}

// Resolution returns the resolution of c, or -1 for NoCell.
func (c Cell) Resolution() Resolution {
	if c == NoCell {
		return -1
	}
	return Resolution(c >> resolutionShift & 15)
}

// IsPentagon reports whether c is one of the twelve pentagons of its
// resolution. NoCell is not.
func (c Cell) IsPentagon() bool {
	if c == NoCell || !isPentagonBase(c.base()) {
		return false
	}
	unused := digitBits * uint(MaxResolution-c.Resolution())
	return uint64(c)&allDigits>>unused == 0
}

// base returns the base cell number of c.
func (c Cell) base() int { return int(c >> baseShift & 127) }

// digit returns the digit of c at resolution r, from 0 to 6; r is 1 or more.
func (c Cell) digit(r Resolution) int {
	return int(c>>(digitBits*uint(MaxResolution-r))) & digitMask
}

// withDigit returns c with the digit at resolution r replaced.
func (c Cell) withDigit(r Resolution, d int) Cell {
	shift := digitBits * uint(MaxResolution-r)
	return c&^(digitMask<<shift) | Cell(d)<<shift
}

// leadingDigit returns the first digit that is not zero, or 0 if there is none.
func leadingDigit(digits uint64) int {
	if digits == 0 {
		return 0
	}
	place := (bits.Len64(digits) - 1) / digitBits
	return int(digits>>(digitBits*place)) & digitMask
}

// isPentagonBase reports whether base cell b is one of the twelve pentagons
// (H3 source, baseCells.c).
func isPentagonBase(b int) bool {
	const low = uint64(1)<<4 | 1<<14 | 1<<24 | 1<<38 | 1<<49 | 1<<58 | 1<<63
	const high = uint64(1)<<(72-64) | 1<<(83-64) | 1<<(97-64) | 1<<(107-64) | 1<<(117-64)
	if b < 64 {
		return low>>uint(b)&1 != 0
	}
	return high>>uint(b-64)&1 != 0
}
