package style

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/analytics"
)

// The elements of QML that a categorised renderer is made of, as QGIS 3 writes
// and reads them (QgsCategorizedSymbolRenderer).
type (
	qgis struct {
		XMLName    xml.Name `xml:"qgis"`
		Version    string   `xml:"version,attr"`
		Categories string   `xml:"styleCategories,attr"`
		Renderer   renderer `xml:"renderer-v2"`
	}
	renderer struct {
		Type       string     `xml:"type,attr"`
		Attr       string     `xml:"attr,attr"`
		Categories []category `xml:"categories>category"`
		Symbols    []symbol   `xml:"symbols>symbol"`
	}
	category struct {
		Symbol string `xml:"symbol,attr"`
		Value  string `xml:"value,attr"`
		Label  string `xml:"label,attr"`
		Type   string `xml:"type,attr"`
		Render bool   `xml:"render,attr"`
	}
	symbol struct {
		Type  string      `xml:"type,attr"`
		Name  string      `xml:"name,attr"`
		Alpha string      `xml:"alpha,attr"`
		Layer symbolLayer `xml:"layer"`
	}
	symbolLayer struct {
		Class   string   `xml:"class,attr"`
		Enabled int      `xml:"enabled,attr"`
		Pass    int      `xml:"pass,attr"`
		Locked  int      `xml:"locked,attr"`
		Options options  `xml:"Option"`
		Props   []simple `xml:"prop"` // for QGIS before 3.26
	}
	options struct {
		Type string   `xml:"type,attr"`
		List []option `xml:"Option"`
	}
	option struct {
		Type  string `xml:"type,attr"`
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	simple struct {
		Key   string `xml:"k,attr"`
		Value string `xml:"v,attr"`
	}
)

const qmlType = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"

// QML returns a style for QGIS: a categorised renderer with one category for each
// class of the legend. An error says that a colour of the legend is none.
func (s Sheet) QML() ([]byte, error) {
	document := qgis{Version: "3.22", Categories: "Symbology", Renderer: renderer{Type: "categorizedSymbol", Attr: s.classOf()}}
	r := &document.Renderer
	for i, class := range s.Legend.Classes {
		colour, err := rgba(class.Color)
		if err != nil {
			return nil, fmt.Errorf("style class %s: %w", class.Key, err)
		}
		name := strconv.Itoa(i)
		r.Categories = append(r.Categories, category{Symbol: name, Value: class.Key, Label: class.Label, Type: "string", Render: true})
		r.Symbols = append(r.Symbols, symbol{Type: "fill", Name: name, Alpha: "1", Layer: fill(colour)})
	}
	var b bytes.Buffer
	b.WriteString(qmlType)
	encoder := xml.NewEncoder(&b)
	encoder.Indent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("write QML: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// classOf returns the expression of QGIS that gives the key of a row's class.
func (s Sheet) classOf() string {
	column := quoted(s.Legend.Column, `"`)
	if s.Column.Type == analytics.WordColumn {
		return "coalesce(" + column + ", " + quoted(analytics.NoData, "'") + ")"
	}
	b := "CASE WHEN " + column + " IS NULL THEN " + quoted(analytics.NoData, "'")
	for _, class := range s.Legend.Classes {
		if class.Key == analytics.NoData {
			continue
		}
		b += " WHEN true"
		if class.Low != nil {
			b += " AND " + column + " >= " + plain(*class.Low)
		}
		if class.High != nil {
			b += " AND " + column + " < " + plain(*class.High)
		}
		b += " THEN " + quoted(class.Key, "'")
	}
	return b + " END"
}

// quoted writes a name or a string of an expression; the mark is doubled in it.
func quoted(text, mark string) string {
	return mark + strings.ReplaceAll(text, mark, mark+mark) + mark
}

func plain(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// rgba turns "#rrggbb" into the way QGIS writes colours.
func rgba(colour string) (string, error) {
	digits, ok := strings.CutPrefix(colour, "#")
	n, err := strconv.ParseUint(digits, 16, 32)
	if !ok || err != nil || len(digits) != 6 {
		return "", fmt.Errorf("%q is not a colour such as #1f77b4", colour)
	}
	return fmt.Sprintf("%d,%d,%d,255", n>>16, n>>8&255, n&255), nil
}

// fill returns a plain fill with a thin pale line around it.
func fill(colour string) symbolLayer {
	l := symbolLayer{Class: "SimpleFill", Enabled: 1, Options: options{Type: "Map"}}
	for _, p := range [...]simple{
		{"color", colour},
		{"style", "solid"},
		{"outline_color", "255,255,255,102"},
		{"outline_style", "solid"},
		{"outline_width", "0.1"},
		{"outline_width_unit", "MM"},
	} {
		l.Props = append(l.Props, p)
		l.Options.List = append(l.Options.List, option{Type: "QString", Name: p.Key, Value: p.Value})
	}
	return l
}
