package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/civgrid/civgrid/api"
)

// document is the body of the page of a JSON document.
var document = Frame(`{{template "value" .Value}}{{with .Links}}<h2>Links</h2>
{{template "links" .}}{{end}}`)

// WriteDocument writes a JSON text as a page: everything in it, links as links. The page
// is titled by the title of the document and what the trail says that it is. Itself are
// links to the document in each format, for one that has no links of its own.
func WriteDocument(w io.Writer, text []byte, trail, itself []api.Link) error {
	whole, err := read(text)
	if err != nil {
		return fmt.Errorf("show a document as a page: %w", err)
	}
	head := Head{Title: titleOf(whole, trail), Trail: trail}
	shown := struct {
		Head
		Value *value
		Links []api.Link
	}{Head: head, Value: whole, Links: itself}
	if links := whole.takeLinks(); links != nil {
		shown.Links = links
	}
	for _, l := range shown.Links {
		if l.Rel == "alternate" {
			shown.Others = append(shown.Others, l)
		}
	}
	whole.Whole = true
	return document.ExecuteTemplate(w, "frame", shown)
}

// A value is one of a JSON text as it is shown; one of Links, Rows, Members, Items, Code
// and Text is set.
type value struct {
	Links   []api.Link
	Heads   []string // of the columns of a table, which may be none
	Rows    []row
	Members []member
	Items   []*value
	Code    string // numbers within numbers, such as coordinates
	Text    string
	Href    string // of a text that names what it leads to
	Long    string // how much is folded away, "" for nothing
	Whole   bool   // not within another
}

type member struct {
	Name  string
	Value *value
}

// text returns the text of a member, "" if there is none.
func (v *value) text(name string) string {
	if m := v.member(name); m != nil {
		return m.Text
	}
	return ""
}

// member returns the value of that name, nil if there is none.
func (v *value) member(name string) *value {
	for _, m := range v.Members {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// takeLinks takes the links of a document out of it and returns them, nil if it has none.
func (v *value) takeLinks() []api.Link {
	links := v.member("links")
	if links == nil || links.Links == nil {
		return nil
	}
	v.Members = slices.DeleteFunc(v.Members, func(m member) bool { return m.Value == links })
	return links.Links
}

// read reads a JSON text; members keep their order.
func read(text []byte) (*value, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return next(d)
}

// next reads one value.
func next(d *json.Decoder) (*value, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return object(d)
	case json.Delim('['):
		return array(d)
	case nil:
		return &value{Text: "null"}, nil
	}
	return &value{Text: fmt.Sprint(token)}, nil
}

// object reads the rest of an object.
func object(d *json.Decoder) (*value, error) {
	v := &value{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		m, err := next(d)
		if err != nil {
			return nil, err
		}
		v.Members = append(v.Members, member{fmt.Sprint(name), m})
	}
	_, err := d.Token()
	if l, ok := v.link(); ok {
		return &value{Links: []api.Link{l}}, err
	}
	v.table()
	return v, err
}

// link returns the link that an object is (19-072, link.yaml). One with variables in
// its address leads nowhere as it stands.
func (v *value) link() (l api.Link, ok bool) {
	if templated := v.member("templated"); templated != nil && templated.Text == "true" {
		return l, false
	}
	fields := map[string]*string{"href": &l.Href, "rel": &l.Rel, "type": &l.Type, "title": &l.Title, "hreflang": &l.Hreflang}
	for _, m := range v.Members {
		if to := fields[m.Name]; to != nil {
			*to = m.Value.Text
		}
	}
	return l, l.Href != "" && l.Rel != ""
}

// array reads the rest of an array.
func array(d *json.Decoder) (*value, error) {
	v := &value{}
	for d.More() {
		item, err := next(d)
		if err != nil {
			return nil, err
		}
		v.Items = append(v.Items, item)
	}
	_, err := d.Token()
	each := func(is func(*value) bool) bool {
		return !slices.ContainsFunc(v.Items, func(i *value) bool { return !is(i) })
	}
	switch {
	case len(v.Items) == 0:
		return &value{Code: "[]"}, err
	case each(func(i *value) bool { return len(i.Links) == 1 }):
		all := &value{}
		for _, item := range v.Items {
			all.Links = append(all.Links, item.Links...)
		}
		return all, err
	case each(func(i *value) bool { return i.Members != nil }):
		v.tabulate(v.Items)
		v.Items = nil
	case each((*value).isNumber):
		code := []byte{'['}
		for i, item := range v.Items {
			if i > 0 {
				code = append(code, ',', ' ')
			}
			code = append(code, item.Code...)
			code = append(code, item.Text...)
		}
		return &value{Code: string(append(code, ']'))}, err
	}
	return v, err
}

// isNumber reports whether the value is a number, nothing, or numbers within brackets.
func (v *value) isNumber() bool {
	if v.Code != "" || v.Text == "null" {
		return true
	}
	_, err := strconv.ParseFloat(v.Text, 64)
	return err == nil
}
