package jobs

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// maxRejects is how many rejected rows are kept to be told one by one, and shownRejects
// how many of them a document shows.
const (
	maxRejects   = 100_000
	shownRejects = 100
)

// An importResult says what became of a file.
type importResult struct {
	File    string `json:"file"`
	Dataset string `json:"dataset"`
	// Import names what was imported and how: the same again has the same name.
	Import   string           `json:"import,omitempty"`
	Source   string           `json:"source,omitempty"`
	Profile  string           `json:"profile,omitempty"`
	DryRun   bool             `json:"dry_run"`
	Read     int64            `json:"read"`
	Accepted int64            `json:"accepted"`
	Repeated int64            `json:"repeated"`
	Rejected int64            `json:"rejected"`
	Already  bool             `json:"already"`
	Changes  data.Changes     `json:"changes"`
	Reasons  map[string]int64 `json:"reasons"`
	Rejects  []rejectedRow    `json:"rejects,omitempty"` // the first of those rejected
	Notes    []ingest.Note    `json:"notes,omitempty"`
	Doubts   []doubt          `json:"doubts,omitempty"`
	// Communities and Changed count areas: those read, and those that are other
	// than before; Relinked counts others that got another area above.
	Communities int64                 `json:"communities,omitempty"`
	Changed     int64                 `json:"changed,omitempty"`
	Relinked    int64                 `json:"relinked,omitempty"`
	Remarks     []ingest.BoundaryNote `json:"remarks,omitempty"`
	Links       []api.Link            `json:"links"`

	rejects []ingest.Reject // the first, without the rows themselves
}

// A doubt is a reason to think that a file is misread, whose hint names parameters.
type doubt struct {
	ingest.Doubt
	Hint string `json:"hint"`
}

// A rejectedRow says which row of a file was not taken, and why.
type rejectedRow struct {
	Row    int64  `json:"row"` // the line of the file at which it begins
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// first returns the rejected rows that a document shows.
func (r *importResult) first() (rows []rejectedRow) {
	for _, bad := range r.rejects[:min(shownRejects, len(r.rejects))] {
		rows = append(rows, rejectedRow{bad.Line, bad.Column, bad.Value, bad.Code, bad.Message})
	}
	return rows
}

// reject notes a rejected row.
func (r *importResult) reject(bad ingest.Reject) {
	if len(r.rejects) < maxRejects {
		bad.Raw = nil
		r.rejects = append(r.rejects, bad)
	}
}

// readFacts imports a file of facts.
func readFacts(ctx context.Context, store data.Store, in ingest.Input, o ingest.Options, progress func(ingest.Progress)) (*importResult, error) {
	r := &importResult{File: in.Name, Dataset: string(o.Dataset)}
	o.Rejected = r.reject
	got, err := ingest.Import(ctx, store, in, o, progress)
	r.Import, r.Source, r.Profile = got.Import.ID, got.Reading.Source, got.Reading.Profile
	r.Read, r.Accepted, r.Repeated, r.Rejected = got.Read, got.Accepted, got.Repeated, got.Rejected
	r.Already, r.Changes, r.Reasons = got.Already, got.Changes, got.Import.Reasons
	r.Notes = got.Notes
	for _, d := range got.Reading.Doubts {
		r.Doubts = append(r.Doubts, doubt{d, d.Hint.Spell(spell)})
	}
	return r, err
}

// readOutlines imports a file of outlines.
func readOutlines(ctx context.Context, store data.Store, in ingest.Input, o ingest.BoundaryOptions, progress func(ingest.Progress)) (*importResult, error) {
	r := &importResult{File: in.Name, Dataset: boundaries, Reasons: map[string]int64{}}
	got, err := ingest.Boundaries(ctx, store, in, o, progress)
	for _, bad := range got.Rejects {
		r.Reasons[bad.Code]++
		r.reject(bad)
	}
	r.Communities, r.Changed, r.Relinked = int64(len(got.Communities)), got.Changed, got.Relinked
	r.Rejected, r.Accepted = int64(len(got.Rejects)), r.Communities
	r.Read = r.Accepted + r.Rejected
	r.Changes, r.Remarks = got.Restamped, got.Notes
	return r, err
}

// bytes reckons 200 bytes for a rejected row.
func (r *importResult) bytes() int64 { return 1<<10 + 200*int64(len(r.rejects)) }

func (r *importResult) show(s *service, c *gin.Context, at, format string) error {
	switch format {
	case "", "json", "html":
		told := *r
		told.Rejects = r.first()
		told.Links = slices.Insert(api.Itself(c.Request, at, api.JSON), 1, rejectsAt(at))
		return s.json(c, http.StatusOK, told)
	case "csv":
		return r.writeRejects(c)
	}
	return &api.QueryError{Faults: []api.Fault{{Parameter: "f", Detail: "want json, html or csv"}}}
}

// explain answers with why an import failed: with a problem that tells the first rejected
// rows, of which there may be more, or with all of them as CSV.
func (r *importResult) explain(c *gin.Context, p *api.Problem, at, format string) error {
	switch {
	case len(r.rejects) == 0:
		return p
	case format == "csv":
		return r.writeRejects(c)
	}
	told := *p
	told.Members = object{"read": r.Read, "rejected": r.Rejected, "reasons": r.Reasons, "rejects": r.first(), "links": []api.Link{rejectsAt(at)}}
	return &told
}

// rejectsAt links to the rejected rows of the result at an address.
func rejectsAt(at string) api.Link {
	return api.Link{Href: at + "?f=csv", Rel: "alternate", Type: api.CSV.Bare(), Title: "The rejected rows"}
}

// writeRejects answers with the rejected rows that are kept, as CSV.
func (r *importResult) writeRejects(c *gin.Context) error {
	c.Header("Content-Type", string(api.CSV))
	c.Header("Content-Disposition", `attachment; filename="rejects.csv"`)
	return encode.WriteTable(c.Writer, "csv", r.table(), encode.Options{})
}

// table returns the rejected rows as rows.
func (r *importResult) table() *encode.Table {
	word := func(name, title string, of func(ingest.Reject) string) analytics.Column {
		c := analytics.Column{Name: name, Title: title, Type: analytics.WordColumn}
		for _, bad := range r.rejects {
			c.Words = append(c.Words, of(bad))
		}
		return c
	}
	t := &encode.Table{Name: "rejects", Title: "Rejected rows"}
	lines := analytics.Column{Name: "row", Title: "Line of the file at which the row begins", Type: analytics.IntColumn}
	for i, bad := range r.rejects {
		t.IDs = append(t.IDs, strconv.Itoa(i+1))
		lines.Ints = append(lines.Ints, bad.Line)
	}
	t.Columns = []analytics.Column{
		lines,
		word("column", "Column of the file", func(bad ingest.Reject) string { return bad.Column }),
		word("value", "What stands there", func(bad ingest.Reject) string { return bad.Value }),
		word("code", "Kind of reason", func(bad ingest.Reject) string { return bad.Code }),
		word("reason", "Reason", func(bad ingest.Reject) string { return bad.Message }),
	}
	return t
}
