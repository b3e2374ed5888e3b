package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

// Digests returns a 64-bit digest of every row of b, in dst where that is
// large enough: of the columns the source gave, or, with stamped, of the
// stamped ones. Rows with equal values have equal digests in every store and
// on every machine. The digest is the first eight bytes of SHA-256 over the
// columns in schema order: first those of the first format, then of the later
// ones those that have a value, each with its name. So a digest that was kept
// before there was a column stays true.
func Digests(dst []uint64, b Batch, stamped bool) []uint64 {
	if cap(dst) < b.Len() {
		dst = make([]uint64, b.Len())
	}
	dst = dst[:b.Len()]
	var parts, later []func(buf []byte, row int) []byte
	for _, c := range b.columns {
		switch {
		case c.Stamped != stamped:
		case c.Later:
			later = append(later, laterDigester(b, c))
		default:
			parts = append(parts, digester(b, c))
		}
	}
	parts = append(parts, later...)
	var buf []byte
	for row := range dst {
		buf = buf[:0]
		for _, part := range parts {
			buf = part(buf, row)
		}
		sum := sha256.Sum256(buf)
		dst[row] = binary.BigEndian.Uint64(sum[:8])
	}
	return dst
}

// digester returns a function that appends one value of column c in canonical
// form: 0 for a missing value, else 1 and the value; strings with their length.
func digester(b Batch, c Column) func(buf []byte, row int) []byte {
	valid := b.Valid(c.Name)
	value := valueDigester(b, c)
	return func(buf []byte, row int) []byte {
		if !valid.At(row) {
			return append(buf, 0)
		}
		return value(append(buf, 1), row)
	}
}

// laterDigester returns a function that appends the name and the value of a
// later column, and nothing where it has none.
func laterDigester(b Batch, c Column) func(buf []byte, row int) []byte {
	valid := b.Valid(c.Name)
	value := valueDigester(b, c)
	return func(buf []byte, row int) []byte {
		if !valid.At(row) {
			return buf
		}
		return value(word(buf, c.Name), row)
	}
}

// word appends a string with its length before it.
func word(buf []byte, s string) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(s))), s...)
}

func valueDigester(b Batch, c Column) func(buf []byte, row int) []byte {
	switch c.Type {
	case Text:
		texts := b.Texts(c.Name)
		return func(buf []byte, row int) []byte { return word(buf, texts.At(row)) }
	case Code:
		codes := b.Codes(c.Name)
		return func(buf []byte, row int) []byte { return word(buf, codes.At(row)) }
	case Float:
		floats := b.Floats(c.Name)
		return func(buf []byte, row int) []byte {
			return binary.BigEndian.AppendUint64(buf, math.Float64bits(floats[row]+0)) // -0 becomes 0
		}
	case Cell:
		cells := b.Cells(c.Name)
		return func(buf []byte, row int) []byte { return binary.BigEndian.AppendUint64(buf, uint64(cells[row])) }
	default:
		ints := b.Ints(c.Name)
		return func(buf []byte, row int) []byte { return binary.BigEndian.AppendUint64(buf, uint64(ints[row])) }
	}
}

// VersionOf makes the version of a store's content from the wrapping sums of
// the digests of all rows of each dataset, see [Revision.Digest], from its
// communities in the order of [Catalog.Communities], and from its settings.
func VersionOf(sums map[Dataset]uint64, communities []Community, settings Settings) string {
	h := sha256.New()
	for _, d := range Datasets() {
		fmt.Fprintf(h, "%s %016x\n", d, sums[d])
	}
	for _, c := range communities {
		writeCommunity(h, c)
	}
	fmt.Fprintf(h, "%v %q", settings.Resolutions, settings.Zone)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// CommunityDigest identifies one version of a community by all it says.
func CommunityDigest(c Community) string {
	h := sha256.New()
	writeCommunity(h, c)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func writeCommunity(w io.Writer, c Community) {
	for _, tag := range slices.Sorted(maps.Keys(c.Names)) {
		fmt.Fprintf(w, "%q=%q ", tag, c.Names[tag])
	}
	if len(c.Outline) == 0 {
		c.Outline = nil
	}
	outline, err := json.Marshal(c.Outline)
	if err != nil {
		panic("BUG: outline of finite numbers does not encode: " + err.Error())
	}
	fmt.Fprintf(w, "%q %q %q %d %t %q %d %d %s\n", c.Code, c.Level, c.Parent, c.Population, c.HasPopulation,
		c.Responsible, c.ValidFrom.UnixMicro(), c.ValidTo.UnixMicro(), outline)
}
