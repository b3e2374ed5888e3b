package data

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/civgrid/civgrid/geo"
)

// A Dataset names one kind of fact.
type Dataset string

// The datasets.
const (
	Incidents   Dataset = "incidents"
	Resources   Dataset = "resources"
	Inspections Dataset = "inspections"
)

// Datasets returns all datasets in reading order.
func Datasets() []Dataset { return []Dataset{Incidents, Resources, Inspections} }

// ParseDataset reads a dataset by its name.
func ParseDataset(s string) (Dataset, error) {
	for _, d := range Datasets() {
		if string(d) == s {
			return d, nil
		}
	}
	return "", fmt.Errorf("dataset %q: want one of incidents, resources, inspections", s)
}

// A Type is the type of a column.
type Type uint8

// The types and the memory a [Batch] hands out for each.
const (
	Text  Type = iota // any string: Batch.Texts
	Code              // a word of a small vocabulary, dictionary-encoded: Batch.Codes
	Time              // Unix microseconds UTC: Batch.Ints
	Int               // 64-bit integer: Batch.Ints
	Float             // 64-bit float, finite: Batch.Floats
	Cell              // an H3 cell: Batch.Cells
)

// String returns the type's name.
func (t Type) String() string {
	return [...]string{"text", "code", "time", "int", "float", "cell"}[t]
}

func (t Type) arrow() arrow.DataType {
	switch t {
	case Text:
		return arrow.BinaryTypes.String
	case Code:
		return &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	case Time:
		return arrow.FixedWidthTypes.Timestamp_us
	case Int:
		return arrow.PrimitiveTypes.Int64
	case Float:
		return arrow.PrimitiveTypes.Float64
	case Cell:
		return arrow.PrimitiveTypes.Uint64
	}
	panic(fmt.Sprintf("BUG: type %d has no Arrow type", t))
}

// A Column describes one column of a dataset.
type Column struct {
	Name string
	Type Type
	Unit string // "deg", "µs since 1970 UTC", "persons"; "" for none
	Doc  string // one sentence
	// Required columns have a value in every row.
	Required bool
	// Stamped columns are computed on the way in from place and time; they are
	// no part of what the source said.
	Stamped bool
	// Private columns never reach a public layer, nor a condition of one: they may
	// hold personal data, or are the store's own, as [Withdrawn].
	Private bool
	// Later columns were not in the first format of stores: a row without a value
	// in them is the row it was before, see [Digests].
	Later bool
}

const microseconds = "µs since 1970 UTC"

// identity is how every fact begins.
func identity() []Column {
	return []Column{
		{Name: "source", Type: Code, Required: true, Doc: "The system the fact came from."},
		{Name: "id", Type: Text, Required: true, Doc: "The fact's id within its source."},
		{Name: "updated_at", Type: Time, Unit: microseconds, Doc: "When the source last changed the record; a later version replaces an earlier one."},
		{Name: Withdrawn, Type: Code, Private: true, Later: true, Doc: "yes where the source took the fact back; no answer holds such a fact."},
	}
}

// place is how every fact says where it happened.
func place(resolutions []geo.Resolution) []Column {
	columns := []Column{
		{Name: "location", Type: Code, Required: true, Doc: "How the place is known: point, area or none."},
		{Name: "lon", Type: Float, Unit: "deg", Doc: "Longitude, WGS 84."},
		{Name: "lat", Type: Float, Unit: "deg", Doc: "Latitude, WGS 84."},
		{Name: "crs_given", Type: Code, Doc: "The coordinate system the source used, where it is not WGS 84."},
		{Name: "x_given", Type: Float, Doc: "First coordinate as the source gave it, where it is not WGS 84."},
		{Name: "y_given", Type: Float, Doc: "Second coordinate as the source gave it, where it is not WGS 84."},
		{Name: "address", Type: Text, Private: true, Doc: "Address as the source gave it."},
		{Name: "community_given", Type: Code, Doc: "The community the source names."},
		{Name: "community", Type: Code, Stamped: true, Doc: "Code of the finest community that holds the place; missing outside every boundary."},
	}
	for _, r := range resolutions {
		columns = append(columns, Column{
			Name: CellColumn(r), Type: Cell, Stamped: true,
			Doc: fmt.Sprintf("The H3 cell of resolution %d that holds the point.", r),
		})
	}
	return columns
}

// CellColumn returns the name of the column that holds the cells of resolution
// r, such as "cell_9".
func CellColumn(r geo.Resolution) string { return fmt.Sprintf("cell_%d", int(r)) }

// DefaultResolutions returns the H3 resolutions that facts are indexed at when
// nothing else is said: 7 to 11, cells of about 5 km² down to 0.002 km².
func DefaultResolutions() []geo.Resolution { return []geo.Resolution{7, 8, 9, 10, 11} }

// SchemaOf returns the columns of a dataset whose facts are indexed at the
// given resolutions. The slice is the caller's.
func SchemaOf(d Dataset, resolutions []geo.Resolution) []Column {
	columns := identity()
	switch d {
	case Incidents:
		columns = append(columns, incidentColumns()...)
	case Resources:
		columns = append(columns, resourceColumns()...)
	case Inspections:
		columns = append(columns, inspectionColumns()...)
	default:
		panic("BUG: no schema for dataset " + string(d))
	}
	columns = append(columns, place(resolutions)...)
	return append(columns, Column{Name: "attributes", Type: Text, Private: true, Doc: "Further columns kept by request, as a JSON object."})
}

func incidentColumns() []Column {
	columns := []Column{
		{Name: "kind", Type: Code, Doc: "What sort of case: event, component, complaint, request, report, consultation, emergency."},
		{Name: "category", Type: Code, Doc: "What it is about, as the source classes it."},
		{Name: "subcategory", Type: Code, Doc: "The finer class."},
		{Name: "channel", Type: Code, Doc: "How it was reported: patrol, hotline, app, video …"},
		{Name: "responsible", Type: Code, Doc: "The unit that has to deal with it."},
		{Name: "status", Type: Code, Required: true, Doc: "open, closed, suspended or void."},
		{Name: "outcome", Type: Code, Doc: "How it ended, as the source says."},
		{Name: "duplicate_of", Type: Text, Doc: "Id of the case that this one repeats."},
		{Name: "reported_at", Type: Time, Unit: microseconds, Required: true, Doc: "When it was reported."},
		{Name: "responded_at", Type: Time, Unit: microseconds, Doc: "When somebody first responded."},
		{Name: "closed_at", Type: Time, Unit: microseconds, Doc: "When it was closed; missing while open."},
		{Name: "due_at", Type: Time, Unit: microseconds, Doc: "When it had to be closed; missing where no limit applies."},
		{Name: "verdict", Type: Code, Doc: "The source's own verdict: on_time or late; missing where it gives none."},
	}
	return append(append(columns, courseColumns()...), callbackColumns()...)
}

// courseColumns are the course of a case in detail.
func courseColumns() []Column {
	return later([]Column{
		{Name: "severity", Type: Code, Doc: "How grave it is, as the source grades it."},
		{Name: "duty_grid", Type: Code, Doc: "The duty grid: who answers for it by grid, wherever it lies."},
		{Name: "accepted_at", Type: Time, Unit: microseconds, Doc: "When it was accepted."},
		{Name: "registered_at", Type: Time, Unit: microseconds, Doc: "When it was registered as a case."},
		{Name: "dispatched_at", Type: Time, Unit: microseconds, Doc: "When it was handed to the unit that has to deal with it."},
		{Name: "disposed_at", Type: Time, Unit: microseconds, Doc: "When the unit had dealt with it."},
		{Name: "checked_at", Type: Time, Unit: microseconds, Doc: "When it was checked on the spot that it was dealt with."},
		{Name: "extended_due_at", Type: Time, Unit: microseconds, Doc: "The deadline after an extension was granted; due_at stays the first one."},
		{Name: "limit_amount", Type: Float, Doc: "How long it may take, in limit_unit."},
		{Name: "limit_unit", Type: Code, Doc: "urgent_hour, work_hour, work_day, natural_day, day, hour, minute or second, or as the source says."},
		{Name: "pauses", Type: Text, Doc: "When the clock stood still: intervals as ParsePauses reads them."},
		{Name: "reworks", Type: Int, Doc: "How often it was sent back to be done again."},
		{Name: "reports", Type: Int, Doc: "How often it was reported."},
	})
}

// callbackColumns are what somebody said who was asked after the case was dealt
// with.
func callbackColumns() []Column {
	return later([]Column{
		{Name: "callback_valid", Type: Code, Doc: "Whether who reported it could be asked: yes or no."},
		{Name: "contacted", Type: Code, Doc: "Whether the unit had been in touch: yes or no."},
		{Name: "solved", Type: Code, Doc: "Whether it is solved in the eyes of who reported it: yes or no."},
		{Name: "satisfaction", Type: Code, Doc: "satisfied, basic, dissatisfied, or none where nothing was said."},
	})
}

// later marks columns that were not in the first format.
func later(columns []Column) []Column {
	for i := range columns {
		columns[i].Later = true
	}
	return columns
}

func resourceColumns() []Column {
	columns := []Column{
		{Name: "kind", Type: Code, Doc: "station, team, vehicle, facility, camera …"},
		{Name: "name", Type: Text, Doc: "Its name."},
		{Name: "status", Type: Code, Doc: "active, damaged, missing or retired."},
		{Name: "owner", Type: Code, Doc: "The unit that owns it."},
		{Name: "capacity", Type: Float, Doc: "How much it can serve, in the source's unit."},
		{Name: "valid_from", Type: Time, Unit: microseconds, Doc: "Since when it exists."},
		{Name: "valid_to", Type: Time, Unit: microseconds, Doc: "When it ceased to exist."},
	}
	return append(columns, later([]Column{
		{Name: "service_radius", Type: Float, Unit: "m", Doc: "How far it serves."},
	})...)
}

func inspectionColumns() []Column {
	columns := []Column{
		{Name: "campaign", Type: Code, Doc: "The round of inspections it belongs to."},
		{Name: "channel", Type: Code, Doc: "field, document, survey, patrol, self or third_party."},
		{Name: "point", Type: Text, Doc: "Id of the inspected point."},
		{Name: "point_type", Type: Code, Doc: "Kind of point: market, residential area, street …"},
		{Name: "item", Type: Code, Doc: "What was inspected."},
		{Name: "result", Type: Code, Doc: "pass, fail or na, or as the source says."},
		{Name: "score", Type: Float, Doc: "Points given."},
		{Name: "max_score", Type: Float, Doc: "Points that could be given."},
		{Name: "found", Type: Int, Doc: "Number of problems found."},
		{Name: "responsible", Type: Code, Doc: "The unit that answers for the point."},
		{Name: "inspected_at", Type: Time, Unit: microseconds, Required: true, Doc: "When it was inspected."},
		{Name: "rectify_due_at", Type: Time, Unit: microseconds, Doc: "When problems had to be put right."},
		{Name: "rectified_at", Type: Time, Unit: microseconds, Doc: "When they were put right."},
	}
	return append(columns, later([]Column{
		{Name: "standard", Type: Code, Doc: "The standard it was held against."},
		{Name: "severity", Type: Code, Doc: "How grave the problems are, as the source grades them."},
		{Name: "deduction", Type: Float, Doc: "Points taken off."},
		{Name: "rechecked_at", Type: Time, Unit: microseconds, Doc: "When it was looked at again."},
		{Name: "recheck", Type: Code, Doc: "What was found then: ok, not_ok or false_rectification."},
		{Name: "incident", Type: Text, Doc: "Id of the case that it came from, or that came from it."},
	})...)
}

// EventTime returns the column that says when a fact of the dataset happened,
// or "" for resources, which last.
func EventTime(d Dataset) string {
	switch d {
	case Incidents:
		return "reported_at"
	case Inspections:
		return "inspected_at"
	}
	return ""
}

// Pick returns the named columns in the order of names.
func Pick(columns []Column, names ...string) ([]Column, error) {
	picked := make([]Column, 0, len(names))
	for _, name := range names {
		i := indexOf(columns, name)
		if i < 0 {
			return nil, fmt.Errorf("column %q: %w; there are %s", name, ErrNotFound, columnNames(columns))
		}
		picked = append(picked, columns[i])
	}
	return picked, nil
}

func indexOf(columns []Column, name string) int {
	for i := range columns {
		if columns[i].Name == name {
			return i
		}
	}
	return -1
}

func columnNames(columns []Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}
