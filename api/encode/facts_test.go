package encode_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/storetest"
	"github.com/civgrid/civgrid/geo"
)

// someFacts are an incident with a point and one that is known by its community.
func someFacts() (schema []data.Column, batches data.Batches) {
	schema = data.SchemaOf(data.Incidents, []geo.Resolution{9})
	rows := []storetest.Row{
		{
			"source": "hotline", "id": "7/8", "location": data.LocationPoint, "lon": 114.05, "lat": 22.5, "status": "open",
			"reported_at": int64(1_723_681_800_250_000), "reports": int64(3), "limit_amount": 2.0, "address": "1 Secret Street",
			"attributes": `{"name":"Zhang","floor":2}`, "cell_9": geo.Cell(0x8931aa50003ffff), "x_given": 1.0, "crs_given": "gcj02",
		},
		{"source": "hotline", "id": "9", "location": data.LocationArea, "community": "D1", "status": "open", "reported_at": int64(1_723_681_800_000_000)},
	}
	return schema, func(yield func(data.Batch, error) bool) {
		for _, r := range rows {
			if !yield(storetest.Batch(schema, r), nil) {
				return
			}
		}
	}
}

// TestFactsByHand compares the rows of two facts with what is written above.
func TestFactsByHand(t *testing.T) {
	schema, batches := someFacts()
	for _, personal := range []bool{false, true} {
		f := encode.FactsOf(data.Incidents, "Incidents", schema, personal)
		table, err := f.Table(batches, encode.View{})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := encode.WriteTable(&b, "geojson", table, encode.Options{}); err != nil {
			t.Fatal(err)
		}
		var c struct {
			Features []struct {
				ID         string
				Geometry   any
				Properties map[string]any
			}
		}
		if err := json.Unmarshal(b.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		got := c.Features[0].Properties
		for name, value := range got {
			if value == nil {
				delete(got, name)
			}
		}
		want := map[string]any{
			"source": "hotline", "incident_id": "7/8", "location": "point", "status": "open", "reported_at": "2024-08-15T00:30:00.25Z",
			"reports": 3.0, "limit_amount": 2.0, "cell_9": "8931aa50003ffff",
		}
		if personal {
			want["address"], want["attributes"] = "1 Secret Street", `{"name":"Zhang","floor":2}`
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("personal %v: %s", personal, diff)
		}
		place := map[string]any{"type": "Point", "coordinates": []any{114.05, 22.5}}
		if c.Features[0].ID != "hotline:7~2F8" || c.Features[1].ID != "hotline:9" || !cmp.Equal(c.Features[0].Geometry, any(place)) || c.Features[1].Geometry != nil {
			t.Errorf("ids and geometries are %+v", c.Features)
		}
	}
}

// TestFactsShowNothingPersonal writes facts in every format, whole and as a stream.
func TestFactsShowNothingPersonal(t *testing.T) {
	schema, batches := someFacts()
	f := encode.FactsOf(data.Incidents, "Incidents", schema, false)
	for _, name := range f.Needs(encode.View{}) {
		if c, err := data.Pick(schema, name); err != nil || c[0].Private {
			t.Errorf("%s is read", name)
		}
	}
	table, err := f.Table(batches, encode.View{})
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range encode.Formats() {
		var whole, streamed bytes.Buffer
		if err := encode.WriteTable(&whole, format.Name, table, encode.Options{}); err != nil {
			t.Fatal(err)
		}
		if !format.Whole {
			if err := encode.Stream(&streamed, format.Name, f.Head(), f.Tables(batches, encode.View{}), encode.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		for _, secret := range []string{"Secret", "Zhang", "address", "attributes", "gcj02"} {
			if strings.Contains(whole.String()+streamed.String(), secret) {
				t.Errorf("%s tells %s", format.Name, secret)
			}
		}
	}
}

// TestFactsOfAViewAreReadAsFarAsTheyAreShown asks for one property.
func TestFactsOfAViewAreReadAsFarAsTheyAreShown(t *testing.T) {
	schema, batches := someFacts()
	f := encode.FactsOf(data.Incidents, "Incidents", schema, false)
	view := encode.View{Columns: []string{"incident_id", "reports"}, Bare: true}
	if got, want := f.Needs(view), []string{"source", "id", "reported_at", "reports"}; !slices.Equal(got, want) {
		t.Errorf("reads %v, want %v", got, want)
	}
	var b bytes.Buffer
	if err := encode.Stream(&b, "csv", f.Head().Show(view), f.Tables(batches, view), encode.Options{}); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "incident_id,reports\r\n7/8,3\r\n9,\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestEventsInJSONFGHappenAtAnInstant is 21-045r1, clause 7: "time" has a timestamp.
func TestEventsInJSONFGHappenAtAnInstant(t *testing.T) {
	schema, batches := someFacts()
	f := encode.FactsOf(data.Incidents, "Incidents", schema, false)
	var b bytes.Buffer
	view := encode.View{Columns: []string{"status"}}
	if err := encode.Stream(&b, "jsonfg", f.Head().Show(view), f.Tables(batches, view), encode.Options{}); err != nil {
		t.Fatal(err)
	}
	want := []string{`{"timestamp":"2024-08-15T00:30:00.25Z"}`, `{"timestamp":"2024-08-15T00:30:00Z"}`}
	if got := times(t, readJSONFG(t, b.Bytes())); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
