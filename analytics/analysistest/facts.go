package analysistest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// facts is a source of incidents in one batch.
type facts struct{ batch data.Batch }

// Schema implements data.Source.
func (f facts) Schema(d data.Dataset) []data.Column { return data.SchemaOf(d, []geo.Resolution{9}) }

// Scan implements data.Source.
func (f facts) Scan(_ context.Context, q data.Query) data.Batches {
	if q.Dataset != data.Incidents {
		return func(func(data.Batch, error) bool) {}
	}
	return func(yield func(data.Batch, error) bool) { yield(q.Filter(f.batch)) }
}

// factsOn makes up to most incidents for each row of a frame, as many elsewhere
// and as many without a place: open and closed in every order of times, with
// values missing that need not be there.
func factsOn(frame *analytics.Frame, most int) facts {
	rng := rand.New(rand.NewPCG(uint64(most), 1))
	columns := data.SchemaOf(data.Incidents, []geo.Resolution{9})
	b := data.NewBuilder(columns)
	for row := range frame.Len() + 2 {
		for range rng.IntN(most + 1) {
			appendFact(b, columns, frame, row, rng)
		}
	}
	return facts{b.Build()}
}

func appendFact(b *data.Builder, columns []data.Column, frame *analytics.Frame, row int, rng *rand.Rand) {
	year := int64(366 * 24 * time.Hour / time.Microsecond)
	reported := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() + rng.Int64N(year)
	statuses := []string{data.StatusOpen, data.StatusClosed, data.StatusClosed, data.StatusSuspended, data.StatusVoid}
	for i, c := range columns {
		switch {
		case c.Name == "status":
			b.SetText(i, statuses[rng.IntN(len(statuses))])
		case c.Name == "reported_at":
			b.SetInt(i, reported)
		case c.Type == data.Time && rng.IntN(4) > 0:
			b.SetInt(i, reported+rng.Int64N(year/4)-year/40)
		case c.Type == data.Cell && frame.Unit.IsCells() && row < frame.Len():
			b.SetCell(i, frame.Cells[row])
		case c.Name == "community" && !frame.Unit.IsCells() && row < frame.Len():
			b.SetText(i, frame.Communities[row].Code)
		case c.Type == data.Cell && row == frame.Len():
			b.SetCell(i, geo.Pentagons(9)[0])
		case c.Name == "community" && row == frame.Len():
			b.SetText(i, "elsewhere")
		case c.Required:
			b.SetText(i, fmt.Sprintf("%s %d", c.Name, b.Len()))
		default:
			b.Missing(i)
		}
	}
}
