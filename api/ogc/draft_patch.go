package ogc

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
)

// A sentPatch is a change to a feature as a client sends it: a JSON merge patch, or a
// whole feature, which is taken for one.
type sentPatch struct {
	value any // as JSON has it
	in    system
}

// receivePatch reads the change in the body of a request.
func receivePatch(c *gin.Context) (*sentPatch, error) {
	in, err := sentSystem(c)
	if err != nil {
		return nil, err
	}
	text, media, err := body(c)
	if err != nil {
		return nil, err
	}
	value, err := readJSON(text)
	if err != nil {
		return nil, bodyError(api.Fault{Parameter: "body", Detail: "is no JSON: " + err.Error()})
	}
	if members, _ := value.(map[string]any); media != mergePatch && members["type"] != "Feature" {
		return nil, bodyError(api.Fault{Parameter: "type", Detail: `want "Feature"`})
	}
	return &sentPatch{value, in}, nil
}

// merged returns what a JSON merge patch makes of a value (RFC 7396, section 2). Neither
// is changed; the result shares what it has of them.
func merged(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	result := map[string]any{}
	if old, ok := target.(map[string]any); ok {
		maps.Copy(result, old)
	}
	for name, value := range changes {
		if value == nil {
			delete(result, name)
		} else {
			result[name] = merged(result[name], value)
		}
	}
	return result
}

// merge changes a draft to what a patch makes of its feature, as that is in the
// coordinate system of the patch, and reports whether that is the same. What the patch
// changes has to be as in a feature that is new; all else stays as it is kept.
func (d *draft) merge(patch *sentPatch) (same bool, err error) {
	if err := d.changeable(patch.value); err != nil {
		return false, err
	}
	before, err := d.feature(patch.in)
	if err != nil {
		return false, err
	}
	after, ok := merged(before, patch.value).(map[string]any)
	if !ok {
		return false, bodyError(api.Fault{Parameter: "body", Detail: "makes no feature of it: want a GeoJSON feature: an object"})
	}
	if after["type"] != "Feature" {
		return false, bodyError(api.Fault{Parameter: "type", Detail: `want "Feature"`})
	}
	properties, ok := after["properties"].(map[string]any)
	if _, has := after["properties"]; has && !ok {
		return false, bodyError(api.Fault{Parameter: "properties", Detail: "want an object"})
	}
	faults, same := d.setChanged(before["properties"].(map[string]any), properties)
	if !reflect.DeepEqual(before["geometry"], after["geometry"]) {
		same = false
		if err := d.placeValue(after["geometry"], patch.in); err != nil {
			faults = append(faults, api.Fault{Parameter: "geometry", Detail: err.Error()})
		}
	}
	if len(faults) > 0 {
		return false, bodyError(faults...)
	}
	return same, nil
}

// setChanged sets the properties that are others than before, and reports whether none is.
func (d *draft) setChanged(before, after map[string]any) (faults []api.Fault, same bool) {
	all := maps.Clone(before)
	maps.Copy(all, after)
	same = true
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if reflect.DeepEqual(before[name], after[name]) {
			continue
		}
		if c, ok := d.Column(name); !ok || !isMade(c) { // what is made is passed over
			same = false
		}
		if err := d.set(name, after[name]); err != nil {
			faults = append(faults, api.Fault{Parameter: name, Detail: err.Error()})
		}
	}
	return faults, same
}

// placeValue sets where the fact is, as JSON has it; nil is nowhere.
func (d *draft) placeValue(geometry any, in system) error {
	text, err := json.Marshal(geometry)
	if err != nil {
		return err
	}
	return d.place(text, in)
}

// feature returns the draft as JSON has its feature in a coordinate system, as clients
// read it, with the properties that can be set.
func (d *draft) feature(in system) (map[string]any, error) {
	properties := map[string]any{}
	for _, p := range d.Properties() {
		c, _ := d.Column(p.Name)
		if v, has := d.values[c.Name]; has && !isMade(c) {
			properties[p.Name] = jsonOf(c, v)
		}
	}
	f := map[string]any{"type": "Feature", "properties": properties}
	if lon, has := d.values["lon"].(float64); has {
		p, err := in.turn(orb.Point{lon, d.values["lat"].(float64)})
		if err != nil {
			return nil, bodyError(api.Fault{Parameter: "geometry", Detail: fmt.Sprintf("is no place in %s as it is", in.uri)})
		}
		f["geometry"] = map[string]any{"type": "Point", "coordinates": []any{numberOf(encode.Coordinate(p[0])), numberOf(encode.Coordinate(p[1]))}}
	}
	return f, nil
}

// jsonOf returns a value of a column as JSON has it.
func jsonOf(c data.Column, v any) any {
	switch v := v.(type) {
	case int64:
		if c.Type == data.Time {
			return time.UnixMicro(v).UTC().Format(time.RFC3339Nano)
		}
		return jsonNumber(strconv.FormatInt(v, 10))
	case float64:
		return numberOf(v)
	}
	return v
}

func numberOf(x float64) jsonNumber { return jsonNumber(strconv.FormatFloat(x, 'g', -1, 64)) }

// changeable tests that a patch names only what a feature has and clients can set. A
// whole feature is sent as it was read, with all that the service made of it.
func (d *draft) changeable(patch any) error {
	members, ok := patch.(map[string]any)
	if _, whole := members["type"]; !ok || whole {
		return nil
	}
	faults := misplaced(d, members)
	if len(faults) == 0 {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if !slices.Contains([]string{"geometry", "id", "properties"}, name) {
				faults = append(faults, api.Fault{Parameter: name, Detail: `is no member that can be changed: want "properties" or "geometry"`})
			}
		}
	}
	properties, _ := members["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if c, ok := d.Column(name); ok && isMade(c) {
			faults = append(faults, api.Fault{Parameter: name, Detail: "is worked out by the service from place and time, and cannot be set"})
		}
	}
	if len(faults) > 0 {
		return bodyError(faults...)
	}
	return nil
}
