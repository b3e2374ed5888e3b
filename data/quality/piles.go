package quality

import (
	"sort"

	"github.com/civgrid/civgrid/data"
)

// A point is a place to the last digit.
type point struct{ lon, lat float64 }

// piles counts the rows at every point.
type piles map[point]int64

// top returns the n points with most rows, those with one row left out; of
// equally many the westernmost and then southernmost first.
func (p piles) top(n int, located int64) []data.PileUp {
	var found []data.PileUp
	for at, rows := range p {
		if rows > 1 {
			found = append(found, data.PileUp{Lon: at.lon, Lat: at.lat, Rows: rows, Share: float64(rows) / float64(located)})
		}
	}
	sort.Slice(found, func(i, j int) bool {
		a, b := found[i], found[j]
		if a.Rows != b.Rows {
			return a.Rows > b.Rows
		}
		if a.Lon != b.Lon {
			return a.Lon < b.Lon
		}
		return a.Lat < b.Lat
	})
	return found[:min(n, len(found))]
}

// rowsOf counts the rows at points with at least n rows.
func (p piles) rowsOf(n int64) int64 {
	var sum int64
	for _, rows := range p {
		if rows >= n {
			sum += rows
		}
	}
	return sum
}

// traitColumns are the columns in which the rows at a point can differ from
// the others.
var traitColumns = [...]string{
	"community_given", "kind", "category", "subcategory", "channel", "responsible", "status", "outcome", "verdict",
	"point_type", "item", "result", "source",
}

// wordCounts counts rows by column and word; "" is no value.
type wordCounts map[string]map[string]int64

// add counts the rows of b that are wanted.
func (w wordCounts) add(b data.Batch, wanted []bool) {
	for _, name := range traitColumns {
		if !b.Has(name) {
			continue
		}
		codes := b.Codes(name)
		counts, missing := make([]int64, len(codes.Words)), int64(0)
		valid := codes.Valid()
		for i, ok := range wanted {
			switch {
			case !ok:
			case valid.At(i):
				counts[codes.Index[i]]++
			default:
				missing++
			}
		}
		if w[name] == nil {
			w[name] = map[string]int64{}
		}
		for k, n := range counts {
			if n > 0 {
				w[name][codes.Words[k]] += n
			}
		}
		if missing > 0 {
			w[name][""] += missing
		}
	}
}
