package encode

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FactID returns the id of the feature of a fact: the source, a colon, and the id
// within the source, such as "hotline:2024-0815". It is a reversible text for any
// source and id, and stands in the path of a URL as it is, which some clients do not
// escape: letters and digits of any script and -._!$'()*+,=@ are kept, and so is the
// colon in the id; every byte of everything else is ~ and two hexadecimal digits.
func FactID(source, id string) string {
	b := appendEscaped(make([]byte, 0, len(source)+1+len(id)), source, "")
	return string(appendEscaped(append(b, ':'), id, ":"))
}

// keptSigns are not escaped in a FactID: of the characters of a path segment (RFC
// 3986, section 3.3) those that are not the escape, nor mean something to a shell or
// in a query.
const keptSigns = "-._!$'()*+,=@"

func appendEscaped(b []byte, s, also string) []byte {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = fmt.Appendf(b, "~%02X", s[i])
		case unicode.IsLetter(r), unicode.IsDigit(r), r < utf8.RuneSelf && strings.ContainsRune(keptSigns+also, r):
			b = append(b, s[i:i+size]...)
		default:
			for _, c := range []byte(s[i : i+size]) {
				b = fmt.Appendf(b, "~%02X", c)
			}
		}
		i += size
	}
	return b
}

// ParseFactID returns the source and the id that FactID made a text of. It reports
// false for every other text: a fact has one id.
func ParseFactID(text string) (source, id string, ok bool) {
	source, id, ok = strings.Cut(text, ":")
	if !ok {
		return "", "", false
	}
	source, id = unescaped(source), unescaped(id)
	return source, id, FactID(source, id) == text
}

func unescaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '~' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
