package encode

import "io"

// writeJSON writes what is known of the rows and the rows without geometry, one
// a line. The member "rows" holds objects with the id and every property.
func writeJSON(w io.Writer, t *Table, o Options) error {
	rows := o.rowsOf(t)
	s := newSink(w)
	s.buf = appendString(append(s.buf, `{"name":`...), t.Name)
	s.buf = appendString(append(s.buf, `,"title":`...), t.Title)
	if err := s.head(t, o.Page, rows.n); err != nil {
		return err
	}
	s.buf = append(s.buf, ",\n\"rows\":["...)
	writer := newFeatures(t)
	for i, row := range rows.all() {
		if i > 0 {
			s.buf = append(s.buf, ',')
		}
		s.buf = appendString(append(s.buf, "\n{\"id\":"...), t.ID(row))
		if len(t.Columns) > 0 {
			s.buf = append(s.buf, ',')
		}
		s.buf = append(writer.appendProperties(s.buf, row), '}')
		if !s.full() {
			return s.err
		}
	}
	s.buf = append(s.buf, "\n]}\n"...)
	return s.close()
}
