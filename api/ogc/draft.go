package ogc

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
)

// A draft is a fact that is to be kept: its values by column, each a string, an int64,
// which is microseconds for times, or a float64; a column without a value is not there.
// What is stamped has no place in it.
type draft struct {
	*encode.Facts
	schema  []data.Column
	values  map[string]any
	once    bool // it is known by the Idempotency-Key of its request
	undated bool // the time of the event was not said, and is that of the request
}

// The longest text that is taken, in bytes, and the source of facts that name none.
const (
	maxText      = 64 << 10
	recordSource = "field"
)

// draft returns the empty draft of a fact of a collection.
func (f *facts) draft() *draft {
	return &draft{Facts: f.Facts, schema: f.source.Schema(f.Dataset()), values: map[string]any{}}
}

// load takes the values of a row of a batch with all columns.
func (d *draft) load(b data.Batch, row int) {
	clear(d.values)
	for _, c := range d.schema {
		if c.Stamped || !b.Valid(c.Name).At(row) {
			continue
		}
		switch c.Type {
		case data.Text:
			d.values[c.Name] = strings.Clone(b.Texts(c.Name).At(row))
		case data.Code:
			d.values[c.Name] = b.Codes(c.Name).At(row)
		case data.Float:
			d.values[c.Name] = b.Floats(c.Name)[row]
		case data.Int, data.Time:
			d.values[c.Name] = b.Ints(c.Name)[row]
		case data.Cell:
			panic("BUG: cells are stamped")
		}
	}
}

// batch returns the draft as a batch of one row, not yet stamped.
func (d *draft) batch() data.Batch {
	b := data.NewBuilder(d.schema)
	for i, c := range d.schema {
		switch v := d.values[c.Name].(type) {
		case string:
			b.SetText(i, v)
		case int64:
			b.SetInt(i, v)
		case float64:
			b.SetFloat(i, v)
		default:
			b.Missing(i)
		}
	}
	return b.Build()
}

// text returns a value that is a text, "" where there is none.
func (d *draft) text(column string) string {
	s, _ := d.values[column].(string)
	return s
}

// set takes the value of a property as JSON has it; nil takes the value away. Properties
// that the service makes itself are passed over, so that a feature can be sent back as it
// was read.
func (d *draft) set(property string, value any) error {
	c, ok := d.Column(property)
	switch {
	case !ok:
		return fmt.Errorf("is no property of %s: %s/schema lists those there are", d.Dataset(), d.Dataset())
	case isMade(c):
		return nil
	case value == nil && (c.Name == "source" || c.Name == "id"):
		return nil // which the address says, or nobody
	case value == nil:
		delete(d.values, c.Name)
		return nil
	}
	v, err := valueOf(c, value)
	if err != nil {
		return err
	}
	if (c.Name == "source" || c.Name == "id") && d.text(c.Name) != "" && d.text(c.Name) != v {
		return fmt.Errorf("is %q by the address of the feature, and cannot become %q", d.text(c.Name), v)
	}
	if known := vocabulary(d.Dataset(), c.Name); known != nil && !slices.Contains(known, v.(string)) {
		return fmt.Errorf("want one of %s", strings.Join(known, ", "))
	}
	d.values[c.Name] = v
	return nil
}

// isMade reports whether the service makes the values of a column itself.
func isMade(c data.Column) bool {
	return c.Stamped || c.Name == "location" || c.Name == "updated_at"
}

// vocabulary returns the words that a column takes, nil for any.
func vocabulary(d data.Dataset, column string) []string {
	switch column {
	case "status":
		if d == data.Incidents {
			return []string{data.StatusOpen, data.StatusClosed, data.StatusSuspended, data.StatusVoid}
		}
	case "verdict":
		return []string{data.VerdictOnTime, data.VerdictLate}
	case "callback_valid", "contacted", "solved":
		return []string{data.AnswerYes, data.AnswerNo}
	case "satisfaction":
		return []string{data.Satisfied, data.BasicallySatisfied, data.Dissatisfied, data.SatisfactionNone}
	case "recheck":
		return []string{data.RecheckOK, data.RecheckNotOK, data.RecheckFalse}
	}
	return nil
}

// valueOf reads a value of JSON as one of a column.
func valueOf(c data.Column, value any) (any, error) {
	switch c.Type {
	case data.Text, data.Code:
		s, ok := value.(string)
		switch {
		case !ok:
			return nil, fmt.Errorf("want a text")
		case len(s) > maxText:
			return nil, fmt.Errorf("has %d bytes, at most %d", len(s), maxText)
		case strings.ContainsRune(s, 0):
			return nil, fmt.Errorf("holds the byte 0")
		case s == "" && c.Type == data.Code:
			return nil, fmt.Errorf("is empty: null says that there is no value")
		}
		return s, nil
	case data.Time:
		s, _ := value.(string)
		at, err := time.Parse(time.RFC3339, s)
		if err != nil || at.Year() < 1 || at.Year() > 9999 {
			return nil, fmt.Errorf("want a date and time such as 2026-03-01T08:30:00+08:00")
		}
		return at.UnixMicro(), nil
	case data.Int:
		if n, ok := value.(jsonNumber); ok {
			if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
				return i, nil
			}
		}
		return nil, fmt.Errorf("want a whole number")
	case data.Float:
		if n, ok := value.(jsonNumber); ok {
			if x, err := n.Float64(); err == nil && !math.IsInf(x, 0) {
				return x, nil
			}
		}
		return nil, fmt.Errorf("want a number")
	}
	panic("BUG: a property of type " + c.Type.String() + " is stamped")
}

// complete fills in what follows from the rest, and says what is missing.
func (d *draft) complete(now time.Time) error {
	var faults []api.Fault
	require := func(column string, otherwise any) {
		if _, has := d.values[column]; !has {
			d.values[column] = otherwise
		}
	}
	_, dated := d.values[data.EventTime(d.Dataset())]
	d.undated = !dated
	require(data.EventTime(d.Dataset()), now.UnixMicro())
	if d.Dataset() == data.Incidents {
		require("status", data.StatusOpen)
	}
	_, point := d.values["lon"]
	switch {
	case point:
		d.values["location"] = data.LocationPoint
	case d.text("community_given") != "":
		d.values["location"] = data.LocationArea
	case d.text("location") == data.LocationNone: // as it was before
	default:
		faults = append(faults, api.Fault{Parameter: "geometry", Detail: "say where it is: a point, or the property community_given"})
	}
	event, _ := d.values[data.EventTime(d.Dataset())].(int64)
	if closed, ok := d.values["closed_at"].(int64); ok && closed < event {
		faults = append(faults, api.Fault{Parameter: "closed_at", Detail: "is before " + data.EventTime(d.Dataset())})
	}
	if event < earliest().UnixMicro() {
		faults = append(faults, api.Fault{Parameter: data.EventTime(d.Dataset()), Detail: "lies before " + earliest().Format(time.DateOnly)})
	}
	if event > now.Add(time.Hour).UnixMicro() {
		faults = append(faults, api.Fault{Parameter: data.EventTime(d.Dataset()), Detail: "lies in the future"})
	}
	if len(faults) > 0 {
		return bodyError(faults...)
	}
	delete(d.values, data.Withdrawn)
	return nil
}

// earliest is before when nothing is taken to have happened that is recorded now: layers
// go from the first fact to the last.
func earliest() time.Time { return time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC) }

// bodyError is the problem of a feature that cannot be taken.
func bodyError(faults ...api.Fault) error {
	p := api.NewProblem("invalid-feature", "")
	p.Errors = faults
	return p
}
