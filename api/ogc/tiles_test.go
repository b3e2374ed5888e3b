package ogc_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
)

// decode reads a tile with another program's reader, and turns it to longitude and
// latitude.
func decode(t *testing.T, a answer, at maptile.Tile) mvt.Layers {
	t.Helper()
	if a.status != 200 || a.header.Get("Content-Type") != "application/vnd.mapbox-vector-tile" {
		t.Fatalf("tile %v: %d %s %s", at, a.status, a.header.Get("Content-Type"), a.body)
	}
	layers, err := mvt.Unmarshal([]byte(a.body))
	if err != nil {
		t.Fatal(err)
	}
	layers.ProjectToWGS84(at)
	return layers
}

func tileURL(base, path string, at maptile.Tile) string {
	return fmt.Sprintf("%s%s/tiles/WebMercatorQuad/%d/%d/%d", base, path, at.Z, at.Y, at.X)
}

// middle is a tile in the middle of the fake layer: 13383 and 7138 by the formula of the
// tile matrix set.
var middle = maptile.At(orb.Point{114.06, 22.54}, 14)

// TestTilesHoldWhatTheyCover compares the features of each tile of a zoom with those
// of the box that the tile is, and their attributes with the properties.
func TestTilesHoldWhatTheyCover(t *testing.T) {
	server, _ := serve(t)
	all := features(t, server.URL+"/collections/waiting/items?limit=1000")
	properties := map[string]map[string]any{}
	for _, f := range all.Features {
		properties[f.Properties["cell"].(string)] = f.Properties
	}
	seen := map[string]bool{}
	for x := middle.X - 3; x <= middle.X+3; x++ {
		for y := middle.Y - 3; y <= middle.Y+3; y++ {
			at := maptile.New(x, y, middle.Z)
			a := get(t, "GET", tileURL(server.URL, "/collections/waiting", at))
			bound := at.Bound()
			inside := items(t, fmt.Sprintf("%s/collections/waiting/items?limit=1000&bbox=%.9f,%.9f,%.9f,%.9f", server.URL, bound.Min[0], bound.Min[1], bound.Max[0], bound.Max[1]))
			if a.status == 204 {
				if inside.NumberMatched > 0 {
					t.Errorf("tile %v is empty, its box holds %d features", at, inside.NumberMatched)
				}
				continue
			}
			layer := decode(t, a, at)[0]
			here := map[string]bool{}
			for _, f := range layer.Features {
				cell, _ := f.Properties["cell"].(string)
				here[cell], seen[cell] = true, true
				want := properties[cell]
				if f.Properties["n"] != want["n"] || f.Properties["share"] != want["share"] || (f.Properties["sometimes"] != nil) != (want["sometimes"] != nil) {
					t.Errorf("tile %v, %s: %v, want %v", at, cell, f.Properties, want)
				}
			}
			for _, f := range inside.Features {
				if !here[f.ID] {
					t.Errorf("tile %v lacks %s", at, f.ID)
				}
			}
		}
	}
	if len(seen) != len(all.Features) {
		t.Errorf("%d cells on all tiles, want %d", len(seen), len(all.Features))
	}
}

// TestTilesOfTheDataset have a layer each for communities and an analysis, or those that
// are chosen (20-057, requirements /req/dataset-tilesets and
// /req/collections-selection).
func TestTilesOfTheDataset(t *testing.T) {
	server, _ := serve(t)
	names := func(query string) (names []string) {
		for _, layer := range decode(t, get(t, "GET", tileURL(server.URL, "", middle)+query), middle) {
			names = append(names, layer.Name)
		}
		slices.Sort(names)
		return names
	}
	if got := names(""); !slices.Equal(got, []string{"communities", "waiting"}) {
		t.Errorf("layers %v, want communities and waiting", got)
	}
	if got := names("?collections=communities-district"); !slices.Equal(got, []string{"communities-district"}) {
		t.Errorf("layers %v, want communities-district", got)
	}
}

// TestTilesThereAreNot: outside the matrices, of no collection, of parameters that there
// are not (requirement /req/core/tc-error).
func TestTilesThereAreNot(t *testing.T) {
	server, _ := serve(t)
	for path, want := range map[string]int{
		"/collections/waiting/tiles/WebMercatorQuad/14/7138/13383":          200,
		"/collections/waiting/tiles/WebMercatorQuad/14/7138/13383?f=mvt":    200,
		"/collections/waiting/tiles/WebMercatorQuad/14/0/0":                 204,
		"/collections/waiting/tiles/WebMercatorQuad/0/1/0":                  404,
		"/collections/waiting/tiles/WebMercatorQuad/1/0/2":                  404,
		"/collections/waiting/tiles/WebMercatorQuad/99/0/0":                 404,
		"/collections/waiting/tiles/WebMercatorQuad/x/0/0":                  404,
		"/collections/waiting/tiles/WebMercatorQuad/0/-1/0":                 404,
		"/collections/nothing/tiles/WebMercatorQuad/0/0/0":                  404,
		"/collections/waiting/tiles/WebMercatorQuad/14/7138/13383?colour=1": 400,
		"/collections/waiting/tiles/WebMercatorQuad/14/7138/13383?f=png":    400,
		"/collections/waiting/tiles/WebMercatorQuad/14/7138/13383?min-n=x":  400,
		"/tiles/WebMercatorQuad/14/7138/13383?collections=nothing":          400,
		"/tiles/WebMercatorQuad/14/7138/13383?collections=near,waiting":     400,
	} {
		if a := get(t, "GET", server.URL+path); a.status != want {
			t.Errorf("GET %s: %d %s, want %d", path, a.status, a.body, want)
		}
		if a := get(t, "HEAD", server.URL+path); a.status != want || a.body != "" {
			t.Errorf("HEAD %s: %d %q, want %d", path, a.status, a.body, want)
		}
	}
	if a := get(t, "GET", server.URL+"/collections/waiting/tiles/WebMercatorQuad/14/7138/13383", "Accept", "image/png"); a.status != 406 {
		t.Errorf("a picture is answered by %d", a.status)
	}
}

func TestTilesHaveEntityTags(t *testing.T) {
	server, engine := serve(t)
	path := server.URL + "/collections/waiting/tiles/WebMercatorQuad/14/7138/13383"
	tag := get(t, "GET", path).header.Get("ETag")
	runs := engine.runs.Load()
	if a := get(t, "GET", path, "If-None-Match", tag); a.status != 304 || engine.runs.Load() != runs {
		t.Errorf("%d with the tag, %d computations; want 304 and none", a.status, engine.runs.Load()-runs)
	}
	engine.version = "v2"
	if a := get(t, "GET", path, "If-None-Match", tag); a.status != 200 || a.header.Get("ETag") == tag {
		t.Errorf("%d after the data changed, tag %s", a.status, a.header.Get("ETag"))
	}
}

// TestTilesAreDescribed follows the links from the landing page to a tile, by the
// metadata and by TileJSON.
func TestTilesAreDescribed(t *testing.T) {
	server, _ := serve(t)
	read := func(at string, into any) {
		t.Helper()
		a := get(t, "GET", at)
		if err := json.Unmarshal([]byte(a.body), into); err != nil || a.status != 200 {
			t.Fatalf("GET %s: %d %v %s", at, a.status, err, a.body)
		}
	}
	type links struct {
		Links []struct{ Href, Rel, Type string }
	}
	find := func(l links, rel string) string {
		t.Helper()
		for _, link := range l.Links {
			if strings.HasSuffix(link.Rel, rel) {
				return link.Href
			}
		}
		t.Fatalf("there is no link %s in %v", rel, l)
		return ""
	}
	var landing links
	read(server.URL+"/", &landing)
	var list struct {
		Tilesets []struct {
			links
			DataType, CRS, TileMatrixSetURI string
		}
	}
	read(find(landing, "tilesets-vector"), &list)
	set := list.Tilesets[0]
	if set.DataType != "vector" || set.TileMatrixSetURI != "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad" {
		t.Errorf("tileset %+v", set)
	}
	template := find(set.links, "item")
	at := strings.NewReplacer("{tileMatrix}", "14", "{tileRow}", "7138", "{tileCol}", "13383").Replace(template)
	decode(t, get(t, "GET", at), middle)
	var described struct {
		TileMatrixSetLimits []struct{ TileMatrix string }
		Layers              []struct{ ID string }
	}
	read(find(set.links, "self"), &described)
	if len(described.Layers) != 2 || len(described.TileMatrixSetLimits) == 0 {
		t.Errorf("description %+v", described)
	}
	var tileJSON struct {
		TileJSON     string
		Tiles        []string
		MinZoom      int
		MaxZoom      int
		Bounds       []float64
		VectorLayers []struct {
			ID     string
			Fields map[string]string
		} `json:"vector_layers"`
	}
	read(server.URL+"/collections/waiting/tiles/WebMercatorQuad/tilejson.json?min-n=5", &tileJSON)
	if tileJSON.TileJSON != "3.0.0" || len(tileJSON.Bounds) != 4 || tileJSON.VectorLayers[0].ID != "waiting" || tileJSON.VectorLayers[0].Fields["share"] == "" {
		t.Errorf("TileJSON %+v", tileJSON)
	}
	at = strings.NewReplacer("{z}", "14", "{y}", "7138", "{x}", "13383").Replace(tileJSON.Tiles[0])
	if parsed, err := url.Parse(at); err != nil || parsed.Query().Get("min-n") != "5" || !parsed.IsAbs() {
		t.Errorf("tiles are at %s (%v)", at, err)
	}
	decode(t, get(t, "GET", at), middle)
	var matrixSet struct {
		ID           string
		TileMatrices []struct {
			ID               string
			ScaleDenominator float64
			MatrixWidth      int
		}
	}
	read(server.URL+"/tileMatrixSets/WebMercatorQuad", &matrixSet)
	if m := matrixSet.TileMatrices[0]; m.ScaleDenominator < 559082264.028 || m.ScaleDenominator > 559082264.029 || m.MatrixWidth != 1 { // 17-083r4, table D.1
		t.Errorf("matrix 0 is %+v", m)
	}
}

// TestStylesFitTheirTiles: a style for MapLibre names a source and a layer that there
// are, one for QGIS is well-formed.
func TestStylesFitTheirTiles(t *testing.T) {
	server, _ := serve(t)
	a := get(t, "GET", server.URL+"/styles/waiting?f=mapbox")
	var sheet struct {
		Version int
		Sources map[string]struct{ Type, URL string }
		Layers  []struct {
			Type, Source string
			SourceLayer  string `json:"source-layer"`
		}
	}
	if err := json.Unmarshal([]byte(a.body), &sheet); err != nil || a.status != 200 || sheet.Version != 8 {
		t.Fatalf("style: %d %v %s", a.status, err, a.body)
	}
	drawn := false
	for _, layer := range sheet.Layers {
		if layer.Source == "" {
			continue
		}
		source, ok := sheet.Sources[layer.Source]
		drawn = drawn || layer.SourceLayer == "waiting"
		if b := get(t, "GET", source.URL); !ok || source.Type != "vector" || b.status != 200 {
			t.Errorf("layer %+v: source %+v (%t) answers %d", layer, source, ok, b.status)
		}
	}
	if !drawn {
		t.Errorf("no layer draws the collection: %s", a.body)
	}
	q := get(t, "GET", server.URL+"/styles/waiting?f=qml")
	decoder, elements := xml.NewDecoder(strings.NewReader(q.body)), 0
	for {
		token, err := decoder.Token()
		if token == nil {
			break
		}
		if err != nil {
			t.Fatalf("QML: %v", err)
		}
		elements++
	}
	if q.status != 200 || elements < 5 {
		t.Errorf("QML: %d, %d elements", q.status, elements)
	}
	if b := get(t, "GET", server.URL+"/styles/communities"); b.status != 404 {
		t.Errorf("a style of no analysis: %d", b.status)
	}
}
