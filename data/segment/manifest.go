package segment

import (
	"fmt"
	"os"
)

// setMagic begins a file that lists the segments of one dataset.
const setMagic = 0x0a54_4553_5649_430d // "\rCIVSET\n" in little-endian order

// A manifest lists the segments that together hold a dataset as of a mark,
// oldest first. A segment it does not list does not count.
type manifest struct {
	span   span
	digest uint64
	files  []listed
}

// listed is one segment of a manifest.
type listed struct {
	number uint64 // names the file
	sum    uint32 // of the file's header, and through it of every byte
	masks  bool   // whether it replaces rows of older segments
}

func (m manifest) encode() []byte {
	var b []byte
	b = order.AppendUint64(b, setMagic)
	b = order.AppendUint32(b, version)
	b = order.AppendUint32(b, uint32(len(m.files)))
	b = order.AppendUint64(b, uint64(m.span.mark))
	b = order.AppendUint64(b, uint64(m.span.reach))
	b = order.AppendUint64(b, m.digest)
	b = order.AppendUint32(b, uint32(len(m.span.lineage)))
	b = append(b, m.span.lineage...)
	for _, f := range m.files {
		masks := uint32(0)
		if f.masks {
			masks = 1
		}
		b = order.AppendUint64(b, f.number)
		b = order.AppendUint32(b, f.sum)
		b = order.AppendUint32(b, masks)
	}
	return order.AppendUint32(b, checksum(b))
}

// decodeManifest reads and checks a manifest.
func decodeManifest(b []byte) (manifest, error) {
	const fixed, each, end = 44, 16, 4
	if len(b) < fixed+end || order.Uint32(b[len(b)-end:]) != checksum(b[:len(b)-end]) {
		return manifest{}, fmt.Errorf("checksum of the list of segments: %w", errDamaged)
	}
	r := reader{b: b}
	if m, v := r.u64(), r.u32(); m != setMagic || v != version {
		return manifest{}, fmt.Errorf("list of segments has magic number %x, version %d: %w", m, v, errDamaged)
	}
	n := int(r.u32())
	m := manifest{span: span{mark: int64(r.u64()), reach: int64(r.u64())}, digest: r.u64()}
	m.span.lineage = r.text()
	if len(b) != fixed+len(m.span.lineage)+n*each+end {
		return manifest{}, fmt.Errorf("list of %d segments has %d bytes: %w", n, len(b), errDamaged)
	}
	for range n {
		m.files = append(m.files, listed{r.u64(), r.u32(), r.u32() == 1})
	}
	return m, nil
}

// writeManifest puts a manifest in place of the one there is.
func writeManifest(path string, m manifest) error {
	err := writeFile(path, func(f *os.File) error {
		_, err := f.Write(m.encode())
		return err
	})
	if err != nil {
		return fmt.Errorf("write list of segments: %w", err)
	}
	return nil
}
