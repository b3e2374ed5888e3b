package encode

import "io"

// writeJSON writes what is known of the rows and the rows without geometry, one
// a line. The member "rows" holds objects with the id and every property.
func writeJSON(w io.Writer, in *input) error {
	s := newSink(w)
	s.buf = appendString(append(s.buf, `{"name":`...), in.Name)
	s.buf = appendString(append(s.buf, `,"title":`...), in.Title)
	if err := s.head(in); err != nil {
		return err
	}
	s.buf = append(s.buf, ",\n\"rows\":["...)
	writer := newFeatures(in.Table)
	err := in.each(func(i int, t *Table, row int) error {
		if i > 0 {
			s.buf = append(s.buf, ',')
		}
		s.buf = appendString(append(s.buf, "\n{\"id\":"...), t.ID(row))
		if len(t.Columns) > 0 {
			s.buf = append(s.buf, ',')
		}
		s.buf = append(writer.appendProperties(s.buf, t, row), '}')
		return s.room()
	})
	if err != nil {
		return err
	}
	s.buf = append(s.buf, "\n]}\n"...)
	return s.close()
}
