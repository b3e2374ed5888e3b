package encode_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
)

// TestHTMLReadsBack parses the page as a browser does: every cell must be text,
// whatever stands in it.
func TestHTMLReadsBack(t *testing.T) {
	layer := cellLayer(t)
	links := []api.Link{{Href: "http://x/items?a=1&f=csv", Rel: "alternate", Type: "text/csv", Title: "<CSV>"}, {Href: "javascript:alert(1)", Rel: "next", Title: "Next page"}}
	page := string(write(t, "html", layer, encode.Options{Rows: []int{1, 6}, Page: &encode.Page{Matched: 7, Links: links}}))
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var cells, hrefs []string
	elements := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		elements[n.Data] = true
		switch n.Data {
		case "td":
			text := ""
			if n.FirstChild != nil {
				text = n.FirstChild.Data
			}
			cells = append(cells, text)
		case "a":
			for _, a := range n.Attr {
				if a.Key == "href" {
					hrefs = append(hrefs, a.Val)
				}
			}
		}
	}
	var want []string
	for _, row := range []int{1, 6} {
		want = append(want, layer.Frame.ID(row))
		for _, c := range layer.Columns {
			want = append(want, shown(c, row))
		}
	}
	if strings.Join(cells, "|") != strings.Join(want, "|") {
		t.Errorf("cells read %q, want %q", cells, want)
	}
	if elements["script"] || elements["img"] {
		t.Errorf("the page has elements %v", elements)
	}
	if len(hrefs) != 2 || hrefs[0] != links[0].Href || strings.HasPrefix(hrefs[1], "javascript") {
		t.Errorf("links are %q", hrefs)
	}
	if !strings.Contains(page, "2 of 7 rows") {
		t.Error("the page does not count its rows")
	}
}

// shown returns what a cell of the page must hold: values of the layer need no
// exponent.
func shown(c analytics.Column, row int) string {
	switch {
	case !c.Has(row):
		return ""
	case c.Type == analytics.IntColumn:
		return strconv.FormatInt(c.Ints[row], 10)
	case c.Type == analytics.FloatColumn:
		return fmt.Sprintf("%.1f", c.Floats[row])
	}
	return c.Words[row]
}
