package data

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// expression returns a regular expression that means the same as a pattern. Its
// idea of case is simple folding, which is the full one but where a character
// folds into several.
func expression(l Like) *regexp.Regexp {
	text := "(?s)^"
	if l.CaseInsensitive {
		text = "(?si)^"
	}
	escaped := false
	for _, r := range l.Pattern {
		switch {
		case r == '\\' && !escaped:
			escaped = true
			continue
		case r == '%' && !escaped:
			text += ".*"
		case r == '_' && !escaped:
			text += "."
		default:
			text += regexp.QuoteMeta(string(r))
		}
		escaped = false
	}
	return regexp.MustCompile(text + "$")
}

func TestLike(t *testing.T) {
	f := func(pattern, word string, want bool) {
		t.Helper()
		if got := (Like{Pattern: pattern}).Matcher()(word); got != want {
			t.Errorf("%q is like %q: %t, want %t", word, pattern, got, want)
		}
		if got := expression(Like{Pattern: pattern}).MatchString(word); got != want {
			t.Errorf("by the regular expression %q is like %q: %t, want %t", word, pattern, got, want)
		}
	}
	f("", "", true)
	f("", "a", false)
	f("%", "", true)
	f("%", "anything\nat all", true)
	f("%%", "a", true)
	f("_", "", false)
	f("_", "路", true)
	f("__", "路", false)
	f("_", "é", true)
	f("_", "e\u0301", false) // two code points
	f("a%", "abc", true)
	f("a%", "ba", false)
	f("%a", "ba", true)
	f("%a", "ab", false)
	f("%ab%", "aab", true)
	f("%ab_", "abab", false)
	f("%ab_", "abxabx", true)
	f("a_c", "abc", true)
	f("a_c", "ac", false)
	f("%垃圾%", "街道垃圾满溢", true)
	f("A%", "abc", false)
	f(`50\%`, "50%", true)
	f(`50\%`, "50 percent", false)
	f(`a\_b`, "a_b", true)
	f(`a\_b`, "axb", false)
	f(`a\\%`, `a\b`, true)
	f(`a\\%`, `a%`, false)
	f(`\a\%`, `a%`, true)
	f("%a%b%c%", "xxaxxbxxc", true)
	f("%a%b%c%", "xxaxxcxxb", false)
}

// Hard patterns take no longer than the product of the lengths.
func TestLikeDoesNotTryEverything(t *testing.T) {
	match := Like{Pattern: strings.Repeat("%a", 1000) + "b"}.Matcher()
	if match(strings.Repeat("a", 20_000)) {
		t.Error("a word without b is like a pattern that ends in b")
	}
}

// The expected values are from the Unicode Character Database, CaseFolding.txt:
// lines 00DF F 0073 0073, 03C2 C 03C3, 1E9E F 0073 0073, 0130 F 0069 0307,
// 212A C 006B, AB70 C 13A0 and FB01 F 0066 0069.
func TestFoldCase(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		if got := FoldCase(s); got != want {
			t.Errorf("FoldCase(%q) = %q, want %q", s, got, want)
		}
	}
	f("", "")
	f("abc 1", "abc 1")
	f("ABC", "abc")
	f("Straße", "strasse")
	f("STRASSE", "strasse")
	f("GROẞ", "gross")
	f("Οδος", "οδοσ")
	f("ΟΔΟΣ", "οδοσ")
	f("İ", "i\u0307")
	f("\u212a", "k") // Kelvin sign
	f("ﬁn", "fin")
	f("ꭰᎠ", "ᎠᎠ") // Cherokee folds to capitals
	f("路灯", "路灯")
	f("ａＢ", "ａｂ")
}

// What package unicode of the standard library knows as the same letter, which
// has tables of its own, folds to the same; and folding again changes nothing.
func TestFoldingAgreesWithTheStandardLibrary(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		once := FoldCase(string(r))
		if other := unicode.SimpleFold(r); FoldCase(string(other)) != once {
			t.Errorf("FoldCase(%q) = %q, and FoldCase(%q) = %q", r, once, other, FoldCase(string(other)))
		}
		if FoldCase(once) != once {
			t.Errorf("FoldCase(%q) = %q, and folded again %q", r, once, FoldCase(once))
		}
	}
}

func TestWordsInAnyCase(t *testing.T) {
	like := Like{Pattern: "STRA__e%", CaseInsensitive: true}.Matcher()
	in := InAnyCase{Words: []string{"Οδος", "Straße"}}.Matcher()
	f := func(word string, wantLike, wantIn bool) {
		t.Helper()
		if got := like(word); got != wantLike {
			t.Errorf("%q is like the pattern: %t, want %t", word, got, wantLike)
		}
		if got := in(word); got != wantIn {
			t.Errorf("%q is one of the words: %t, want %t", word, got, wantIn)
		}
	}
	f("Straße", true, true)
	f("strasse", true, true)
	f("STRASSE", true, true)
	f("Strande 7", true, false)
	f("Strase", false, false)
	f("ΟΔΟΣ", false, true)
	f("οδοσ", false, true)
	f("", false, false)
}
