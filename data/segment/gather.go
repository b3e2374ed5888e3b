package segment

import (
	"slices"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/bitutil"

	"github.com/civgrid/civgrid/data"
)

// gather returns column i of the chunk as one vector in the chunk's order.
// Where a value is missing the vector holds zeros, so that equal rows give
// equal bytes.
func (c *chunk) gather(i int) vector {
	v := vector{kind: c.columns[i].Type, rows: c.len()}
	name := c.columns[i].Name
	valid := c.gatherValidity(&v, name)
	switch v.kind {
	case data.Text:
		c.gatherTexts(&v, name)
	case data.Code:
		c.gatherCodes(&v, name, valid)
	default:
		c.gatherNumbers(&v, name, valid)
	}
	return v
}

// gatherValidity fills the validity of v and returns that of each batch, nil
// where nothing is missing.
func (c *chunk) gatherValidity(v *vector, name string) []data.Validity {
	valid := make([]data.Validity, len(c.sources))
	all := true
	for s, b := range c.sources {
		valid[s] = b.Valid(name)
		all = all && valid[s].All()
	}
	if all {
		return nil
	}
	bits := make([]byte, bitutil.BytesForBits(int64(v.rows)))
	for i, r := range c.order {
		if valid[r.source].At(int(r.row)) {
			bitutil.SetBit(bits, i)
		} else {
			v.nulls++
		}
	}
	if v.nulls == 0 {
		return nil
	}
	v.parts[validity] = bits
	return valid
}

func (c *chunk) gatherNumbers(v *vector, name string, valid []data.Validity) {
	sources := make([][]uint64, len(c.sources))
	for s, b := range c.sources {
		sources[s] = numbers(b, name, v.kind)
	}
	out := make([]uint64, v.rows)
	for i, r := range c.order {
		if valid == nil || bitutil.BitIsSet(v.parts[validity], i) {
			out[i] = sources[r.source][r.row]
		}
	}
	v.parts[values] = asBytes(out)
}

// numbers returns the bits of a column of 8-byte values.
func numbers(b data.Batch, name string, kind data.Type) []uint64 {
	switch kind {
	case data.Float:
		return bitsOf(b.Floats(name))
	case data.Cell:
		return bitsOf(b.Cells(name))
	}
	return bitsOf(b.Ints(name))
}

func bitsOf[T any](s []T) []uint64 {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*uint64)(unsafe.Pointer(&s[0])), len(s))
}

func (c *chunk) gatherTexts(v *vector, name string) {
	sources := make([]data.Texts, len(c.sources))
	for s, b := range c.sources {
		sources[s] = b.Texts(name)
	}
	offsets := make([]int32, v.rows+1)
	size := int32(0)
	for i, r := range c.order {
		size += int32(len(sources[r.source].At(int(r.row))))
		offsets[i+1] = size
	}
	text := make([]byte, size)
	for i, r := range c.order {
		copy(text[offsets[i]:offsets[i+1]], sources[r.source].At(int(r.row)))
	}
	v.parts[values], v.parts[heap] = asBytes(offsets), text
}

func (c *chunk) gatherCodes(v *vector, name string, valid []data.Validity) {
	sources := make([]data.Codes, len(c.sources))
	for s, b := range c.sources {
		sources[s] = b.Codes(name)
	}
	vocabulary, recode := c.vocabulary(sources, valid)
	out := make([]int32, v.rows)
	for i, r := range c.order {
		if valid == nil || bitutil.BitIsSet(v.parts[validity], i) {
			out[i] = recode[r.source][sources[r.source].Index[r.row]]
		}
	}
	offsets := make([]int32, len(vocabulary)+1)
	var text []byte
	for i, w := range vocabulary {
		text = append(text, w...)
		offsets[i+1] = int32(len(text))
	}
	v.parts[values], v.parts[heap], v.parts[words] = asBytes(out), asBytes(offsets), text
}

// vocabulary returns the words in use, ascending, and for each batch what its
// codes become.
func (c *chunk) vocabulary(sources []data.Codes, valid []data.Validity) (vocabulary []string, recode [][]int32) {
	used := make([][]bool, len(sources))
	recode = make([][]int32, len(sources))
	for s := range sources {
		used[s] = make([]bool, len(sources[s].Words))
		recode[s] = make([]int32, len(sources[s].Words))
	}
	for _, r := range c.order {
		if valid == nil || valid[r.source].At(int(r.row)) {
			used[r.source][sources[r.source].Index[r.row]] = true
		}
	}
	codes := map[string]int32{}
	for s := range sources {
		for i, w := range sources[s].Words {
			if used[s][i] {
				codes[w] = 0
			}
		}
	}
	for w := range codes {
		vocabulary = append(vocabulary, w)
	}
	slices.Sort(vocabulary)
	for i, w := range vocabulary {
		codes[w] = int32(i)
	}
	for s := range sources {
		for i, w := range sources[s].Words {
			recode[s][i] = codes[w]
		}
	}
	return vocabulary, recode
}
