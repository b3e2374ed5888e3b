package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/paulmach/orb"
)

// AcceptRows is what every store asks of rows it is given. It returns b with
// exactly these columns in this order, sharing memory, or an error where a
// column is missing or of another type, where a required value is missing, where
// the id is missing or empty, or where a float is not finite.
func AcceptRows(b Batch, columns []Column) (Batch, error) {
	arrays := make([]arrow.Array, len(columns))
	for i, c := range columns {
		at := indexOf(b.columns, c.Name)
		if at < 0 {
			return Batch{}, fmt.Errorf("batch has no column %s", c.Name)
		}
		if got := b.columns[at].Type; got != c.Type {
			return Batch{}, fmt.Errorf("column %s is of type %s, want %s", c.Name, got, c.Type)
		}
		arrays[i] = b.record.Column(at)
	}
	b = Batch{columns, array.NewRecord(ArrowSchema(columns), arrays, int64(b.Len()))}
	for _, c := range columns {
		if err := acceptColumn(b, c); err != nil {
			return Batch{}, err
		}
	}
	ids := b.Texts("id")
	for row := range b.Len() {
		if ids.At(row) == "" {
			return Batch{}, fmt.Errorf("row %d: id is empty", row)
		}
	}
	return b, nil
}

func acceptColumn(b Batch, c Column) error {
	valid := b.Valid(c.Name)
	if c.Required && !valid.All() {
		for row := range b.Len() {
			if !valid.At(row) {
				return fmt.Errorf("row %d: column %s has no value", row, c.Name)
			}
		}
	}
	if c.Type != Float {
		return nil
	}
	for row, v := range b.Floats(c.Name) {
		if (math.IsNaN(v) || math.IsInf(v, 0)) && valid.At(row) {
			return fmt.Errorf("row %d: column %s: %v is not a finite number", row, c.Name, v)
		}
	}
	return nil
}

// AcceptCommunity returns c as stores keep it: times in UTC to the microsecond,
// no outline and no names as nil. What there is of them is shared with c. It is
// an error when the code is empty, the level unknown, a ring empty, a coordinate
// not finite, or the validity ends before it begins.
func AcceptCommunity(c Community) (Community, error) {
	if c.Code == "" {
		return c, errors.New("community without a code")
	}
	if c.Level.Rank() < 0 {
		return c, fmt.Errorf("community %s: level %q is unknown", c.Code, c.Level)
	}
	if err := acceptOutline(c.Outline); err != nil {
		return c, fmt.Errorf("community %s: %w", c.Code, err)
	}
	if len(c.Outline) == 0 {
		c.Outline = nil
	}
	if len(c.Names) == 0 {
		c.Names = nil
	}
	if !c.HasPopulation {
		c.Population = 0
	}
	c.ValidFrom = time.UnixMicro(c.ValidFrom.UnixMicro()).UTC() // the zero time stays zero
	c.ValidTo = time.UnixMicro(c.ValidTo.UnixMicro()).UTC()
	if !c.ValidTo.IsZero() && c.ValidTo.Before(c.ValidFrom) {
		return c, fmt.Errorf("community %s: valid until %v, before it is valid from %v", c.Code, c.ValidTo, c.ValidFrom)
	}
	return c, nil
}

func acceptOutline(outline orb.MultiPolygon) error {
	for _, polygon := range outline {
		if len(polygon) == 0 {
			return errors.New("outline has a polygon without rings")
		}
		for _, ring := range polygon {
			if len(ring) == 0 {
				return errors.New("outline has an empty ring")
			}
			for _, p := range ring {
				if s := p[0] - p[0] + p[1] - p[1]; s != 0 { // NaN unless both are finite
					return fmt.Errorf("outline has a corner at %v, %v", p[0], p[1])
				}
			}
		}
	}
	return nil
}

// AcceptSettings returns s with its resolutions spelled out, or an error when
// they are not ascending H3 resolutions or the time zone is unknown.
func AcceptSettings(s Settings) (Settings, error) {
	if _, err := s.Location(); err != nil {
		return s, fmt.Errorf("settings: %w", err)
	}
	if len(s.Resolutions) == 0 {
		s.Resolutions = DefaultResolutions()
	}
	s.Resolutions = slices.Clone(s.Resolutions)
	for i, r := range s.Resolutions {
		if !r.Valid() || i > 0 && r <= s.Resolutions[i-1] {
			return s, fmt.Errorf("settings: resolutions %v: want ascending numbers from 0 to 15", s.Resolutions)
		}
	}
	return s, nil
}
