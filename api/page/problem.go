package page

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/api"
)

// maxTrailBytes bounds the path of an address whose trail is shown with a problem:
// addresses that lead to nothing may be of thousands of parts.
const maxTrailBytes = 256

// problem is the body of the page of a problem: why, what can be done, and all else.
var problem = Frame(`{{with .Detail}}<p>{{.}}</p>
{{end}}{{with .Links}}{{template "links" .}}{{end}}{{template "value" .Value}}`)

// WriteProblem answers a request with a problem: as JSON (RFC 9457) or, for those whom
// [api.WantsProblemPage] names, as a page that holds the same. Title is that of the
// service, base its public address without a slash at the end. The id of the request is
// taken from the X-Request-Id of the answer.
func WriteProblem(w http.ResponseWriter, r *http.Request, title, base string, p *api.Problem) {
	h := w.Header()
	if !slices.ContainsFunc(h.Values("Vary"), func(v string) bool { return v == "Accept" }) {
		h.Add("Vary", "Accept")
	}
	text := p.Document(base, h.Get("X-Request-Id"))
	if api.WantsProblemPage(r) {
		if shown, err := problemPage(text, title, base, r.URL.EscapedPath()); err == nil {
			p.Write(w, api.HTML, shown)
			return
		}
	}
	p.Write(w, api.ProblemJSON, text)
}

// problemPage returns the page of the document of a problem at a path.
func problemPage(text []byte, title, base, path string) ([]byte, error) {
	whole, err := read(text)
	if err != nil {
		return nil, err
	}
	if len(path) > maxTrailBytes {
		path = "/"
	}
	shown := struct {
		Head
		Detail string
		Value  *value
		Links  []api.Link
	}{Head: Head{Trail: Trail(title, base, path)}, Value: whole}
	shown.Links = whole.takeLinks()
	if kind := whole.member("type"); kind != nil && strings.HasPrefix(kind.Text, "http") {
		kind.Href = kind.Text
	}
	whole.Members = slices.DeleteFunc(whole.Members, func(m member) bool {
		switch m.Name {
		case "title":
			shown.Title = m.Value.Text
		case "detail":
			shown.Detail = m.Value.Text
		default:
			return false
		}
		return true
	})
	whole.Whole = true
	var b bytes.Buffer
	err = problem.ExecuteTemplate(&b, "frame", shown)
	return b.Bytes(), err
}
