package postgis

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// difficult are texts that PostgreSQL would refuse, or that look like what
// stands for such.
var difficult = []string{
	"", "plain", "朝阳区🏙", "\x00", "a\x00b", "\xff", "\xe4\xb8", "\xed\xa0\x80", "\xef\xbf\xbd", "\x10", "\x1000", "\x10ff", "\x10\x10", "\x1010", "\x10g", "x\x10",
	"\x10sha256:" + strings.Repeat("0", 64), strings.Repeat("長", keyBytes), strings.Repeat("x", keyBytes), strings.Repeat("x", keyBytes+1), strings.Repeat("\x00", keyBytes),
}

// FuzzText tests that any text comes back as it was, in a form that PostgreSQL
// takes, and that its key is one that an index takes and no other text has.
func FuzzText(f *testing.F) {
	for i, s := range difficult {
		f.Add(s, difficult[(i+1)%len(difficult)])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		stored := encodeText(a)
		if got := decodeText(stored); got != a {
			t.Errorf("%q is stored as %q and comes back as %q", a, stored, got)
		}
		if !utf8.ValidString(stored) || strings.IndexByte(stored, 0) >= 0 {
			t.Errorf("%q is stored as %q, which PostgreSQL does not take", a, stored)
		}
		key, long := keyOf(stored)
		if len(key) > keyBytes || !utf8.ValidString(key) || long == (key == stored) {
			t.Errorf("%q has the key %q of %d bytes, long %v", a, key, len(key), long)
		}
		if other, _ := keyOf(encodeText(b)); (key == other) != (a == b) {
			t.Errorf("%q has the key %q, and %q has %q", a, key, b, other)
		}
	})
}

// TestAnyTextIsDecoded tests that what nobody has encoded does no harm.
func TestAnyTextIsDecoded(t *testing.T) {
	f := func(stored, want string) {
		t.Helper()
		if got := decodeText(stored); got != want {
			t.Errorf("decodeText(%q) = %q, want %q", stored, got, want)
		}
	}
	f("", "")
	f("a\x1000b", "a\x00b")
	f("\x10ff\x10FE", "\xff\xfe")
	f("\x1010", "\x10")
	f("\x101000", "\x1000")
	f("\x10", "\x10")
	f("a\x10f", "a\x10f")
	f("\x10zz", "\x10zz")
}
