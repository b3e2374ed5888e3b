package engine

import (
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// homes returns the places, by cell, each with the frame's row that it lies in.
func (p places) homes(f *analytics.Frame) []analytics.Home {
	if p.batch.Len() == 0 {
		return nil
	}
	homes := make([]analytics.Home, p.batch.Len())
	cells, people, known := p.batch.Cells(analytics.PlaceCell), p.batch.Ints(analytics.PlacePeople), p.batch.Valid(analytics.PlacePeople)
	rowOf := p.rowOf(f)
	for i := range homes {
		homes[i] = analytics.Home{Cell: cells[i], Row: rowOf(i), Known: known.At(i)}
		if homes[i].Known {
			homes[i].People = float64(people[i]) / 1000
		}
	}
	return homes
}

// rowOf returns what finds the frame's row of a place, -1 where there is none.
func (p places) rowOf(f *analytics.Frame) func(int) int32 {
	if f.Unit.IsCells() {
		cells := p.batch.Cells(data.CellColumn(f.Unit.Resolution))
		return func(i int) int32 {
			if row, ok := slices.BinarySearch(f.Cells, cells[i]); ok {
				return int32(row)
			}
			return -1
		}
	}
	codes := p.batch.Codes("community")
	recode := f.Key.(data.ByCode).Recode
	rows := make([]int32, len(codes.Words))
	for i, word := range codes.Words {
		if recode != nil {
			word = recode[word]
		}
		rows[i] = -1
		if row, ok := f.RowOf(word); ok {
			rows[i] = int32(row)
		}
	}
	return func(i int) int32 { return rows[codes.Index[i]] }
}
