package ogc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/geo"
)

// A zonesRequest is what the query of a list of zones asks for.
type zonesRequest struct {
	*gridQuery
	level   geo.Resolution
	compact bool
	parent  geo.Cell    // NoCell: anywhere
	place   *geo.Region // nil: anywhere
	limit   int
	cursor  *cursor
}

func zonesParameters() []string {
	own := []string{"zone-level", "compact-zones", "parent-zone", "bbox", "bbox-crs", "subset", "subset-crs", "datetime", "limit", "cursor", "geometry", "f"}
	return append(own, filterParameters()...)
}

// parseZones reads the query of a list of zones. The error tells all faults.
func (s *service) parseZones(c *gin.Context, o *origin) (*zonesRequest, error) {
	g, err := newGridQuery(c.Request.URL.RawQuery, o, zonesParameters())
	if err != nil {
		return nil, err
	}
	r := &zonesRequest{gridQuery: g, level: engine.DefaultResolution(o.k.settings), compact: true, limit: api.MaxZones}
	r.read("compact-zones", func(text string) error {
		if r.compact = text == "true"; text != "true" && text != "false" {
			return fmt.Errorf("want true or false")
		}
		return nil
	})
	r.read("limit", func(text string) error {
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil || n == 0 {
			return fmt.Errorf("want a whole number from 1 to %d", api.MaxZones)
		}
		r.limit = min(int(n), api.MaxZones)
		return nil
	})
	r.parsePlace(o)
	r.parseLevels(o)
	if !o.root {
		r.period(o.k.zone)
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	if err := r.negotiate(c.GetHeader("Accept"), zoneFormats()); err != nil {
		return nil, err
	}
	r.cursor, err = s.cursorOf(r.query, r.hash(o))
	return r, err
}

func (r *zonesRequest) hash(o *origin) string { return queryHash(o.col.id+gridPath+"/zones", r.query) }

// parsePlace reads bbox or subset. What they are given in counts only where they are
// given (requirements /req/zone-query/bbox-crs and /req/zone-query/subset-crs).
func (r *zonesRequest) parsePlace(o *origin) {
	var box *geo.Box
	r.read("bbox", func(text string) (err error) {
		box, err = parseCorners(text, systems()[0])
		return err
	})
	if axes := r.subset(o, true); axes != nil {
		if r.query.Has("bbox") {
			r.fault("subset", "says the place, and so does bbox: give one of them")
		}
		box = axes
		r.read("subset-crs", checkCRS)
	}
	if r.query.Has("bbox") {
		r.read("bbox-crs", checkCRS)
	}
	if box == nil {
		return
	}
	var err error
	if r.place, err = geo.NewRegion(box.Outline()); err != nil {
		r.fault("bbox", err.Error())
	}
}

func checkCRS(text string) error {
	if !isCRS84(text) {
		return fmt.Errorf("want %s or [OGC:CRS84]", crs84)
	}
	return nil
}

// parseLevels reads zone-level and parent-zone. Without a level it is that of layers,
// or that of the zone where it is finer.
func (r *zonesRequest) parseLevels(o *origin) {
	r.read("zone-level", func(text string) (err error) {
		r.level, err = parseLevel(text)
		return err
	})
	r.read("parent-zone", func(text string) (err error) {
		r.parent, err = parseZone(text)
		return err
	})
	if r.parent != geo.NoCell && r.parent.Resolution() > r.level {
		if r.query.Has("zone-level") {
			r.fault("parent-zone", "is of level "+r.parent.Resolution().String()+", finer than the zones asked for")
		}
		r.level = r.parent.Resolution()
	}
	if !o.root {
		r.checkIndexed(o.k)
	}
}

// checkIndexed looks whether facts are indexed at the level.
func (r *zonesRequest) checkIndexed(k *catalog) {
	if !slices.Contains(k.settings.Resolutions, r.level) {
		r.fault("zone-level", "facts are indexed at levels "+levelsOf(k.settings.Resolutions))
	}
}

// levelsOf writes levels in a row.
func levelsOf(levels []geo.Resolution) string {
	words := make([]string, len(levels))
	for i, level := range levels {
		words[i] = level.String()
	}
	return strings.Join(words, ", ")
}
