package ingest

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/quality"
	"github.com/civgrid/civgrid/geo"
	"github.com/civgrid/civgrid/geo/locate"
)

// A Stamper fills the stamped columns of batches: the cell of each point at
// every served resolution, and the community. A point gets the finest community
// that holds it and was in force at the time of the event, of several the one
// of the lowest code; a point outside of all gets none. A row without a point
// gets the community that its source names, if that is known.
//
// A Stamper is immutable and safe for concurrent use.
type Stamper struct {
	resolutions []geo.Resolution
	layers      []layer // finest first
	names       *quality.Gazetteer
}

// A layer is one level of communities in the course of time.
type layer struct {
	starts []int64 // when each period begins, microseconds; the first is the beginning of time
	at     []areas
}

// areas are the communities of one level in one period.
type areas struct {
	index *locate.Index
	codes []string
}

// NewStamper returns a Stamper for the communities and resolutions; none means
// data.DefaultResolutions.
func NewStamper(communities []data.Community, resolutions []geo.Resolution) (*Stamper, error) {
	if len(resolutions) == 0 {
		resolutions = data.DefaultResolutions()
	}
	s := &Stamper{resolutions: resolutions, names: quality.NewGazetteer(communities)}
	levels := data.Levels()
	slices.Reverse(levels)
	for _, level := range levels {
		var at []data.Community
		for _, c := range communities {
			if c.Level == level && len(c.Outline) > 0 {
				at = append(at, c)
			}
		}
		if len(at) == 0 {
			continue
		}
		l, err := newLayer(at)
		if err != nil {
			return nil, fmt.Errorf("index communities of level %s: %w", level, err)
		}
		s.layers = append(s.layers, l)
	}
	return s, nil
}

// newLayer makes one index for each period between changes of validity.
func newLayer(communities []data.Community) (layer, error) {
	l := layer{starts: []int64{math.MinInt64}}
	for _, c := range communities {
		for _, t := range []time.Time{c.ValidFrom, c.ValidTo} {
			if !t.IsZero() {
				l.starts = append(l.starts, t.UnixMicro())
			}
		}
	}
	slices.Sort(l.starts)
	l.starts = slices.Compact(l.starts)
	for _, start := range l.starts {
		a, err := areasAt(communities, start)
		if err != nil {
			return layer{}, err
		}
		l.at = append(l.at, a)
	}
	return l, nil
}

func areasAt(communities []data.Community, start int64) (areas, error) {
	var found []locate.Area
	for _, c := range communities {
		begun := c.ValidFrom.IsZero() || start != math.MinInt64 && c.ValidFrom.UnixMicro() <= start
		ended := !c.ValidTo.IsZero() && start != math.MinInt64 && c.ValidTo.UnixMicro() <= start
		if begun && !ended {
			found = append(found, locate.Area{Code: c.Code, Outline: c.Outline})
		}
	}
	slices.SortStableFunc(found, func(a, b locate.Area) int { return strings.Compare(a.Code, b.Code) })
	index, err := locate.New(found)
	if err != nil {
		return areas{}, err
	}
	a := areas{index: index}
	for _, f := range found {
		a.codes = append(a.codes, f.Code)
	}
	return a, nil
}

// Stamp returns b, a batch with all columns of the dataset, with its stamped
// columns filled anew. The other columns share memory with b.
func (s *Stamper) Stamp(d data.Dataset, b data.Batch) (data.Batch, error) {
	columns := b.Columns()
	stamps := s.stamps(d, b)
	arrays := make([]arrow.Array, len(columns))
	for i, c := range columns {
		arrays[i] = b.Record().Column(i)
		if c.Stamped {
			if arrays[i] = stamps[c.Name]; arrays[i] == nil {
				return data.Batch{}, fmt.Errorf("stamp %s: column %s is of no resolution served", d, c.Name)
			}
		}
	}
	return data.NewBatch(columns, array.NewRecord(data.ArrowSchema(columns), arrays, int64(b.Len())))
}

// stamps computes the stamped columns by name.
func (s *Stamper) stamps(d data.Dataset, b data.Batch) map[string]arrow.Array {
	at, lon, lat := points(b)
	columns := []data.Column{{Name: "community", Type: data.Code}}
	for _, r := range s.resolutions {
		columns = append(columns, data.Column{Name: data.CellColumn(r), Type: data.Cell})
	}
	builder := data.NewBuilder(columns)
	for _, code := range s.communities(d, b, at, lon, lat) {
		if code == "" {
			builder.Missing(0)
		} else {
			builder.SetText(0, code)
		}
	}
	cells := make([]geo.Cell, 0, len(lon))
	for i, r := range s.resolutions {
		cells = geo.CellsAt(cells[:0], lon, lat, r)
		for _, ordinal := range at {
			if ordinal < 0 {
				builder.Missing(i + 1)
			} else {
				builder.SetCell(i+1, cells[ordinal])
			}
		}
	}
	stamped := builder.Build()
	out := map[string]arrow.Array{}
	for i, c := range columns {
		out[c.Name] = stamped.Record().Column(i)
	}
	return out
}

// points returns the different points of b, and which of them row i has in
// at[i], -1 for none. Many rows share a point, and a point is dear to locate.
func points(b data.Batch) (at []int32, lon, lat []float64) {
	type point struct{ lon, lat float64 }
	x, y := b.Floats("lon"), b.Floats("lat")
	validX, validY := b.Valid("lon"), b.Valid("lat")
	at = make([]int32, b.Len())
	seen := make(map[point]int32, b.Len())
	for i := range at {
		if !validX.At(i) || !validY.At(i) {
			at[i] = -1
			continue
		}
		p := point{x[i], y[i]}
		ordinal, known := seen[p]
		if !known {
			ordinal = int32(len(lon))
			seen[p] = ordinal
			lon, lat = append(lon, p.lon), append(lat, p.lat)
		}
		at[i] = ordinal
	}
	return at, lon, lat
}

// communities returns the code of every row of b, "" for none.
func (s *Stamper) communities(d data.Dataset, b data.Batch, at []int32, lon, lat []float64) []string {
	codes := make([]string, b.Len())
	given := b.Codes("community_given")
	resolved := make([]string, len(given.Words))
	for i, word := range given.Words {
		resolved[i], _ = s.names.Find(word)
	}
	var rows []int32
	for i, ordinal := range at {
		switch {
		case ordinal >= 0:
			rows = append(rows, int32(i))
		case given.Valid().At(i):
			codes[i] = resolved[given.Index[i]]
		}
	}
	times := eventTimes(d, b)
	for _, l := range s.layers {
		rows = l.place(codes, times, rows, at, lon, lat)
	}
	return codes
}

// eventTimes returns when each row happened; rows without a time, such as
// resources, belong to the last period.
func eventTimes(d data.Dataset, b data.Batch) []int64 {
	times := make([]int64, b.Len())
	for i := range times {
		times[i] = math.MaxInt64
	}
	name := data.EventTime(d)
	if name == "" {
		return times
	}
	values, valid := b.Ints(name), b.Valid(name)
	for i := range times {
		if valid.At(i) {
			times[i] = values[i]
		}
	}
	return times
}

// place sets the codes of the rows that l knows a community for, and returns
// the others. Row r lies at point at[r].
func (l layer) place(codes []string, times []int64, rows, at []int32, lon, lat []float64) []int32 {
	found := make([][]int32, len(l.at)) // by period, point by point
	var rest []int32
	for _, r := range rows {
		period := 0
		if len(l.at) > 1 {
			period = sort.Search(len(l.starts), func(k int) bool { return l.starts[k] > times[r] }) - 1
		}
		if found[period] == nil {
			found[period] = l.at[period].index.FindAll(make([]int32, 0, len(lon)), lon, lat)
		}
		if ordinal := found[period][at[r]]; ordinal >= 0 {
			codes[r] = l.at[period].codes[ordinal]
		} else {
			rest = append(rest, r)
		}
	}
	return rest
}
