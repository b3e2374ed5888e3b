// Package pagetest holds pages to what every page of the service is: HTML that a parser
// need not mend, which asks for nothing else and shows all of the document it is made of.
package pagetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/civgrid/civgrid/api/page"
)

// A Page is what a reader finds on a page.
type Page struct {
	// Text is all text in the body, Links are the addresses of its anchors.
	Text  string
	Links []string
	// Title is that of the document.
	Title string
}

// Read reads a page as a browser does (HTML Living Standard, section 13.2) and holds it
// to that: no element is left open, misplaced or added by the parser; there is one
// heading and a title; nothing is loaded and nothing runs; its style is the one that
// [page.Policy] lets in.
func Read(t *testing.T, at, body string) Page {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	r := &reader{t: t, at: at}
	var parsed []string
	for n := range root.Descendants() {
		switch n.Type {
		case html.DoctypeNode:
			parsed = append(parsed, "!"+n.Data)
		case html.ElementNode:
			parsed = append(parsed, n.Data)
			r.element(n)
		case html.CommentNode:
			t.Errorf("%s has a comment: %.80s", at, n.Data)
		case html.TextNode:
			if n.Parent.Data != "style" && n.Parent.Data != "title" {
				r.found.Text += n.Data
			}
		}
	}
	if written := r.written(body); !slices.Equal(written, parsed) {
		t.Errorf("%s: a parser makes other elements of it than are written:\n%v\n%v", at, parsed, written)
	}
	if r.headings != 1 || strings.TrimSpace(r.found.Title) == "" || !r.narrow {
		t.Errorf("%s has %d headings, the title %q, a viewport: %v", at, r.headings, r.found.Title, r.narrow)
	}
	return r.found
}

// A reader looks at elements.
type reader struct {
	t        *testing.T
	at       string
	found    Page
	headings int
	narrow   bool // fits small screens
}

// element looks at one.
func (r *reader) element(n *html.Node) {
	r.t.Helper()
	attributes := map[string]string{}
	for _, a := range n.Attr {
		attributes[a.Key] = a.Val
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || strings.Contains(a.Val, "ZgotmplZ") {
			r.t.Errorf("%s: <%s> has %s=%q", r.at, n.Data, a.Key, a.Val)
		}
	}
	switch n.Data {
	case "html":
		if attributes["lang"] == "" {
			r.t.Errorf("%s has no language", r.at)
		}
	case "script", "img", "iframe", "object", "embed", "form", "base", "svg", "math", "template":
		r.t.Errorf("%s has a <%s>", r.at, n.Data)
	case "h1":
		r.headings++
	case "meta":
		r.narrow = r.narrow || attributes["name"] == "viewport" && strings.Contains(attributes["content"], "width=device-width")
	case "link":
		if attributes["rel"] != "alternate" {
			r.t.Errorf("%s loads %s", r.at, attributes["href"])
		}
	case "title":
		r.found.Title = n.FirstChild.Data
	case "style":
		digest := sha256.Sum256([]byte(n.FirstChild.Data))
		if source := "'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "'"; !strings.Contains(page.Policy, source) {
			r.t.Errorf("%s: the policy %s does not let in the style, %s", r.at, page.Policy, source)
		}
	case "a":
		if attributes["href"] == "" {
			r.t.Errorf("%s has a link to nowhere", r.at)
		}
		r.found.Links = append(r.found.Links, attributes["href"])
	}
}

// written returns the elements in the order of their tags, each of which must be closed
// in turn but for those that have no content (section 13.1.2).
func (r *reader) written(body string) (list []string) {
	r.t.Helper()
	var open []string
	z := html.NewTokenizer(strings.NewReader(body))
	for {
		kind := z.Next()
		token := z.Token()
		switch kind {
		case html.DoctypeToken:
			list = append(list, "!"+token.Data)
		case html.StartTagToken:
			list = append(list, token.Data)
			if token.Data != "meta" && token.Data != "link" {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				r.t.Errorf("%s: </%s> closes %v", r.at, token.Data, open)
				return list
			}
			open = open[:len(open)-1]
		case html.SelfClosingTagToken:
			r.t.Errorf("%s: <%s/> is not HTML", r.at, token.Data)
		case html.ErrorToken:
			if len(open) > 0 {
				r.t.Errorf("%s leaves %v open", r.at, open)
			}
			return list
		}
	}
}

// Holds tests that a page shows everything in a JSON document: every text and number,
// the name of every member, and every link as a link, but for the format that a link to
// the document itself or to its other formats names.
func (p Page) Holds(t *testing.T, at string, document []byte) {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	p.holds(t, at, v, p.addresses())
}

// HoldsProblem tests that a page shows everything in a problem (RFC 9457), its title as
// that of the page and its detail without a name.
func (p Page) HoldsProblem(t *testing.T, at string, document []byte) {
	t.Helper()
	var rest map[string]any
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	if err := d.Decode(&rest); err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	detail, _ := rest["detail"].(string)
	if p.Title != rest["title"] || !strings.Contains(p.Text, detail) {
		t.Errorf("%s is titled %q and does not say %q: %q", at, p.Title, rest["title"], detail)
	}
	delete(rest, "title")
	delete(rest, "detail")
	delete(rest, "instance") // of each request
	p.holds(t, at, rest, p.addresses())
}

// addresses returns what the page leads to, whatever the format.
func (p Page) addresses() map[string]bool {
	links := map[string]bool{}
	for _, l := range p.Links {
		links[Address(l)] = true
	}
	return links
}

func (p Page) holds(t *testing.T, at string, v any, links map[string]bool) {
	t.Helper()
	said := func(text string) {
		if !strings.Contains(p.Text, text) && !strings.Contains(p.Title, text) {
			t.Errorf("%s does not say %q", at, text)
		}
	}
	switch v := v.(type) {
	case map[string]any:
		if href, ok := v["href"].(string); ok && v["rel"] != nil && v["templated"] == nil {
			if !links[Address(href)] {
				t.Errorf("%s has no link to %s", at, href)
			}
			if rel, _ := v["rel"].(string); rel != "self" && rel != "alternate" {
				said(rel)
			}
			return
		}
		for name, member := range v {
			if name != "links" {
				said(name)
			}
			p.holds(t, at, member, links)
		}
	case []any:
		for _, item := range v {
			p.holds(t, at, item, links)
		}
	case string:
		said(v)
	case json.Number:
		said(v.String())
	}
}

// formatOf matches the parameter f.
var formatOf = regexp.MustCompile(`[?&]f=[a-z]+(&|$)`)

// Address returns the address of a link without the format it names.
func Address(href string) string {
	return strings.TrimRight(formatOf.ReplaceAllStringFunc(href, func(found string) string {
		if strings.HasSuffix(found, "&") {
			return found[:1]
		}
		return ""
	}), "?&")
}
