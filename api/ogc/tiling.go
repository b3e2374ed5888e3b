package ogc

import (
	"context"
	"errors"
	"fmt"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/api/tile"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// maxOffered is the most cells of the study area at which tiles show a
// resolution that is finer than the usual one and was not asked for: looking
// closer must not start a computation that takes minutes.
const maxOffered = 200_000

// A tiling says which resolution of cells the tiles of a zoom show.
type tiling struct {
	ladder  tile.Ladder
	offered []geo.Resolution
}

// newTiling offers the resolutions served up to the usual one, and finer ones
// where the box of the study area holds few cells.
func newTiling(box orb.Bound, settings data.Settings) tiling {
	t := tiling{ladder: tile.LadderOf(box)}
	if len(settings.Resolutions) == 0 {
		return t
	}
	usual := engine.DefaultResolution(settings)
	for _, r := range settings.Resolutions {
		if r <= usual || !box.IsEmpty() && cellsIn(box, r) <= maxOffered {
			t.offered = append(t.offered, r)
		}
	}
	return t
}

// cellsIn returns about how many cells a box holds.
func cellsIn(box orb.Bound, r geo.Resolution) float64 {
	return float64(geo.AreaOf(orb.MultiPolygon{box.ToPolygon()}) / tile.CellArea(box, r))
}

// resolutions returns what each zoom shows.
func (t tiling) resolutions() []geo.Resolution {
	var all []geo.Resolution
	for zoom := range t.ladder {
		if r, ok := t.ladder.Pick(zoom, t.offered); ok {
			all = append(all, r)
		}
	}
	return all
}

// cells reports whether a request shows a collection by cells.
func (col *collection) cells(r *request) bool {
	for _, p := range col.params {
		if p.Name == "res" {
			return r.given["level"] == ""
		}
	}
	return false
}

// tileLayer returns the rows of a collection that a tile shows.
func (s *service) tileLayer(c *gin.Context, k *catalog, col *collection, r *request, at tile.Address) (tile.Layer, error) {
	asked := r.given["res"] != ""
	if col.cells(r) && !asked {
		if res, ok := k.tiling.ladder.Pick(at.Zoom, k.tiling.offered); ok {
			r.given["res"] = res.String()
		}
	}
	table, err := s.rows(c, k, col, r.given, nil)
	if err != nil {
		return tile.Layer{}, err
	}
	l := tile.Layer{Name: col.id, Table: table}
	if !col.period && r.interval != nil {
		l.Rows = r.matching(table, true)
	}
	if len(table.Cells) <= tile.MaxFeatures {
		return l, nil
	}
	most := k.tiling.ladder[at.Zoom]
	if asked {
		return l, tooFine(l, at, most)
	}
	if table.Cells[0].Resolution() > most {
		l.Table, err = s.Tables.coarse(c.Request.Context(), k.version, r.given, table, most)
	}
	return l, err
}

// tooFine says that cells of a resolution that was asked for are too many for a
// tile; nil if they are not.
func tooFine(l tile.Layer, at tile.Address, most geo.Resolution) error {
	n := l.Meeting(at)
	if n <= tile.MaxFeatures {
		return nil
	}
	return &api.QueryError{Faults: []api.Fault{{Parameter: "res", Detail: fmt.Sprintf(
		"is too fine for tile matrix %d: this tile would hold %d cells, more than %d. Give one up to %d, or none", at.Zoom, n, tile.MaxFeatures, most)}}}
}

// coarse returns the rows of a layer drawn at a coarser resolution.
func (t *Tables) coarse(ctx context.Context, version string, given map[string]string, table *encode.Table, r geo.Resolution) (*encode.Table, error) {
	what := fmt.Sprintf("%s at %d?%s", table.Name, r, canonical(given))
	build := func() (*encode.Table, error) { return tile.Coarsen(table, r), nil }
	coarse, err := t.get(ctx, version, what, build)
	if errors.Is(err, errGone) || errors.Is(err, errMixed) {
		return build() // the data moved on: for this answer, as they were
	}
	return coarse, err
}
