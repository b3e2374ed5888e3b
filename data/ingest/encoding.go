package ingest

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// An Encoding is how the characters of a file are written, by its IANA name.
type Encoding string

// The encodings that are recognised.
const (
	UTF8    Encoding = "utf-8"
	UTF16LE Encoding = "utf-16le"
	UTF16BE Encoding = "utf-16be"
	GB18030 Encoding = "gb18030"
	Big5    Encoding = "big5"
	CP1252  Encoding = "windows-1252"
)

// SniffEncoding guesses the encoding of a file from its beginning. A byte order
// mark decides; then zero bytes (UTF-16); then whether all is valid UTF-8. What
// is left is told apart by which reading makes the most of the bytes common
// Chinese characters (GB 2312 level 1, Big5 level 1), and is cp1252 when
// neither does: in western text bytes above 127 stand alone between letters.
func SniffEncoding(head []byte) Encoding {
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		return UTF8
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return UTF16LE
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return UTF16BE
	}
	if e := sniffUTF16(head); e != "" {
		return e
	}
	if validUTF8(head) {
		return UTF8
	}
	gb, big5 := gbScore(head), big5Score(head)
	if max(gb, big5) < 0.5 {
		// Valid but for a few damaged bytes is UTF-8 still: its rows will tell.
		if mostlyUTF8(head) {
			return UTF8
		}
		return CP1252
	}
	if mostlyUTF8(head) {
		return UTF8
	}
	if big5 > gb {
		return Big5
	}
	return GB18030
}

// sniffUTF16 looks for the zero bytes that ASCII characters have in UTF-16.
func sniffUTF16(head []byte) Encoding {
	var zeros [2]int
	n := min(len(head), 4096)
	for i, c := range head[:n] {
		if c == 0 {
			zeros[i&1]++
		}
	}
	switch {
	case zeros[1] > n/8 && zeros[0] < n/64+1:
		return UTF16LE
	case zeros[0] > n/8 && zeros[1] < n/64+1:
		return UTF16BE
	}
	return ""
}

// validUTF8 reports whether head is UTF-8, but for a character cut at its end.
func validUTF8(head []byte) bool {
	for i := 0; i < utf8.UTFMax && i <= len(head); i++ {
		if utf8.Valid(head[:len(head)-i]) {
			return i == 0 || !utf8.FullRune(head[len(head)-i:])
		}
	}
	return false
}

// mostlyUTF8 reports whether there are at least ten well-formed multi-byte
// characters for every broken byte.
func mostlyUTF8(head []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(head); {
		r, size := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && size == 1 {
			bad++
		} else if size > 1 {
			good++
		}
		i += size
	}
	return good >= 10*bad
}

// commonSimplified and commonTraditional are characters frequent in names of
// places and cases, and written differently or not in both scripts.
const (
	commonSimplified  = "的一是在不了有和人这中大为上个国我以要他时来用们生到区市街道路社村号县镇单编间经纬度办结案问题处理状态类别创建部门"
	commonTraditional = "的一是在不了有和人這中大為上個國我以要他時來用們生到區市街道路社村號縣鎮單編間經緯度辦結案問題處理狀態類別建立部門里"
)

// gbScore rates from below 0 to 2 how well b reads as GB 18030.
func gbScore(b []byte) float64 {
	return pairScore(b, GB18030, commonSimplified, func(lead, trail byte) (valid, usual bool) {
		if trail >= 0x30 && trail <= 0x39 && lead >= 0x81 { // half of a four-byte character
			return true, false
		}
		valid = lead >= 0x81 && lead <= 0xFE && trail >= 0x40 && trail != 0x7F && trail != 0xFF
		usual = trail >= 0xA1 && (lead >= 0xB0 && lead <= 0xD7 || lead >= 0xA1 && lead <= 0xA3)
		return valid, valid && usual
	})
}

// big5Score rates from below 0 to 2 how well b reads as Big5.
func big5Score(b []byte) float64 {
	return pairScore(b, Big5, commonTraditional, func(lead, trail byte) (valid, usual bool) {
		valid = lead >= 0x81 && lead <= 0xFE && (trail >= 0x40 && trail <= 0x7E || trail >= 0xA1 && trail <= 0xFE)
		return valid, valid && lead >= 0xA1 && lead <= 0xC6
	})
}

func pairScore(b []byte, e Encoding, common string, pair func(lead, trail byte) (valid, usual bool)) float64 {
	pairs, usual, bad := 0, 0, 0
	var text []byte
	for i := 0; i+1 < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		pairs++
		valid, often := pair(b[i], b[i+1])
		switch {
		case !valid:
			bad++
			continue
		case often:
			usual++
			text = append(text, b[i], b[i+1])
		}
		i++
	}
	if pairs == 0 {
		return 0
	}
	decoded, _ := e.decode(text)
	hits, runes := 0, 0
	for _, r := range decoded {
		runes++
		if strings.ContainsRune(common, r) {
			hits++
		}
	}
	score := float64(usual-3*bad) / float64(pairs)
	if runes > 0 {
		score += float64(hits) / float64(runes)
	}
	return score
}

// wide reports whether bytes of delimiters and quotes can be parts of other
// characters, so that text must be decoded before it is split.
func (e Encoding) wide() bool { return e == UTF16LE || e == UTF16BE }

func (e Encoding) codec() encoding.Encoding {
	switch e {
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case GB18030:
		return simplifiedchinese.GB18030
	case Big5:
		return traditionalchinese.Big5
	case CP1252:
		return charmap.Windows1252
	}
	return encoding.Nop
}

// decode returns b as text; ok is false when some bytes are none.
func (e Encoding) decode(b []byte) (text string, ok bool) {
	if e == UTF8 || e == "" {
		return string(b), utf8.Valid(b)
	}
	if isASCII(b) {
		return string(b), true
	}
	out, err := e.codec().NewDecoder().Bytes(b)
	return string(out), err == nil && !bytes.ContainsRune(out, utf8.RuneError) && !bytes.ContainsAny(out, "\u0081\u008d\u008f\u0090\u009d")
}

// encode returns text in the encoding; what it cannot say becomes a
// substitute.
func (e Encoding) encode(text string) []byte {
	if e == UTF8 || e == "" {
		return []byte(text)
	}
	out, err := encoding.ReplaceUnsupported(e.codec().NewEncoder()).Bytes([]byte(text))
	if err != nil {
		return []byte(strings.Map(asciiOnly, text))
	}
	return out
}

func asciiOnly(r rune) rune {
	if r >= utf8.RuneSelf {
		return '?'
	}
	return r
}

// reader returns r as UTF-8.
func (e Encoding) reader(r io.Reader) io.Reader {
	if e == UTF8 || e == "" {
		return r
	}
	codec := e.codec()
	switch e {
	case UTF16LE:
		codec = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case UTF16BE:
		codec = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return transform.NewReader(r, codec.NewDecoder())
}

func isASCII(b []byte) bool {
	const high = 0x8080808080808080 // of eight bytes at once
	for ; len(b) >= 8; b = b[8:] {
		if binary.LittleEndian.Uint64(b)&high != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
