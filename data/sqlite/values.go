package sqlite

import (
	"fmt"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// An encoder gives the value that stands for one column of a row.
type encoder func(row int) (value, error)

// encoders returns one for each column of the batch. Words that are new are
// added as they are met.
func (s *Store) encoders(c session, b data.Batch) []encoder {
	encoders := make([]encoder, len(b.Columns()))
	for i, column := range b.Columns() {
		valid, encode := b.Valid(column.Name), s.encoder(c, b, column)
		encoders[i] = func(row int) (value, error) {
			if !valid.At(row) {
				return nil, nil
			}
			return encode(row)
		}
	}
	return encoders
}

func (s *Store) encoder(c session, b data.Batch, column data.Column) encoder {
	switch column.Type {
	case data.Text:
		texts := b.Texts(column.Name)
		return func(row int) (value, error) { return texts.At(row), nil }
	case data.Code:
		codes := b.Codes(column.Name)
		ids := make([]value, len(codes.Words))
		return func(row int) (value, error) {
			i := codes.Index[row]
			if ids[i] == nil {
				id, err := s.idOf(c, codes.Words[i])
				if err != nil {
					return nil, err
				}
				ids[i] = id
			}
			return ids[i], nil
		}
	case data.Float:
		floats := b.Floats(column.Name)
		return func(row int) (value, error) { return floats[row], nil }
	case data.Cell:
		cells := b.Cells(column.Name)
		return func(row int) (value, error) { return int64(cells[row]), nil }
	default:
		ints := b.Ints(column.Name)
		return func(row int) (value, error) { return ints[row], nil }
	}
}

// A decoder appends a stored value that is not null to column i of a builder.
type decoder func(b *data.Builder, i int, v value) error

// decoders returns one for each column.
func (s *Store) decoders(c session, columns []data.Column) []decoder {
	decoders := make([]decoder, len(columns))
	for i, column := range columns {
		decode := s.decoder(c, column.Type)
		decoders[i] = func(b *data.Builder, i int, v value) error {
			if err := decode(b, i, v); err != nil {
				return fmt.Errorf("column %s: %w", column.Name, err)
			}
			return nil
		}
	}
	return decoders
}

func (s *Store) decoder(c session, t data.Type) decoder {
	switch t {
	case data.Text:
		return func(b *data.Builder, i int, v value) error {
			text, ok := v.(string)
			b.SetText(i, text)
			return expect(ok, t, v)
		}
	case data.Code:
		var words []string
		return func(b *data.Builder, i int, v value) (err error) {
			id, ok := v.(int64)
			if id <= 0 || id >= int64(len(words)) {
				if words, err = s.words.upTo(c, id); err != nil {
					return err
				}
			}
			b.SetText(i, words[id])
			return expect(ok, t, v)
		}
	case data.Float:
		return func(b *data.Builder, i int, v value) error {
			number, ok := v.(float64)
			b.SetFloat(i, number)
			return expect(ok, t, v)
		}
	case data.Cell:
		return func(b *data.Builder, i int, v value) error {
			number, ok := v.(int64)
			b.SetCell(i, geo.Cell(number))
			return expect(ok, t, v)
		}
	default:
		return func(b *data.Builder, i int, v value) error {
			number, ok := v.(int64)
			b.SetInt(i, number)
			return expect(ok, t, v)
		}
	}
}

func expect(ok bool, t data.Type, v value) error {
	if !ok {
		return fmt.Errorf("stored value is a %T, not a %s", v, t)
	}
	return nil
}
