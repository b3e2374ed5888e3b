package encode

import "io"

// recordSeparator begins every text of a sequence (RFC 8142, section 2; RFC
// 7464, section 2.2).
const recordSeparator = 0x1e

// writeGeoJSONSeq writes a GeoJSON text sequence (RFC 8142): every feature a text
// of its own, so that a reader takes in one at a time and finds the next after
// one that is broken. There is no place for what is known of all rows.
func writeGeoJSONSeq(w io.Writer, in *input) error {
	s := newSink(w)
	writer := newFeatures(in.Table)
	err := in.each(func(_ int, t *Table, row int) error {
		s.buf = append(s.buf, recordSeparator)
		s.buf = append(writer.append(s.buf, t, row), '}', '\n')
		return s.room()
	})
	if err != nil {
		return err
	}
	return s.close()
}
