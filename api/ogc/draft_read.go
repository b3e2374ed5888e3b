package ogc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api"
)

// jsonNumber is a number as it is written.
type jsonNumber = json.Number

// A sentFeature is a GeoJSON feature (RFC 7946) as a client sends it. A member that is
// not there is nil; one that is null is the text null.
type sentFeature struct {
	Type       string                     `json:"type"`
	ID         any                        `json:"id"`
	Geometry   json.RawMessage            `json:"geometry"`
	Properties map[string]json.RawMessage `json:"properties"`
	members    map[string]json.RawMessage
}

// receive reads the feature in the body of a request.
func receive(c *gin.Context) (*sentFeature, error) {
	text, _, err := body(c)
	if err != nil {
		return nil, err
	}
	sent, err := readFeature(text)
	if err != nil {
		return nil, err
	}
	if sent.Type != "Feature" {
		return nil, bodyError(api.Fault{Parameter: "type", Detail: `want "Feature"`})
	}
	return sent, nil
}

// readFeature reads a feature from its text.
func readFeature(body []byte) (*sentFeature, error) {
	sent := &sentFeature{}
	decoder := json.NewDecoder(bytes.NewReader(body))
	err := decoder.Decode(sent)
	if err == nil && decoder.More() {
		err = errors.New("there is more behind the feature")
	}
	if err == nil {
		err = json.Unmarshal(body, &sent.members)
	}
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return nil, bodyError(api.Fault{Parameter: kind.Field, Detail: "is a JSON " + kind.Value + ", which it must not be"})
	case errors.As(err, &kind):
		return nil, bodyError(api.Fault{Parameter: "body", Detail: "is a JSON " + kind.Value + ", want a GeoJSON feature: an object"})
	case err != nil:
		return nil, bodyError(api.Fault{Parameter: "body", Detail: "is no GeoJSON feature: " + err.Error()})
	}
	return sent, nil
}

// readJSON reads one value of JSON, numbers as they are written.
func readJSON(text []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("there is more behind it")
	}
	return value, nil
}

// misplaced returns a fault for each property that stands beside "properties".
func misplaced[V any](d *draft, members map[string]V) (faults []api.Fault) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if _, ok := d.Column(name); ok {
			faults = append(faults, api.Fault{Parameter: name, Detail: `belongs into "properties"`})
		}
	}
	return faults
}

// take changes a draft to what was sent, in the coordinate system of the request.
func (d *draft) take(sent *sentFeature, in system) error {
	faults := misplaced(d, sent.members)
	for _, name := range slices.Sorted(maps.Keys(sent.Properties)) {
		value, err := readJSON(sent.Properties[name])
		if err == nil {
			err = d.set(name, value)
		}
		if err != nil {
			faults = append(faults, api.Fault{Parameter: name, Detail: err.Error()})
		}
	}
	if sent.Geometry != nil {
		if err := d.place(sent.Geometry, in); err != nil {
			faults = append(faults, api.Fault{Parameter: "geometry", Detail: err.Error()})
		}
	}
	if len(faults) > 0 {
		return bodyError(faults...)
	}
	return nil
}

// place sets where the fact is; null is nowhere.
func (d *draft) place(geometry json.RawMessage, in system) error {
	for _, column := range []string{"lon", "lat", "crs_given", "x_given", "y_given"} {
		delete(d.values, column)
	}
	if string(geometry) == "null" {
		return nil
	}
	var point struct {
		Type        string     `json:"type"`
		Coordinates []*float64 `json:"coordinates"`
	}
	err := json.Unmarshal(geometry, &point)
	if err != nil || point.Type != "Point" || len(point.Coordinates) < 2 || len(point.Coordinates) > 3 || slices.Contains(point.Coordinates, nil) {
		return errors.New(`want a point, {"type":"Point","coordinates":[…,…]}, or null`)
	}
	x, y := *point.Coordinates[0], *point.Coordinates[1]
	p, err := in.back(orb.Point{x, y})
	if err != nil || !(p[0] >= -180 && p[0] <= 180 && p[1] >= -90 && p[1] <= 90) {
		return fmt.Errorf("%v, %v is no place in %s", x, y, in.uri)
	}
	d.values["lon"], d.values["lat"] = p[0], p[1]
	return nil
}
