package data

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

func TestAcceptRows(t *testing.T) {
	columns := []Column{{Name: "id", Type: Text, Required: true}, {Name: "kind", Type: Code}, {Name: "at", Type: Time, Required: true}}
	f := func(what string, columns, given []Column, rows []row, why string) {
		t.Helper()
		for _, b := range []Batch{build(given, rows), build(given, append(slices.Clone(rows[:1:1]), rows...)).Slice(1, len(rows)+1)} {
			got, err := AcceptRows(b, columns)
			wantError(t, what, err, why)
			if err == nil && !cmp.Equal(columns, got.Columns()) {
				t.Errorf("%s: columns %v, want %v", what, got.Columns(), columns)
			}
		}
	}
	good := row{"1", "a", int64(5)}
	f("whole rows", columns, columns, []row{good, {"2", nil, int64(6)}}, "")
	f("a missing required value", columns, columns, []row{good, {"2", nil, nil}}, "row 1: column at has no value")
	f("no id", columns, columns, []row{good, {nil, nil, int64(6)}}, "row 1: column id has no value")
	f("an empty id", columns, columns, []row{good, {"", nil, int64(6)}}, "row 1: id is empty")
	f("other order and one more", []Column{columns[2], columns[0]}, columns, []row{good}, "")
	f("a column too few", columns, columns[:2], []row{good[:2]}, "batch has no column at")
	given := slices.Clone(columns)
	given[1].Type = Text
	f("another type", columns, given, []row{good}, "column kind is of type text, want code")
	if got, err := AcceptRows(build(columns, nil), columns); err != nil || got.Len() != 0 {
		t.Errorf("no rows: %d rows, %v, want none and no error", got.Len(), err)
	}
	_, err := AcceptRows(Batch{}, columns)
	wantError(t, "the zero batch", err, "batch has no column id")
}

func TestAcceptRowsRefusesNumbersThatAreNotFinite(t *testing.T) {
	columns := []Column{{Name: "id", Type: Text, Required: true}, {Name: "x", Type: Float}}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, has := range []bool{true, false} {
			to := array.NewFloat64Builder(memory.DefaultAllocator)
			to.AppendValues([]float64{0, x}, []bool{true, has})
			ids := build(columns[:1], []row{{"1"}, {"2"}}).Record().Column(0)
			b, err := NewBatch(columns, array.NewRecord(ArrowSchema(columns), []arrow.Array{ids, to.NewArray()}, 2))
			if err != nil {
				t.Fatal(err)
			}
			why := ""
			if has {
				why = fmt.Sprintf("row 1: column x: %v is not a finite number", x)
			}
			_, err = AcceptRows(b, columns)
			wantError(t, fmt.Sprintf("%v, valid %v", x, has), err, why)
		}
	}
}

func TestAcceptCommunity(t *testing.T) {
	f := func(what string, change func(c *Community), why string) {
		t.Helper()
		c := someCommunity()
		change(&c)
		_, err := AcceptCommunity(c)
		wantError(t, what, err, why)
	}
	corner := func(x, y float64) func(c *Community) {
		return func(c *Community) { c.Outline = orb.MultiPolygon{{{{0, 0}, {x, y}}}} }
	}
	f("as it is", func(*Community) {}, "")
	f("no code", func(c *Community) { c.Code = "" }, "community without a code")
	f("no level", func(c *Community) { c.Level = "" }, `community c1: level "" is unknown`)
	f("no outline", func(c *Community) { c.Outline = nil }, "")
	f("no rings", func(c *Community) { c.Outline = orb.MultiPolygon{{}} }, "community c1: outline has a polygon without rings")
	f("an empty ring", func(c *Community) { c.Outline = append(c.Outline, orb.Polygon{{{1, 1}}, {}}) }, "outline has an empty ring")
	f("NaN", corner(0, math.NaN()), "outline has a corner at 0, NaN")
	f("infinity", corner(math.Inf(-1), 0), "outline has a corner at -Inf, 0")
	f("the largest numbers", corner(math.MaxFloat64, -math.MaxFloat64), "")
	f("an end before the beginning", func(c *Community) { c.ValidTo = c.ValidFrom.Add(-time.Microsecond) }, "community c1: valid until")
	f("an end at the beginning", func(c *Community) { c.ValidTo = c.ValidFrom }, "")
	f("no beginning", func(c *Community) { c.ValidFrom = time.Time{} }, "")
	f("no end", func(c *Community) { c.ValidTo = time.Time{} }, "")
}

func TestAcceptedCommunitiesHaveOneForm(t *testing.T) {
	zone := time.FixedZone("", 3600)
	got, err := AcceptCommunity(Community{
		Code: "c", Level: Street, Names: Names{}, Outline: orb.MultiPolygon{}, Population: 5,
		ValidFrom: time.Unix(1, 1999).In(zone), ValidTo: time.Time{}.In(zone),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Community{Code: "c", Level: Street, ValidFrom: time.Unix(1, 1000).UTC()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !got.ValidTo.IsZero() {
		t.Errorf("no end becomes %v", got.ValidTo)
	}
	again, err := AcceptCommunity(got)
	if diff := cmp.Diff(got, again); diff != "" || err != nil {
		t.Errorf("accepted twice: %v (-once +twice):\n%s", err, diff)
	}
}

func TestAcceptSettings(t *testing.T) {
	f := func(s Settings, why string, want ...geo.Resolution) {
		t.Helper()
		got, err := AcceptSettings(s)
		wantError(t, fmt.Sprintf("%+v", s), err, why)
		if err == nil && !slices.Equal(got.Resolutions, want) {
			t.Errorf("%+v: resolutions %v, want %v", s, got.Resolutions, want)
		}
	}
	f(Settings{}, "", 7, 8, 9, 10, 11)
	f(Settings{Resolutions: []geo.Resolution{0, 15}, Zone: "Asia/Shanghai"}, "", 0, 15)
	f(Settings{Zone: "UTC"}, "", DefaultResolutions()...)
	f(Settings{Resolutions: []geo.Resolution{9, 8}}, "want ascending numbers from 0 to 15")
	f(Settings{Resolutions: []geo.Resolution{9, 9}}, "want ascending numbers from 0 to 15")
	f(Settings{Resolutions: []geo.Resolution{-1}}, "want ascending numbers from 0 to 15")
	f(Settings{Resolutions: []geo.Resolution{16}}, "want ascending numbers from 0 to 15")
	f(Settings{Zone: "Asia/Nowhere"}, "settings: unknown time zone Asia/Nowhere")
	f(Settings{Zone: "../etc"}, "settings: ")
	f(Settings{Zone: "Local"}, "settings: time zone Local is none of IANA's")

	given := []geo.Resolution{8, 9}
	accepted, err := AcceptSettings(Settings{Resolutions: given})
	if given[0] = 1; err != nil || accepted.Resolutions[0] != 8 {
		t.Errorf("accepted resolutions change with those given: %v, %v", accepted.Resolutions, err)
	}
}

func TestNoZoneIsUTC(t *testing.T) {
	if zone, err := (Settings{}).Location(); zone != time.UTC || err != nil {
		t.Errorf("Location() = %v, %v, want UTC", zone, err)
	}
}
