package segment

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/civgrid/civgrid/data"
)

// The layout of a segment file is drawn in FORMAT.md. All numbers are in the
// machine's own byte order: a file from a machine of the other order fails the
// test of its magic number and is built anew.
const (
	magic      = 0x0a47_4553_5649_430d // "\rCIVSEG\n" in little-endian order
	version    = 1
	headerSize = 64
	alignment  = 64 // bytes, as Arrow recommends
)

var order = binary.NativeEndian

// A header begins a segment file.
type header struct {
	rows      int
	mark      int64
	digest    uint64 // of the schema, see digestOf
	dirOffset uint64
	dirSize   uint32
	dirSum    uint32
	fileSize  uint64
}

// encode returns the header's 64 bytes.
func (h header) encode() []byte {
	b := make([]byte, 0, headerSize)
	b = order.AppendUint64(b, magic)
	b = order.AppendUint32(b, version)
	b = order.AppendUint32(b, uint32(h.rows))
	b = order.AppendUint64(b, uint64(h.mark))
	b = order.AppendUint64(b, h.digest)
	b = order.AppendUint64(b, h.dirOffset)
	b = order.AppendUint32(b, h.dirSize)
	b = order.AppendUint32(b, h.dirSum)
	b = order.AppendUint64(b, h.fileSize)
	b = order.AppendUint32(b, 0)
	return order.AppendUint32(b, checksum(b))
}

// decodeHeader reads and checks the header of a file of that size.
func decodeHeader(b []byte) (header, error) {
	if len(b) < headerSize {
		return header{}, fmt.Errorf("file of %d bytes: %w", len(b), errDamaged)
	}
	r := reader{b: b[:headerSize]}
	if m, v := r.u64(), r.u32(); m != magic || v != version {
		return header{}, fmt.Errorf("magic number %x, version %d: %w", m, v, errDamaged)
	}
	h := header{
		rows: int(r.u32()), mark: int64(r.u64()), digest: r.u64(),
		dirOffset: r.u64(), dirSize: r.u32(), dirSum: r.u32(), fileSize: r.u64(),
	}
	r.u32() // reserved
	if r.u32() != checksum(b[:headerSize-4]) {
		return header{}, fmt.Errorf("checksum of the header: %w", errDamaged)
	}
	if h.fileSize != uint64(len(b)) || h.dirOffset+uint64(h.dirSize) != h.fileSize {
		return header{}, fmt.Errorf("file of %d bytes, header says %d: %w", len(b), h.fileSize, errDamaged)
	}
	return h, nil
}

// An entry of the directory says where a column, or the runs, are.
type entry struct {
	kind   data.Type
	nulls  int
	offset uint64 // of the first part; each next one begins at the next multiple of 64
	sizes  [partCount]uint64
	sum    uint32 // of all parts with the padding after each
	zones  []zone
}

// extent returns how many bytes the parts take, padding included.
func (e entry) extent() uint64 {
	var n uint64
	for _, size := range e.sizes {
		n += padded(size)
	}
	return n
}

func padded(size uint64) uint64 { return (size + alignment - 1) / alignment * alignment }

func (e entry) append(b []byte) []byte {
	b = order.AppendUint32(b, uint32(e.kind))
	b = order.AppendUint32(b, uint32(e.nulls))
	b = order.AppendUint64(b, e.offset)
	for _, size := range e.sizes {
		b = order.AppendUint64(b, size)
	}
	b = order.AppendUint32(b, e.sum)
	b = order.AppendUint32(b, uint32(len(e.zones)))
	for _, z := range e.zones {
		b = order.AppendUint64(b, z.low)
		b = order.AppendUint64(b, z.high)
		b = order.AppendUint32(b, z.nulls)
	}
	return b
}

// entry reads one entry of the directory.
func (r *reader) entry() entry {
	e := entry{kind: data.Type(r.u32()), nulls: int(r.u32()), offset: r.u64()}
	for i := range e.sizes {
		e.sizes[i] = r.u64()
	}
	e.sum = r.u32()
	n := int(r.u32())
	if n*20 > len(r.b) {
		r.short = true
		return e
	}
	e.zones = make([]zone, n)
	for i := range e.zones {
		e.zones[i] = zone{r.u64(), r.u64(), r.u32()}
	}
	return e
}

// A reader takes numbers off the front of b; short is set when b was too short.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) u32() uint32 {
	if len(r.b) < 4 {
		r.short = true
		return 0
	}
	n := order.Uint32(r.b)
	r.b = r.b[4:]
	return n
}

func (r *reader) u64() uint64 {
	if len(r.b) < 8 {
		r.short = true
		return 0
	}
	n := order.Uint64(r.b)
	r.b = r.b[8:]
	return n
}

// text takes a text with its length, a u32, before it.
func (r *reader) text() string {
	n := uint64(r.u32())
	if n > uint64(len(r.b)) {
		r.short = true
		return ""
	}
	text := string(r.b[:n])
	r.b = r.b[n:]
	return text
}

// digestOf identifies what a file of the dataset has to look like: the first
// eight bytes of SHA-256 over the dataset, and name and type of each column.
func digestOf(d data.Dataset, columns []data.Column) uint64 {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", d)
	for _, c := range columns {
		fmt.Fprintf(h, "%q %s\n", c.Name, c.Type)
	}
	return binary.BigEndian.Uint64(h.Sum(nil))
}
