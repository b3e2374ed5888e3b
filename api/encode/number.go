package encode

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// appendFloat appends the shortest decimal number that reads back as x, always
// with a decimal point or an exponent. Negative zero is zero; NaN and infinities
// are null.
func appendFloat(b []byte, x float64) []byte {
	abs := math.Abs(x)
	switch {
	case x == 0:
		return append(b, "0.0"...)
	case math.IsNaN(x) || math.IsInf(x, 0):
		return append(b, "null"...)
	case abs < 1e-6 || abs >= 1e21:
		return strconv.AppendFloat(b, x, 'e', -1, 64)
	}
	start := len(b)
	b = strconv.AppendFloat(b, x, 'f', -1, 64)
	for _, c := range b[start:] {
		if c == '.' {
			return b
		}
	}
	return append(b, ".0"...)
}

// decimals of a coordinate: 1e-7 degrees are about a centimetre.
const (
	decimals = 7
	scale    = 1e7
)

// maxCoordinate is beyond any, in degrees or metres.
const maxCoordinate = 1e8

// Coordinate returns degrees or metres as they are written: to seven decimals.
func Coordinate(x float64) float64 { return math.Round(x*scale) / scale }

// appendCoordinate appends degrees or metres with at most seven decimals and without
// zeros at the end. It must be finite and below maxCoordinate in absolute value.
func appendCoordinate(b []byte, x float64) []byte {
	n := int64(math.Round(x * scale))
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/scale, 10)
	fraction := n % scale
	if fraction == 0 {
		return b
	}
	var digits [decimals + 1]byte
	digits[0] = '.'
	for i := decimals; i > 0; i-- {
		digits[i] = byte('0' + fraction%10)
		fraction /= 10
	}
	end := len(digits)
	for digits[end-1] == '0' {
		end--
	}
	return append(b, digits[:end]...)
}

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string (RFC 8259, section 7). Only what must
// be escaped is; bytes that are no UTF-8 become U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			b = appendEscape(append(b, s[start:i]...), c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b = append(append(b, s[start:i]...), "\uFFFD"...)
			start = i + size
		}
		i += size
	}
	return append(append(b, s[start:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// A decimal is a float that keeps its decimal point in JSON.
type decimal float64

// MarshalJSON implements json.Marshaler.
func (d decimal) MarshalJSON() ([]byte, error) { return appendFloat(nil, float64(d)), nil }
