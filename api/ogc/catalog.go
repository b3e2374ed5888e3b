package ogc

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
)

// A collection is one set of features that is served.
type collection struct {
	id, title, description string
	// params are the parameters of the analysis behind it; nil for plain
	// features.
	params []analytics.Param
	// columns describe the properties, as far as they are known before there are rows.
	columns []analytics.Column
	// period is set where datetime chooses what is computed.
	period bool
	// byCells is set where the rows are cells of the resolution asked for.
	byCells bool
	// facts are set where the features are facts, which are read from their store;
	// then there are no rows.
	facts *facts
	// rows returns the features of a data version.
	rows func(ctx context.Context, version string, given map[string]string) (*encode.Table, error)
}

// A catalog is what there is to serve at one moment.
type catalog struct {
	version     string       // of the data
	mixed       bool         // the data moved on while it was made
	collections []collection // of rows that are held
	facts       []collection
	hierarchy   *data.Hierarchy
	box         orb.Bound
	from, to    time.Time
	zone        *time.Location
	settings    data.Settings
	tiling      tiling
}

// catalog returns what there is to serve; it is made once for each data version. One
// of data that change without a pause is made for each request.
func (s *service) catalog(ctx context.Context) (*catalog, error) {
	version, err := s.Tables.engine.Version(ctx)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		if k := s.latest.Load(); k != nil && k.version == version {
			return k, nil
		}
		k, err := s.list(ctx)
		if err != nil {
			return nil, err
		}
		before := version
		if version, err = s.Tables.engine.Version(ctx); err != nil {
			return nil, err
		}
		k.version, k.mixed = version, version != before
		if !k.mixed {
			s.latest.Store(k)
		}
		if !k.mixed || try == maxTries {
			return k, nil
		}
	}
}

// list makes the collections: each analysis by cells and by each level there is,
// communities, resources.
func (s *service) list(ctx context.Context) (*catalog, error) {
	h, err := s.Tables.engine.Hierarchy(ctx)
	if err != nil {
		return nil, err
	}
	settings, err := s.Tables.engine.Settings(ctx)
	if err != nil {
		return nil, err
	}
	k := &catalog{zone: time.UTC, settings: settings, hierarchy: h}
	if zone, err := settings.Location(); err == nil {
		k.zone = zone
	}
	if k.box, k.from, k.to, err = s.Tables.engine.Extent(ctx); err != nil {
		return nil, err
	}
	k.tiling = newTiling(k.box, settings)
	if !k.from.IsZero() {
		if err := s.layers(ctx, k, h); err != nil {
			return nil, err
		}
	}
	k.facts = s.listFacts()
	k.collections = append(k.collections, s.communities(h)...)
	k.collections = append(k.collections, collection{
		id: "resources", title: "Resources", description: "Stations, teams, facilities and other means.",
		columns: encode.DescribeResources(),
		rows: func(ctx context.Context, version string, _ map[string]string) (*encode.Table, error) {
			return s.Tables.Resources(ctx, version)
		},
	})
	return k, nil
}

// layers adds the collections of every analysis: by cells, by each level of
// communities, and by those who answer for facts where facts say so.
func (s *service) layers(ctx context.Context, k *catalog, h *data.Hierarchy) error {
	parties, err := s.Tables.engine.Parties(ctx, data.Incidents)
	if err != nil {
		return err
	}
	for _, a := range s.Analyses {
		params, err := s.Tables.engine.Params(ctx, a)
		if err != nil {
			return err
		}
		levels := h.Levels()
		if !a.Near {
			levels = append(levels, parties...)
		}
		k.collections = append(k.collections, s.analysis(a, params, levels)...)
	}
	return nil
}

// analysis returns the collections of an analysis.
func (s *service) analysis(a analytics.Analysis, params []analytics.Param, levels []data.Level) []collection {
	list := []collection{{
		id: a.Name, title: a.Title, description: a.Doc, params: params, period: true, rows: s.layer(a.Name, nil),
		columns: append(engine.Identity(true), engine.Columns(a)...),
	}}
	list[0].byCells = true
	for _, level := range levels {
		list = append(list, collection{
			id: a.Name + "-" + string(level), title: fmt.Sprintf("%s, by %s", a.Title, levelWord(level)), description: a.Doc,
			params: without(params, "level", "res", "fill"), period: true,
			columns: append(engine.Identity(false), engine.Columns(a)...),
			rows:    s.layer(a.Name, map[string]string{"level": string(level)}),
		})
	}
	return list
}

func levelWord(l data.Level) string {
	return strings.ReplaceAll(string(l), "_", " ")
}

func without(params []analytics.Param, names ...string) []analytics.Param {
	var left []analytics.Param
	for _, p := range params {
		keep := true
		for _, name := range names {
			keep = keep && p.Name != name
		}
		if keep {
			left = append(left, p)
		}
	}
	return left
}

// layer returns a function that runs an analysis with some parameters fixed.
func (s *service) layer(name string, fixed map[string]string) func(context.Context, string, map[string]string) (*encode.Table, error) {
	return func(ctx context.Context, version string, given map[string]string) (*encode.Table, error) {
		given = maps.Clone(given)
		if given == nil {
			given = map[string]string{}
		}
		maps.Copy(given, fixed)
		return s.Tables.Layer(ctx, version, name, given)
	}
}

// communities returns the collection of all communities and that of each level.
func (s *service) communities(h *data.Hierarchy) []collection {
	rows := func(level data.Level) func(context.Context, string, map[string]string) (*encode.Table, error) {
		return func(ctx context.Context, version string, _ map[string]string) (*encode.Table, error) {
			return s.Tables.Communities(ctx, version, level)
		}
	}
	list := []collection{{id: "communities", title: "Communities", description: "Governed areas of all levels.", columns: encode.DescribeCommunities(), rows: rows("")}}
	for _, level := range h.Levels() {
		list = append(list, collection{
			id: "communities-" + string(level), title: "Communities, level " + levelWord(level),
			description: "Governed areas of one level.", columns: encode.DescribeCommunities(), rows: rows(level),
		})
	}
	return list
}

// find returns the collection that a request names, of those whose rows are held.
func (s *service) find(c *gin.Context) (*collection, *catalog, error) {
	return s.named(c, c.Param("collectionId"), (*catalog).get)
}

// findAny returns the collection of that name, of facts too.
func (s *service) findAny(c *gin.Context, id string) (*collection, *catalog, error) {
	return s.named(c, id, (*catalog).getAny)
}

func (s *service) named(c *gin.Context, id string, get func(*catalog, string) *collection) (*collection, *catalog, error) {
	k, err := s.catalog(c.Request.Context())
	if err != nil {
		return nil, nil, err
	}
	if col := get(k, id); col != nil {
		return col, k, nil
	}
	if slices.Contains([]data.Dataset{data.Incidents, data.Inspections}, data.Dataset(id)) && s.Identified && api.CallerOf(c.Request.Context()).Role == api.Anonymous {
		return nil, nil, api.NewProblem("unauthorized", "This collection is shown to holders of a key or token.")
	}
	return nil, nil, api.NewProblem("not-found", "There is no collection of that name; /collections lists those there are.")
}

// all yields every collection, those of facts last.
func (k *catalog) all() iter.Seq[*collection] {
	return func(yield func(*collection) bool) {
		for _, list := range [][]collection{k.collections, k.facts} {
			for i := range list {
				if !yield(&list[i]) {
					return
				}
			}
		}
	}
}

// getAny returns the collection of that name, of facts too, nil if there is none.
func (k *catalog) getAny(id string) *collection {
	for i := range k.facts {
		if k.facts[i].id == id {
			return &k.facts[i]
		}
	}
	return k.get(id)
}

// get returns the collection of that name whose rows are held, nil if there is none.
func (k *catalog) get(id string) *collection {
	for i := range k.collections {
		if k.collections[i].id == id {
			return &k.collections[i]
		}
	}
	return nil
}

// versionOf returns the data version of the cursor, that of the catalog without one.
func (k *catalog) versionOf(at *cursor) string {
	if at != nil {
		return at.version
	}
	return k.version
}

// rows returns the rows of a collection of the data version of the cursor, else of the
// catalog; errGone where the data have moved on since that was made. Rows that were
// made while they did make the answer one without a tag.
func (s *service) rows(c *gin.Context, k *catalog, col *collection, given map[string]string, at *cursor) (*encode.Table, error) {
	ctx := c.Request.Context()
	if at != nil {
		t, err := col.rows(ctx, at.version, given)
		if errors.Is(err, errGone) || errors.Is(err, errMixed) {
			return nil, api.NewProblem("cursor-expired", "")
		}
		return t, err
	}
	t, err := col.rows(ctx, k.version, given)
	switch {
	case !errors.Is(err, errMixed):
		return t, err
	case t.Layer == nil && !c.GetBool(lastTry):
		return nil, errGone // to be read again takes no time; a layer was begun anew already
	}
	untag(c.Writer.Header())
	return t, nil
}
