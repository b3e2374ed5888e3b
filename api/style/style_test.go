package style_test

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/style"
)

func words() style.Sheet {
	return style.Sheet{
		Title: "Hot & cold", Tiles: "https://example.org/tiles.json", Layer: "hotspot", Key: "cell",
		Column: analytics.Column{Name: "class", Type: analytics.WordColumn},
		Legend: analytics.Legend{Column: "class", Classes: []analytics.Class{
			{Key: "hot99", Label: "Hot, <99 %>", Color: "#a50f15"},
			{Key: analytics.NoData, Label: "Cannot be told", Color: "#d9d9d9"},
		}},
		Box: orb.Bound{Min: orb.Point{113.75, 22.4}, Max: orb.Point{114.65, 22.87}},
	}
}

func numbers() style.Sheet {
	s := words()
	low, high := 2.5, 8.0
	s.Column.Type = analytics.FloatColumn
	s.Legend = analytics.Legend{Column: `a"b`, Classes: []analytics.Class{
		{Key: "class1", Color: "#f0f921", High: &low},
		{Key: "class2", Color: "#7ad151", Low: &low, High: &high},
		{Key: "it's", Color: "#414487", Low: &high},
		{Key: analytics.NoData, Color: "#d9d9d9"},
	}}
	return s
}

// paint returns the fill colour of a style document as JSON.
func paint(t *testing.T, s style.Sheet) any {
	t.Helper()
	text, err := json.Marshal(s.MapLibre())
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Version int
		Zoom    float64
		Center  [2]float64
		Sources map[string]struct{ Type, URL string }
		Layers  []struct {
			ID, Type, Source string
			SourceLayer      string `json:"source-layer"`
			Paint            map[string]any
		}
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	layer := document.Layers[1]
	if source := document.Sources[layer.Source]; document.Version != 8 || source.Type != "vector" || source.URL != s.Tiles || layer.SourceLayer != s.Layer || layer.Type != "fill" {
		t.Errorf("the style is %s", text)
	}
	if document.Zoom < 9 || document.Zoom > 10 { // 0.9 degrees on 960 pixels: 2^9.55 tiles of 512
		t.Errorf("the first zoom is %v", document.Zoom)
	}
	if _, ok := layer.Paint["fill-opacity"]; ok {
		t.Error("the fill lets through what lies below")
	}
	return layer.Paint["fill-color"]
}

// evaluate computes an expression for a row as the MapLibre Style Specification
// says (Expressions: case, all, !, has, get, ==, >=, <).
func evaluate(expression any, row map[string]any) any {
	list, ok := expression.([]any)
	if !ok {
		return expression
	}
	arg := func(i int) any { return evaluate(list[i], row) }
	switch list[0] {
	case "case":
		for i := 1; i+1 < len(list); i += 2 {
			if arg(i) == true {
				return arg(i + 1)
			}
		}
		return arg(len(list) - 1)
	case "all":
		for i := range list[1:] {
			if arg(i+1) != true {
				return false
			}
		}
		return true
	case "!":
		return arg(1) != true
	case "has":
		_, has := row[list[1].(string)]
		return has
	case "get":
		return row[list[1].(string)]
	case "==":
		return arg(1) == arg(2)
	case ">=":
		return arg(1).(float64) >= arg(2).(float64)
	case "<":
		return arg(1).(float64) < arg(2).(float64)
	}
	panic("unknown operator")
}

func TestMapLibreColoursAsTheLegend(t *testing.T) {
	f := func(s style.Sheet, row map[string]any, want string) {
		t.Helper()
		if got := evaluate(paint(t, s), row); got != want {
			t.Errorf("row %v is %v, want %v", row, got, want)
		}
	}
	f(words(), map[string]any{"class": "hot99"}, "#a50f15")
	f(words(), map[string]any{"class": "other"}, "rgba(0,0,0,0)")
	f(words(), nil, "#d9d9d9")
	f(numbers(), map[string]any{`a"b`: 2.4}, "#f0f921")
	f(numbers(), map[string]any{`a"b`: 2.5}, "#7ad151")
	f(numbers(), map[string]any{`a"b`: 8.0}, "#414487")
	f(numbers(), map[string]any{}, "#d9d9d9")
	empty := words()
	empty.Legend.Classes = nil
	f(empty, nil, "rgba(0,0,0,0)")
}

func TestQML(t *testing.T) {
	type category struct {
		Value string `xml:"value,attr"`
		Label string `xml:"label,attr"`
	}
	var document struct {
		Renderer struct {
			Type       string     `xml:"type,attr"`
			Attr       string     `xml:"attr,attr"`
			Categories []category `xml:"categories>category"`
			Symbols    []struct {
				Layer struct {
					Options []struct {
						Name  string `xml:"name,attr"`
						Value string `xml:"value,attr"`
					} `xml:"Option>Option"`
				} `xml:"layer"`
			} `xml:"symbols>symbol"`
		} `xml:"renderer-v2"`
	}
	text, err := words().QML()
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(text, &document); err != nil || !strings.HasPrefix(string(text), "<!DOCTYPE qgis") {
		t.Fatalf("%v\n%s", err, text)
	}
	r := document.Renderer
	if diff := cmp.Diff([]category{{"hot99", "Hot, <99 %>"}, {"no_data", "Cannot be told"}}, r.Categories); diff != "" {
		t.Errorf("categories (-want +got):\n%s", diff)
	}
	if r.Type != "categorizedSymbol" || r.Attr != `coalesce("class", 'no_data')` {
		t.Errorf("the renderer is %s by %s", r.Type, r.Attr)
	}
	if o := r.Symbols[0].Layer.Options[0]; o.Name != "color" || o.Value != "165,15,21,255" {
		t.Errorf("hot99 has %s %s, want colour 165,15,21,255", o.Name, o.Value)
	}
	if text, err = numbers().QML(); err != nil {
		t.Fatal(err)
	}
	document.Renderer.Categories = nil
	if err := xml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	want := `CASE WHEN "a""b" IS NULL THEN 'no_data' WHEN true AND "a""b" < 2.5 THEN 'class1' WHEN true AND "a""b" >= 2.5 AND "a""b" < 8 THEN 'class2' WHEN true AND "a""b" >= 8 THEN 'it''s' END`
	if document.Renderer.Attr != want {
		t.Errorf("numbers are told by %s, want %s", document.Renderer.Attr, want)
	}
	bad := words()
	bad.Legend.Classes[0].Color = "red"
	if _, err := bad.QML(); err == nil {
		t.Error("red is taken for a colour")
	}
}
