package encode

import (
	"strings"
	"unicode"
)

// width returns how many columns of a terminal text takes: two for the wide
// characters of East Asian scripts (Unicode UAX #11, wide and fullwidth), none
// for combining marks.
func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case isWide(r):
		return 2
	}
	return 1
}

// isWide reports whether r is wide or fullwidth, by the blocks that consist of
// such characters (Unicode 15.1, EastAsianWidth.txt).
func isWide(r rune) bool {
	switch {
	case r < 0x1100:
		return false
	case r <= 0x115F, // Hangul Jamo
		r >= 0x2E80 && r <= 0x303E,   // radicals, CJK punctuation
		r >= 0x3041 && r <= 0x33FF,   // kana, bopomofo, compatibility
		r >= 0x3400 && r <= 0x4DBF,   // extension A
		r >= 0x4E00 && r <= 0xA4CF,   // unified ideographs, Yi
		r >= 0xAC00 && r <= 0xD7A3,   // Hangul syllables
		r >= 0xF900 && r <= 0xFAFF,   // compatibility ideographs
		r >= 0xFE30 && r <= 0xFE6F,   // compatibility forms
		r >= 0xFF00 && r <= 0xFF60,   // fullwidth forms
		r >= 0xFFE0 && r <= 0xFFE6,   // fullwidth signs
		r >= 0x1F300 && r <= 0x1F64F, // pictographs
		r >= 0x1F900 && r <= 0x1F9FF,
		r >= 0x20000 && r <= 0x3FFFD: // supplementary ideographs
		return true
	}
	return false
}

// pad fills s with spaces up to a width.
func pad(s string, to int, right bool) string {
	s = printable(s)
	fill := strings.Repeat(" ", max(0, to-width(s)))
	if right {
		return fill + s
	}
	return s + fill
}

// printable replaces what would move a terminal's cursor or change its colours.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
