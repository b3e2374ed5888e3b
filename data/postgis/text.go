package postgis

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// escape begins what PostgreSQL cannot keep in a text: the byte 0, and bytes
// that are no UTF-8. It is DLE, data link escape, followed by two hexadecimal
// digits, and stands also before itself.
const escape = '\x10'

// keyBytes is the longest text that is its own key: entries of a btree have
// to fit a third of a page.
const keyBytes = 1024

// encodeText returns a text as it is stored. Different texts stay different.
func encodeText(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == 0 || r == escape || r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, "%c%02x", escape, s[i])
		} else {
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

func plain(s string) bool {
	return strings.IndexByte(s, 0) < 0 && strings.IndexByte(s, escape) < 0 && utf8.ValidString(s)
}

// decodeText undoes encodeText.
func decodeText(s string) string {
	if strings.IndexByte(s, escape) < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == escape && i+2 < len(s) {
			if v, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				b = append(b, v[0])
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// keyOf returns what an index knows a stored text by: itself, or where it is
// too long its digest, which no stored text can be.
func keyOf(stored string) (key string, long bool) {
	if len(stored) <= keyBytes {
		return stored, false
	}
	sum := sha256.Sum256([]byte(stored))
	return string(escape) + "sha256:" + hex.EncodeToString(sum[:]), true
}
