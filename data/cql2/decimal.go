package cql2

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// A decimal is a number as it was written: 0.DIGITS times ten to the power of
// point. Digits neither begin nor end with 0, and zero has none. It is within
// the range of a float64.
type decimal struct {
	negative bool
	digits   string
	point    int
}

// parseDecimal reads a number: digits with a decimal point among or beside
// them, and an exponent. ok is false where a float64 would hold infinity, or
// zero for what is not.
func parseDecimal(s string) (d decimal, ok bool) {
	s, d.negative = strings.CutPrefix(s, "-")
	s = strings.TrimPrefix(s, "+")
	mantissa, exponent := s, ""
	if at := strings.IndexAny(s, "eE"); at >= 0 {
		mantissa, exponent = s[:at], s[at+1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	d.point = len(digits) - len(fraction)
	d.digits = strings.TrimRight(digits, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	if exponent != "" {
		shift, err := strconv.ParseInt(exponent, 10, 32)
		if err != nil {
			return decimal{}, false
		}
		d.point += int(shift)
	}
	v := d.float()
	return d, v != 0 && !math.IsInf(v, 0)
}

// String writes d such that CQL2 and JSON read it alike.
func (d decimal) String() string {
	var s string
	switch n := len(d.digits); {
	case n == 0:
		return "0"
	case d.point <= -6 || d.point > 21:
		s = d.digits[:1]
		if n > 1 {
			s += "." + d.digits[1:]
		}
		s += "E" + strconv.Itoa(d.point-1)
	case d.point <= 0:
		s = "0." + strings.Repeat("0", -d.point) + d.digits
	case n <= d.point:
		s = d.digits + strings.Repeat("0", d.point-n)
	default:
		s = d.digits[:d.point] + "." + d.digits[d.point:]
	}
	if d.negative {
		return "-" + s
	}
	return s
}

// float returns the nearest float64, infinity where there is none.
func (d decimal) float() float64 {
	v, _ := strconv.ParseFloat(d.String(), 64) // an error says no more than infinity does
	return v
}

// floor returns the greatest whole number that is not above d, and whether it
// is d. Where no int64 holds it beyond is -1 or 1, on the side of d.
func (d decimal) floor() (n int64, exact bool, beyond int) {
	exact = len(d.digits) <= d.point || d.digits == ""
	whole := "0"
	if d.point > 0 && d.digits != "" {
		whole = d.digits[:min(d.point, len(d.digits))] + strings.Repeat("0", max(d.point-len(d.digits), 0))
	}
	v, _ := new(big.Int).SetString(whole, 10) // digits only
	if d.negative {
		v.Neg(v)
		if !exact {
			v.Sub(v, big.NewInt(1))
		}
	}
	if !v.IsInt64() {
		return 0, exact, v.Sign()
	}
	return v.Int64(), exact, 0
}
