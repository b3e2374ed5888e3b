package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/url"
	"strings"

	"github.com/civgrid/civgrid/api"
)

// A Head is what stands around the body of a page. What a template of [Frame] is
// executed with has its fields.
type Head struct {
	// Title is that of the page.
	Title string
	// Lang is the tag of the language that it is in. Empty means English.
	Lang string
	// Trail leads from the first page of the service to this one; nil for a file.
	Trail []api.Link
	// Others are links to the same in other formats.
	Others []api.Link
}

var (
	//go:embed page.css
	style string
	//go:embed page.html
	source string

	frame = template.Must(template.New("page").
		Funcs(template.FuncMap{"style": func() template.CSS { return template.CSS(style) }}). //nolint:gosec // ours, embedded
		Parse(source))
)

// Policy is the Content-Security-Policy under which a page works (Content Security
// Policy Level 3, section 2.3.1): it loads nothing, runs nothing, sends nothing, and has
// the one style that is in it.
var Policy = func() string {
	digest := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) +
		"'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
}()

// Frame returns the templates of a page with a body, which is the source of a template
// of html/template. The body may use the template "links", of a slice of [api.Link].
// Execute the template "frame". It panics where the body is not well-formed.
func Frame(body string) *template.Template {
	return template.Must(template.Must(frame.Clone()).New("body").Parse(body))
}

// Trail returns the links from the first page of the service, which is at base and has a
// title, to the resource of a path, which is escaped and begins with a slash. Each part
// of the path is a resource.
func Trail(title, base, path string) []api.Link {
	trail := []api.Link{{Href: base + "/", Title: title}}
	at := base
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if part == "" {
			continue
		}
		at += "/" + part
		name, err := url.PathUnescape(part)
		if err != nil {
			name = part
		}
		trail = append(trail, api.Link{Href: at, Title: name})
	}
	return trail
}
