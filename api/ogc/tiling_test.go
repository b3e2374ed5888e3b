package ogc_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/api/tile"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
)

// tiledEngine fills the box of its study area with cells of any resolution, or is
// the fakeEngine where communities are asked for.
type tiledEngine struct {
	*fakeEngine
	box orb.Bound
}

func (e *tiledEngine) Extent(ctx context.Context) (orb.Bound, time.Time, time.Time, error) {
	_, from, to, err := e.fakeEngine.Extent(ctx)
	return e.box, from, to, err
}

func (e *tiledEngine) Params(ctx context.Context, a analytics.Analysis) ([]analytics.Param, error) {
	params, err := e.fakeEngine.Params(ctx, a)
	return append(params, analytics.Param{Name: "res", Kind: analytics.Integer, Max: 15}), err
}

func (e *tiledEngine) Run(ctx context.Context, name string, given map[string]string) (*analytics.Layer, error) {
	if given["level"] != "" {
		return e.fakeEngine.Run(ctx, name, given)
	}
	e.runs.Add(1)
	e.given = given
	res := 9
	if given["res"] != "" {
		res, _ = strconv.Atoi(given["res"])
	}
	if res < 7 || res > 11 {
		return nil, &analytics.ParamError{Name: "res", Value: given["res"], Why: "facts are indexed at resolutions 7 to 11"}
	}
	cells, err := geo.Cover(orb.MultiPolygon{e.box.ToPolygon()}, geo.Resolution(res), geo.Overlap)
	if err != nil {
		return nil, err
	}
	layer := &analytics.Layer{
		Name: name, Title: "Waiting", Provenance: analytics.Provenance{DataVersion: e.version},
		Frame: &analytics.Frame{Unit: analytics.CellsOf(geo.Resolution(res)), Cells: cells},
	}
	ids, class := make([]string, len(cells)), make([]string, len(cells))
	for row, c := range cells {
		ids[row], class[row] = c.String(), []string{"hot", "cold"}[row%2]
	}
	layer.Columns = append([]analytics.Column{
		{Name: "cell", Type: analytics.WordColumn, Words: ids}, {Name: "class", Type: analytics.WordColumn, Words: class},
	}, values(len(cells), false)...)
	layer.Legend = analytics.Legend{Column: "class", Classes: []analytics.Class{
		{Key: "hot", Label: "Hot", Color: "#a50f15"}, {Key: "cold", Label: "Cold", Color: "#2166ac"}, {Key: analytics.NoData, Color: "#d9d9d9"},
	}}
	layer.Rank = analytics.Rank{Column: "share", Descending: true, Show: []string{"n"}}
	return layer, nil
}

func serveTiles(t *testing.T, box orb.Bound) (string, *tiledEngine) {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	engine := &tiledEngine{&fakeEngine{version: "v1"}, box}
	router := gin.New()
	ogc.Register(router, ogc.Options{
		Tables: ogc.NewTables(engine, memory.New()), Title: "Test",
		Analyses: []analytics.Analysis{{Name: "waiting", Title: "Where cases wait longest"}, {Name: "near", Title: "Near", Near: true}},
		Base:     func(r *http.Request) string { return api.BaseURL(r, "", false) },
		Now:      func() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) },
	})
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	return server.URL, engine
}

func city() orb.Bound { return orb.Bound{Min: orb.Point{114, 22.5}, Max: orb.Point{114.2, 22.6}} }

// at returns the path of the tile that holds a point.
func at(p orb.Point, zoom int) string {
	place := maptile.At(p, maptile.Zoom(zoom))
	return fmt.Sprintf("/tiles/WebMercatorQuad/%d/%d/%d", zoom, place.Y, place.X)
}

// readTile reads the layers of a tile.
func readTile(t *testing.T, url string) map[string]*mvt.Layer {
	t.Helper()
	a := get(t, "GET", url)
	if a.status != 200 || a.header.Get("Content-Type") != "application/vnd.mapbox-vector-tile" {
		t.Fatalf("GET %s: %d %s %s", url, a.status, a.header.Get("Content-Type"), a.body)
	}
	read, err := mvt.Unmarshal([]byte(a.body))
	if err != nil {
		t.Fatal(err)
	}
	layers := map[string]*mvt.Layer{}
	for _, l := range read {
		layers[l.Name] = l
	}
	return layers
}

func TestTilesClimbTheLadder(t *testing.T) {
	url, _ := serveTiles(t, city())
	f := func(zoom int, query, want string) {
		t.Helper()
		layer := readTile(t, url+"/collections/waiting"+at(city().Center(), zoom)+query)["waiting"]
		if len(layer.Features) == 0 || len(layer.Features) > tile.MaxFeatures {
			t.Fatalf("zoom %d%s shows %d features", zoom, query, len(layer.Features))
		}
		cell, err := geo.ParseCell(layer.Features[0].Properties.MustString("cell"))
		if err != nil || cell.Resolution().String() != want {
			t.Errorf("zoom %d%s holds %v, want resolution %s", zoom, query, layer.Features[0].Properties, want)
		}
	}
	f(4, "", "7")
	f(9, "", "7")
	f(10, "", "8")
	f(12, "", "9")
	f(13, "", "10")
	f(16, "", "11")
	f(12, "?res=8", "8")
	f(9, "?res=8", "8")
}

// TestALargeAreaFromAfar has more cells of the coarsest resolution than a tile
// holds: parents stand for their worst.
func TestALargeAreaFromAfar(t *testing.T) {
	box := orb.Bound{Min: orb.Point{113, 22}, Max: orb.Point{115, 24}}
	url, _ := serveTiles(t, box)
	layer := readTile(t, url+"/collections/waiting"+at(box.Center(), 6))["waiting"]
	if len(layer.Features) > tile.MaxFeatures || len(layer.Features) < 100 {
		t.Fatalf("%d features", len(layer.Features))
	}
	for _, f := range layer.Features {
		cell, err1 := geo.ParseCell(f.Properties.MustString("cell"))
		drawn, err2 := geo.ParseCell(f.Properties.MustString("drawn_as"))
		if err1 != nil || err2 != nil || cell.Resolution() != 7 || cell.Parent(drawn.Resolution()) != drawn || drawn.Resolution() > 6 {
			t.Fatalf("a feature is %v", f.Properties)
		}
	}
	if a := get(t, "GET", url+"/collections/waiting"+at(box.Center(), 6)+"?res=7"); a.status != 400 || !strings.Contains(a.body, `"parameter":"res"`) {
		t.Errorf("too fine a resolution that was asked for: %d %s", a.status, a.body)
	}
	var described struct{ MinZoom int }
	if a := get(t, "GET", url+"/collections/waiting/tiles/WebMercatorQuad/tilejson.json?res=7"); json.Unmarshal([]byte(a.body), &described) != nil || described.MinZoom < 7 || described.MinZoom > 10 {
		t.Errorf("res=7 begins at zoom %d", described.MinZoom)
	}
}

func TestTilesAnswerAsTheStandardSays(t *testing.T) {
	url, engine := serveTiles(t, city())
	here := at(city().Center(), 12)
	f := func(path string, want int, told string) {
		t.Helper()
		if a := get(t, "GET", url+path); a.status != want || !strings.Contains(a.body, told) {
			t.Errorf("GET %s: %d %.300s, want %d with %q", path, a.status, a.body, want, told)
		}
	}
	one := "/collections/waiting"
	f(one+"/tiles/WebMercatorQuad/12/0/0", 204, "")
	f(one+"/tiles/WebMercatorQuad/12/4096/0", 404, "0 to 4095")
	f(one+"/tiles/WebMercatorQuad/12/0/-1", 404, "")
	f(one+"/tiles/WebMercatorQuad/19/0/0", 404, "0 to 18")
	f(one+"/tiles/WebMercatorQuad/x/0/0", 404, "")
	f(one+"/tiles/WorldCRS84Quad", 404, "")
	f("/collections/none"+here, 404, "")
	f("/tiles/WebMercatorQuad/12/0/0", 204, "")
	f("/tiles/WebMercatorQuad/3/8/0", 404, "")
	f(one+here+"?f=mvt", 200, "")
	f(one+here+"?f=png", 400, `"parameter":"f"`)
	f(one+here+"?unknown=1", 400, "known_parameters")
	f(one+here+"?limit=3", 400, "")
	f(one+here+"?min-n=0", 400, `"parameter":"min-n"`)
	f(one+here+"?res=5", 400, `"parameter":"res"`)
	f(one+here+"?datetime=yesterday", 400, `"parameter":"datetime"`)
	f(one+here+"?datetime=2025-01-01/..&from=2025-01-01", 400, `"parameter":"datetime"`)
	f("/collections/communities"+here+"?min-n=3", 400, "")
	f(here+"?collections=none", 400, `"parameter":"collections"`)
	f(here+"?collections=waiting,near", 400, "analyses")
	f(here+"?collections=communities,communities", 400, "twice")
	f(here+"?collections=communities&collections=waiting", 400, "more than once")
	if a := get(t, "GET", url+one+here, "Accept", "image/png"); a.status != 406 {
		t.Errorf("a tile as an image: %d", a.status)
	}
	first := get(t, "GET", url+one+here, "Accept", "*/*")
	runs := engine.runs.Load()
	again := get(t, "GET", url+one+here+"?min-n=12", "If-None-Match", get(t, "GET", url+one+here+"?min-n=12").header.Get("ETag"))
	if got := get(t, "GET", url+one+here, "If-None-Match", first.header.Get("ETag")); got.status != 304 || again.status != 304 || engine.runs.Load() != runs+1 {
		t.Errorf("a tile with its tag: %d, %d, computed %d times", got.status, again.status, engine.runs.Load()-runs)
	}
	head := get(t, "HEAD", url+one+here)
	if head.status != 200 || head.body != "" || head.header.Get("ETag") != first.header.Get("ETag") {
		t.Errorf("HEAD: %d", head.status)
	}
	get(t, "GET", url+one+here+"?datetime=2025-03-01")
	if engine.given["from"] != "2025-02-28T16:00:00Z" || engine.given["to"] != "2025-03-01T16:00:00Z" {
		t.Errorf("datetime is %v", engine.given)
	}
}

// TestCommunitiesOfATime has D2, which begins in 2020.
func TestCommunitiesOfATime(t *testing.T) {
	url, _ := serveTiles(t, city())
	codes := func(query string) string {
		var list []string
		for _, f := range readTile(t, url+"/collections/communities"+at(orb.Point{114.1, 22.55}, 9)+query)["communities"].Features {
			list = append(list, f.Properties.MustString("code"))
		}
		slices.Sort(list)
		return strings.Join(list, " ")
	}
	if got := codes(""); got != "D1 D2 S1" {
		t.Errorf("the tile holds %s", got)
	}
	if got := codes("?datetime=2019-06-01"); got != "D1 S1" {
		t.Errorf("in 2019 the tile holds %s", got)
	}
}

func TestTheDatasetHasSeveralLayers(t *testing.T) {
	url, engine := serveTiles(t, city())
	here := at(city().Center(), 11)
	f := func(query string, want ...string) {
		t.Helper()
		var names []string
		for name := range readTile(t, url+here+query) {
			names = append(names, name)
		}
		slices.Sort(names)
		if !slices.Equal(names, want) {
			t.Errorf("%s%s has %v, want %v", here, query, names, want)
		}
	}
	f("", "communities", "waiting")
	f("?min-n=12&datetime=2025-03-01", "communities", "waiting")
	if engine.given["min-n"] != "12" || engine.given["from"] == "" {
		t.Errorf("the analysis was given %v", engine.given)
	}
	f("?collections=communities-street,waiting-district", "communities-street", "waiting-district")
	f("?collections=near&res=8", "near")
}

// readInto reads a JSON answer.
func readInto(t *testing.T, url string, into any) {
	t.Helper()
	if a := get(t, "GET", url); a.status != 200 || json.Unmarshal([]byte(a.body), into) != nil {
		t.Fatalf("GET %s: %d %s", url, a.status, a.body)
	}
}

type anyLink struct {
	Rel, Type, Href string
	Templated       bool
}

func linked(t *testing.T, links []anyLink, rel string) anyLink {
	t.Helper()
	i := slices.IndexFunc(links, func(l anyLink) bool { return l.Rel == rel })
	if i < 0 {
		t.Fatalf("there is no link %s among %v", rel, links)
	}
	return links[i]
}

func TestTileJSON(t *testing.T) {
	url, _ := serveTiles(t, city())
	var d struct {
		TileJSON, Scheme string
		Tiles            []string
		MinZoom, MaxZoom int
		Bounds           [4]float64
		VectorLayers     []struct {
			ID          string
			Fields      map[string]string
			Resolutions []int
		} `json:"vector_layers"`
	}
	readInto(t, url+"/tiles/WebMercatorQuad/tilejson.json?min-n=12", &d)
	if d.TileJSON != "3.0.0" || d.Scheme != "xyz" || d.MinZoom != 0 || d.MaxZoom != 18 || len(d.VectorLayers) != 2 {
		t.Fatalf("TileJSON is %+v", d)
	}
	if want := url + "/tiles/WebMercatorQuad/{z}/{y}/{x}?min-n=12"; d.Tiles[0] != want {
		t.Errorf("tiles are at %s, want %s", d.Tiles[0], want)
	}
	if b := d.Bounds; b[0] >= 114 || b[1] >= 22.5 || b[2] <= 114.2 || b[3] <= 22.6 || b[0] < 113.9 {
		t.Errorf("bounds are %v", b)
	}
	layer := d.VectorLayers[0]
	if layer.ID != "waiting" || layer.Resolutions[9] != 7 || layer.Resolutions[12] != 9 || len(layer.Resolutions) != 19 {
		t.Errorf("the first layer is %+v", layer)
	}
	for name, kind := range map[string]string{"cell": "String", "class": "String", "n": "Number"} {
		if !strings.HasPrefix(layer.Fields[name], kind) {
			t.Errorf("field %s is %q, want a %s", name, layer.Fields[name], kind)
		}
	}
	for _, f := range readTile(t, url+at(city().Center(), 12))["waiting"].Features {
		for name := range f.Properties {
			if layer.Fields[name] == "" {
				t.Fatalf("TileJSON does not know %s", name)
			}
		}
	}
}

func TestTheInterfaceTellsOfTiles(t *testing.T) {
	url, _ := serveTiles(t, city())
	var conformance struct{ ConformsTo []string }
	readInto(t, url+"/conformance", &conformance)
	for _, class := range []string{"core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection", "datetime", "mvt", "oas30"} {
		if !slices.Contains(conformance.ConformsTo, "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"+class) {
			t.Errorf("class %s is not declared", class)
		}
	}
	type reference struct {
		To string `json:"$ref"`
	}
	var described struct {
		Paths map[string]struct {
			Get struct {
				OperationID string
				Parameters  []reference
				Responses   map[string]struct{ Content map[string]any }
			}
		}
	}
	readInto(t, url+"/api", &described)
	seen := map[string]bool{}
	for path, p := range described.Paths {
		if id := p.Get.OperationID; seen[id] {
			t.Errorf("operation %s comes twice, at %s too", id, path)
		} else {
			seen[id] = true
		}
	}
	for path, end := range map[string]string{
		"/tileMatrixSets":                 "getTileMatrixSetsList",
		"/tileMatrixSets/WebMercatorQuad": "getTileMatrixSet",
		"/tiles":                          "dataset.vector.getTileSetsList",
		"/tiles/WebMercatorQuad":          "dataset.vector.getTileSet",
		"/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}":                     "dataset.vector.getTile",
		"/collections/waiting/tiles":                                                  "collection.vector.getTileSetsList",
		"/collections/communities/tiles/WebMercatorQuad":                              "collection.vector.getTileSet",
		"/collections/waiting/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}": "collection.vector.getTile",
	} {
		p := described.Paths[path].Get
		if !strings.HasSuffix(p.OperationID, "."+end) {
			t.Errorf("%s has operation %q, want one that ends with .%s", path, p.OperationID, end)
		}
		if end == "collection.vector.getTile" {
			_, tiles := p.Responses["200"].Content["application/vnd.mapbox-vector-tile"]
			_, empty := p.Responses["204"]
			if !tiles || !empty || !slices.Contains(p.Parameters, reference{"#/components/parameters/min-n"}) {
				t.Errorf("%s is described as %+v", path, p)
			}
		}
	}
}

func TestStyles(t *testing.T) {
	url, _ := serveTiles(t, city())
	var list struct {
		Styles []struct {
			ID    string
			Links []anyLink
		}
	}
	readInto(t, url+"/styles", &list)
	if len(list.Styles) == 0 || list.Styles[0].ID != "waiting" {
		t.Fatalf("styles are %+v", list)
	}
	var sheet struct {
		Version int
		Sources map[string]struct{ URL string }
		Layers  []struct {
			SourceLayer string `json:"source-layer"`
		}
	}
	readInto(t, url+"/styles/waiting?min-n=12", &sheet)
	source := sheet.Sources["civgrid"].URL
	if sheet.Version != 8 || sheet.Layers[1].SourceLayer != "waiting" || source != url+"/collections/waiting/tiles/WebMercatorQuad/tilejson.json?min-n=12" {
		t.Errorf("the style is %+v", sheet)
	}
	readInto(t, source, &struct{}{})
	for _, l := range list.Styles[0].Links {
		a := get(t, "GET", l.Href)
		if l.Rel != "stylesheet" || a.status != 200 || a.header.Get("Content-Type") != l.Type || a.header.Get("ETag") == "" {
			t.Errorf("%+v answers %d as %s", l, a.status, a.header.Get("Content-Type"))
		}
		if again := get(t, "GET", l.Href, "If-None-Match", a.header.Get("ETag")); again.status != 304 {
			t.Errorf("%s with its tag: %d", l.Href, again.status)
		}
		if strings.Contains(l.Type, "qml") && (xml.Unmarshal([]byte(a.body), new(struct{ XMLName xml.Name })) != nil || !strings.Contains(a.body, `value="cold"`)) {
			t.Errorf("QML is %s", a.body)
		}
	}
	f := func(path, accept string, status int, media string) {
		t.Helper()
		if a := get(t, "GET", url+path, "Accept", accept); a.status != status || !strings.HasPrefix(a.header.Get("Content-Type"), media) {
			t.Errorf("GET %s, Accept %s: %d %s", path, accept, a.status, a.header.Get("Content-Type"))
		}
	}
	f("/styles/waiting", "*/*", 200, "application/vnd.mapbox.style+json")
	f("/styles/waiting", "application/json", 200, "application/json")
	f("/styles/waiting", "application/vnd.qgis.qml", 200, "application/vnd.qgis.qml")
	f("/styles/waiting", "image/png", 406, "application/problem+json")
	f("/styles/waiting?f=sld", "", 400, "application/problem+json")
	f("/styles/waiting?unknown=1", "", 400, "application/problem+json")
	f("/styles/communities", "", 404, "application/problem+json")
	f("/styles/none", "", 404, "application/problem+json")
	var col struct{ Links []anyLink }
	readInto(t, url+"/collections/waiting?min-n=12", &col)
	if l := linked(t, col.Links, "stylesheet"); !strings.Contains(l.Href, "min-n=12") || get(t, "GET", l.Href).status != 200 {
		t.Errorf("the collection's style is at %s", l.Href)
	}
}

// TestGDALReadsTilesOfTheService has GDAL read a tile that was fetched.
func TestGDALReadsTilesOfTheService(t *testing.T) {
	if _, err := exec.LookPath("ogrinfo"); err != nil {
		t.Skip("ogrinfo is not installed (Debian: gdal-bin)")
	}
	url, _ := serveTiles(t, city())
	place := maptile.At(city().Center(), 11)
	file := filepath.Join(t.TempDir(), "11", fmt.Sprint(place.X), fmt.Sprint(place.Y)+".pbf")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	body := get(t, "GET", url+at(city().Center(), 11)).body
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "ogrinfo", "-ro", "-so", "-al", "MVT:"+file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"Layer name: waiting", "Layer name: communities", "class: String", "share: Real", "name: String", "Feature Count: 3"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("ogrinfo does not say %q:\n%s", want, out)
		}
	}
}
