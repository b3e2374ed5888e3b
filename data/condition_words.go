package data

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

// Like is met by rows whose Text or Code column holds a word like a pattern, in
// which % stands for any characters or none, _ for one character, and what
// follows a \ for itself (CQL2, 21-065r2, requirement
// /req/advanced-comparison-operators/like-predicate). A character is a code
// point. A pattern must not end in a \ that nothing follows.
type Like struct {
	Column  string
	Pattern string
	// CaseInsensitive folds word and pattern before they are compared, see
	// [FoldCase]: _ stands for one character of the folded word, so that
	// "stra__e" is like "Straße" and "stra_e" is not.
	CaseInsensitive bool
}

// InAnyCase is met by rows whose Text or Code column holds one of the words,
// whatever the case of the letters of both: see [FoldCase].
type InAnyCase struct {
	Column string
	Words  []string
}

// FoldCase returns a text in which differences of case are gone, by the full
// case folding of Unicode (Unicode Standard 15.0, section 5.18, "Caseless
// Matching"; lines C and F of CaseFolding.txt): "Straße" and "STRASSE" both give
// "strasse". It depends on no language, and bytes that are no UTF-8 become
// U+FFFD.
func FoldCase(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || 'A' <= s[i] && s[i] <= 'Z' {
			return strings.Map(cherokee, cases.Fold().String(s))
		}
	}
	return s
}

// cherokee returns the capital of a Cherokee letter, to which CaseFolding.txt
// folds them, unlike those of other scripts; package cases exchanges capitals
// and small letters.
func cherokee(r rune) rune {
	switch {
	case 'ꭰ' <= r && r <= 'ꮿ':
		return r - 'ꭰ' + 'Ꭰ'
	case 'ᏸ' <= r && r <= 'ᏽ':
		return r - 'ᏸ' + 'Ᏸ'
	}
	return r
}

// Matcher returns what decides about one word; it is safe for concurrent use.
func (l Like) Matcher() func(word string) bool {
	pattern := l.Pattern
	if l.CaseInsensitive {
		pattern = FoldCase(pattern)
	}
	marks := patternMarks(pattern)
	if l.CaseInsensitive {
		return func(word string) bool { return alike(FoldCase(word), marks) }
	}
	return func(word string) bool { return alike(word, marks) }
}

// Matcher returns what decides about one word; it is safe for concurrent use.
func (in InAnyCase) Matcher() func(word string) bool {
	words := make(map[string]bool, len(in.Words))
	for _, w := range in.Words {
		words[FoldCase(w)] = true
	}
	return func(word string) bool { return words[FoldCase(word)] }
}

// A mark is a part of a pattern: a character, or what stands for characters.
type mark struct {
	any, one  bool
	character string
}

// patternMarks reads a pattern. Of several % side by side one is left.
func patternMarks(pattern string) []mark {
	var marks []mark
	for pattern != "" {
		m := mark{any: pattern[0] == '%', one: pattern[0] == '_'}
		if pattern[0] == '\\' && len(pattern) > 1 {
			pattern = pattern[1:]
		}
		_, size := utf8.DecodeRuneInString(pattern)
		if !m.any && !m.one {
			m.character = pattern[:size]
		}
		if !m.any || len(marks) == 0 || !marks[len(marks)-1].any {
			marks = append(marks, m)
		}
		pattern = pattern[size:]
	}
	return marks
}

// alike reports whether a word is like a pattern. It takes the shortest run for
// each % and lengthens that of the last one only, which is enough: what comes
// before it has been met by the earliest characters that meet it. So the time is
// at most the product of the two lengths.
func alike(word string, marks []mark) bool {
	at, m := 0, 0
	retryAt, retry := 0, -1 // where the run of the last % ends, and what follows it
	for at < len(word) {
		_, size := utf8.DecodeRuneInString(word[at:])
		switch {
		case m < len(marks) && marks[m].any:
			m++
			retryAt, retry = at, m
		case m < len(marks) && (marks[m].one || marks[m].character == word[at:at+size]):
			at, m = at+size, m+1
		case retry >= 0:
			_, size = utf8.DecodeRuneInString(word[retryAt:])
			retryAt += size
			at, m = retryAt, retry
		default:
			return false
		}
	}
	return m == len(marks) || m == len(marks)-1 && marks[m].any
}

func (l Like) mark(b Batch, keep []bool)       { markWords(b, l.Column, keep, l.Matcher()) }
func (in InAnyCase) mark(b Batch, keep []bool) { markWords(b, in.Column, keep, in.Matcher()) }

func (l Like) columns(add func(string))       { add(l.Column) }
func (in InAnyCase) columns(add func(string)) { add(in.Column) }

func (l Like) check(columns []Column) error {
	rest := strings.TrimRight(l.Pattern, `\`)
	if (len(l.Pattern)-len(rest))%2 != 0 {
		return fmt.Errorf(`column %s: pattern %q ends in a \ that nothing follows`, l.Column, l.Pattern)
	}
	return checkType(columns, l.Column, Text, Code)
}

func (in InAnyCase) check(columns []Column) error { return checkType(columns, in.Column, Text, Code) }
