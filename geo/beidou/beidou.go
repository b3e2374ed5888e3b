// Package beidou writes and reads the two-dimensional grid location codes of the BeiDou
// system (北斗网格位置码, GB/T 39409-2020): N50J47539B82 is a cell of two seconds of arc.
//
// Ten levels divide the Earth into cells of 6° by 4°, 30', 15' by 10', 1', 4", 2", and
// three eighths of eighths down to 1/2048", each code beginning with that of the cell
// it lies in. Longitude and latitude are those of CGCS2000, for which WGS 84 is taken.
// A cell holds its southern and western sides.
//
// Codes are known here for the north-eastern quarter of the Earth up to latitude 88,
// where China lies; how cells of other quarters are counted was not checked against
// anything, so they are refused.
package beidou

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/paulmach/orb"
)

// MaxLevel is the finest level.
const MaxLevel = 10

// ErrOutside says that a place is in none of the quarters that are known.
var ErrOutside = errors.New("beidou codes are known from 0 to 180° E and 0 to 88° N only")

// A step divides a cell into columns and rows. Its digits are those of column and row
// or, if paired, one that counts cells from west to east and south to north.
type step struct {
	columns, rows int64
	paired        bool
}

// steps are the levels after the first.
var steps = [MaxLevel - 1]step{
	{12, 8, false},
	{2, 3, true},
	{15, 10, false},
	{15, 15, false},
	{2, 2, true},
	{8, 8, false},
	{8, 8, false},
	{8, 8, false},
	{8, 8, false},
}

// unit is how many units there are to a degree: cells of the finest level.
const unit = 3600 * 2048

// The cells of the first level, in units.
const (
	columnWidth = 6 * unit
	rowHeight   = 4 * unit
)

const digits = "0123456789ABCDEF"

// firstColumn is the number of the column that begins at Greenwich.
const firstColumn = 31

// Encode returns the code of the cell of a level, from 1 to MaxLevel, that holds a
// place. The error is ErrOutside, or says that there is no such level.
func Encode(p orb.Point, level int) (string, error) {
	if level < 1 || level > MaxLevel {
		return "", fmt.Errorf("beidou codes have levels 1 to %d, not %d", MaxLevel, level)
	}
	if !(p[0] >= 0 && p[0] < 180 && p[1] >= 0 && p[1] < 88) {
		return "", ErrOutside
	}
	x, y := units(p[0]), units(p[1])
	var code strings.Builder
	fmt.Fprintf(&code, "N%02d%c", firstColumn+x/columnWidth, 'A'+rune(y/rowHeight))
	x, y = x%columnWidth, y%rowHeight
	width, height := int64(columnWidth), int64(rowHeight)
	for _, s := range steps[:level-1] {
		width, height = width/s.columns, height/s.rows
		column, row := x/width, y/height
		x, y = x%width, y%height
		if s.paired {
			code.WriteByte(digits[row*s.columns+column])
		} else {
			code.WriteByte(digits[column])
			code.WriteByte(digits[row])
		}
	}
	return code.String(), nil
}

// units returns how many whole units there are to an angle in degrees, exactly: a
// product of floats can round up into the next cell.
func units(degrees float64) int64 {
	exact := new(big.Rat).SetFloat64(degrees)
	exact.Mul(exact, new(big.Rat).SetInt64(unit))
	return new(big.Int).Quo(exact.Num(), exact.Denom()).Int64()
}

// Decode returns the cell of a code, in degrees, and its level.
func Decode(code string) (cell orb.Bound, level int, err error) {
	bad := func(why string) (orb.Bound, int, error) {
		return orb.Bound{}, 0, fmt.Errorf("beidou code %q: %s", code, why)
	}
	if len(code) < 4 || code[0] != 'N' {
		return bad("want N, two digits and a letter, and then digits")
	}
	column, row := number(code[1], code[2])-firstColumn, int64(code[3])-'A'
	if column < 0 || column >= 30 || row < 0 || row >= 22 {
		return bad("its first cell is not between 0 and 180° E and 0 and 88° N")
	}
	x, y := column*columnWidth, row*rowHeight
	width, height := int64(columnWidth), int64(rowHeight)
	rest := code[4:]
	for level = 1; rest != ""; level++ {
		if level == MaxLevel {
			return bad("it is too long")
		}
		s := steps[level-1]
		column, row, length := s.read(rest)
		if length == 0 {
			return bad(fmt.Sprintf("%q is no cell of level %d", rest[:min(2, len(rest))], level+1))
		}
		width, height, rest = width/s.columns, height/s.rows, rest[length:]
		x, y = x+column*width, y+row*height
	}
	at := func(n int64) float64 { return float64(n) / unit }
	return orb.Bound{Min: orb.Point{at(x), at(y)}, Max: orb.Point{at(x + width), at(y + height)}}, level, nil
}

// read reads the digits of a cell; there are none where length is 0.
func (s step) read(code string) (column, row int64, length int) {
	first := int64(strings.IndexByte(digits, code[0]))
	if s.paired {
		if first < 0 || first >= s.columns*s.rows {
			return 0, 0, 0
		}
		return first % s.columns, first / s.columns, 1
	}
	if len(code) < 2 {
		return 0, 0, 0
	}
	second := int64(strings.IndexByte(digits, code[1]))
	if first < 0 || first >= s.columns || second < 0 || second >= s.rows {
		return 0, 0, 0
	}
	return first, second, 2
}

// number reads two decimal digits, -1 where they are none.
func number(tens, ones byte) int64 {
	if tens < '0' || tens > '9' || ones < '0' || ones > '9' {
		return -1
	}
	return int64(tens-'0')*10 + int64(ones-'0')
}
