package ogc

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
)

// writeRoutes registers what changes facts (OGC API - Features Part 4, 20-002r1), where
// callers may.
func (s *service) writeRoutes(router gin.IRouter) {
	if !s.records() {
		return
	}
	const items, item = "/collections/:collectionId/items", "/collections/:collectionId/items/:featureId"
	router.POST(items, s.answer(s.create))
	router.PUT(item, s.answer(s.replace))
	router.PATCH(item, s.answer(s.update))
	router.DELETE(item, s.answer(s.remove))
	router.OPTIONS(items, s.answer(s.methods(http.MethodPost)))
	router.OPTIONS(item, s.answer(s.methods(http.MethodDelete, http.MethodPatch, http.MethodPut)))
}

// methods returns a handler that tells what can be done at an address: reading, and with
// facts some more.
func (s *service) methods(more ...string) handler {
	return func(c *gin.Context) error {
		col, _, err := s.findAny(c, c.Param("collectionId"))
		if err != nil {
			return err
		}
		allowed := []string{http.MethodGet, http.MethodHead, http.MethodOptions}
		if col.facts != nil {
			allowed = append(allowed, more...)
			tellTypes(c.Writer.Header(), more...)
		}
		slices.Sort(allowed)
		c.Header("Allow", strings.Join(allowed, ", "))
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return nil
	}
}

// writable returns the collection that a request changes.
func (s *service) writable(c *gin.Context) (*collection, *catalog, error) {
	if _, err := api.ParseQuery(c.Request.URL.RawQuery, nil); err != nil {
		return nil, nil, err
	}
	col, k, err := s.findAny(c, c.Param("collectionId"))
	if err != nil {
		return nil, nil, err
	}
	if col.facts == nil {
		c.Header("Allow", "GET, HEAD, OPTIONS")
		return nil, nil, api.NewProblem("method-not-allowed", "This collection can only be read here.")
	}
	return col, k, nil
}

// create answers POST …/items: it keeps a new fact. One with an Idempotency-Key
// (draft-ietf-httpapi-idempotency-key-header-07) that is sent again is kept once.
func (s *service) create(c *gin.Context) error {
	col, _, err := s.writable(c)
	if err != nil {
		return err
	}
	sent, in, err := s.sent(c)
	if err != nil {
		return err
	}
	d := col.facts.draft()
	if err := d.take(sent, in); err != nil {
		return err
	}
	if d.text("source") == "" {
		d.values["source"] = recordSource
	}
	key, err := api.IdempotencyKey(c.Request.Header)
	if err != nil {
		return err
	}
	if d.text("id") == "" && key != "" {
		return s.createOnce(c, col, d, key)
	}
	if d.text("id") == "" {
		d.values["id"] = api.NewUUID()
	}
	st, err := s.keep(c.Request.Context(), col, d, nil)
	if !errors.Is(err, data.ErrChanged) {
		return s.kept(c, col, d, st, http.StatusCreated, err)
	}
	if key != "" { // it may be the same request again
		if there, err := s.present(c.Request.Context(), col, d); err == nil && there != nil && d.says(there) {
			return s.kept(c, col, d, there, http.StatusCreated, nil)
		}
	}
	return api.NewProblem("conflict", "There is a feature of that source and id already: PUT it to replace it.")
}

// createOnce keeps a new fact that is known by the Idempotency-Key of its request. The
// same request again is answered as the first was, whatever became of the fact since; the
// key with another body, or after the fact was deleted, is refused.
func (s *service) createOnce(c *gin.Context, col *collection, d *draft, key string) error {
	id, prefix, err := d.onceID(api.CallerOf(c.Request.Context()).ID, key)
	if err != nil {
		return err
	}
	known, err := s.recordedBy(c.Request.Context(), col, d.text("source"), prefix)
	if err != nil {
		return err
	}
	d.values["id"], d.once = id, true
	if len(known) > 0 && !slices.Contains(known, id) {
		return api.NewProblem("idempotency-key-reused", "")
	}
	if len(known) == 0 {
		st, err := s.keep(c.Request.Context(), col, d, nil)
		if !errors.Is(err, data.ErrChanged) {
			return s.kept(c, col, d, st, http.StatusCreated, err)
		} // the request again, at the same moment
	}
	st, err := s.present(c.Request.Context(), col, d)
	return s.kept(c, col, d, st, http.StatusCreated, err)
}

// recordedBy returns the ids of the facts of a source that begin with a text.
func (s *service) recordedBy(ctx context.Context, col *collection, source, prefix string) (ids []string, err error) {
	where := data.All{
		data.Compare{Column: "source", Op: data.Equal, Value: source},
		data.Like{Column: "id", Pattern: prefix + "%"},
	}
	for b, err := range col.facts.scan(ctx, where, "id") {
		if err != nil {
			return nil, err
		}
		for row := range b.Len() {
			ids = append(ids, strings.Clone(b.Texts("id").At(row)))
		}
	}
	return ids, nil
}

func errNoFeature() error {
	return api.NewProblem("not-found", "There is no feature of that id in this collection.")
}

// addressed returns the draft of the fact of an id.
func addressed(col *collection, id string) (*draft, error) {
	source, own, ok := encode.ParseFactID(id)
	if !ok || source == "" || own == "" {
		return nil, api.NewProblem("not-found", "The id of a feature is its source, a colon and its id there, such as field:2026-0815.")
	}
	d := col.facts.draft()
	d.values["source"], d.values["id"] = source, own
	return d, nil
}

// sent returns the feature of a request and the coordinate system it is in.
func (s *service) sent(c *gin.Context) (*sentFeature, system, error) {
	in, err := sentSystem(c)
	if err != nil {
		return nil, system{}, err
	}
	sent, err := receive(c)
	return sent, in, err
}

// kept answers with the fact that a request kept, as it was kept. Where that is not known
// any more, st is nil and the answer has no body.
func (s *service) kept(c *gin.Context, col *collection, d *draft, st *state, status int, err error) error {
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	if status == http.StatusCreated {
		c.Header("Location", s.itemURL(c, col, encode.FactID(d.text("source"), d.text("id"))))
	}
	if st == nil {
		c.Status(status)
		c.Writer.WriteHeaderNow()
		return nil
	}
	r := &request{}
	table, err := st.table(col, r)
	if err != nil {
		return err
	}
	c.Header("ETag", s.tag(st, col.tag()))
	c.Status(status)
	return s.writeItem(c, col, r, table, 0)
}

// factItem answers with the fact of an id. Its tag is what If-Match is to name, and
// depends on nothing but the fact.
func (s *service) factItem(c *gin.Context, col *collection, r *request) error {
	d, err := addressed(col, c.Param("featureId"))
	if err != nil {
		return errNoFeature()
	}
	now, err := s.present(c.Request.Context(), col, d)
	if err != nil || now == nil {
		return cmp.Or(err, errNoFeature())
	}
	c.Writer.Header().Add("Vary", "Accept")
	shown := r.query.Canonical("f") + col.tag()
	if api.WantsPage(c.Request, api.GeoJSON) {
		shown += "as a page"
	}
	if s.tagged(c, s.tag(now, shown)) {
		return nil
	}
	table, err := now.table(col, r)
	if err != nil {
		return err
	}
	c.Status(http.StatusOK)
	return s.writeItem(c, col, r, table, 0)
}

// table returns the table of the one fact, as a request wants it shown.
func (st *state) table(col *collection, r *request) (*encode.Table, error) {
	return col.facts.Table(func(yield func(data.Batch, error) bool) { yield(st.batch, nil) }, r.shown)
}

// present returns the fact of the source and id of a draft as it is kept, nil where there
// is none.
func (s *service) present(ctx context.Context, col *collection, d *draft) (*state, error) {
	where := data.All{
		data.Compare{Column: "source", Op: data.Equal, Value: d.text("source")},
		data.Compare{Column: "id", Op: data.Equal, Value: d.text("id")},
	}
	for b, err := range col.facts.source.Scan(ctx, data.Query{Dataset: col.facts.Dataset(), Where: where}) {
		if err != nil {
			return nil, err
		}
		if b.Len() > 0 {
			return &state{batch: b, revision: data.Revisions(b)[0]}, nil
		}
	}
	return nil, nil // no fact is an answer
}
