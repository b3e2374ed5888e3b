package ogc

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/geo"
)

// dataFormats are those of data of zones (21-038r1, requirements
// /req/data-json/content and /req/data-geojson/content, and CSV).
func dataFormats() []gridFormat {
	return []gridFormat{{"json", api.JSON}, {"geojson", api.GeoJSON}, {"csv", api.CSV}, {"html", api.HTML}}
}

// A dataRequest is what the query of a request for the data of a zone asks for.
type dataRequest struct {
	*gridQuery
	zone        geo.Cell
	depths      []int
	collections []*collection
	only, but   []string // fields to give, or not to; nil for all
}

func dataParameters(root bool) []string {
	own := append([]string{"zone-depth", "datetime", "subset", "properties", "exclude-properties", "geometry", "f"}, filterParameters()...)
	if root {
		own = append(own, "collections")
	}
	return own
}

// zoneData answers .../dggs/H3/zones/{zoneId}/data (requirement
// /req/data-retrieval/zone-data): the numbers of a layer or, for the dataset, of all
// layers by cells. Those of each depth are computed at its own level: what is told of
// a zone is counted in it, not added up from its sub-zones.
func (s *service) zoneData(c *gin.Context) error {
	o, err := s.origin(c)
	if err != nil {
		return err
	}
	zone, err := namedZone(c)
	if err != nil {
		return err
	}
	r, err := parseData(c, o, zone)
	if err != nil {
		return err
	}
	if s.known(c, o.k, nil, r.query.Canonical("f"), string(r.format.media)) {
		return nil
	}
	d, err := s.collect(c, o, r)
	if err != nil {
		return err
	}
	if d == nil {
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return nil
	}
	c.Header("Content-Type", string(r.format.media))
	if r.format.name == "csv" {
		c.Header("Content-Disposition", `attachment; filename="`+zone.String()+`.csv"`)
	}
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return nil
	}
	if r.format.name == "json" {
		return encode.WriteZoneData(c.Writer, *d)
	}
	table, options := d.Table(r.shape), encode.Options{}
	if r.format.media == api.HTML {
		options.Page = &encode.Page{
			Matched: table.Len(), TimeStamp: s.Now(), Trail: s.trail(c), Links: r.itself(o.href(zonePath(zone)+"/data", ""), dataFormats()),
			At: func(zone string) string { return o.href(gridPath+"/zones/"+zone, "") },
		}
	}
	return encode.WriteTable(c.Writer, r.format.name, table, options)
}

// parseData reads the query of a request for the data of a zone. The error tells all
// faults.
func parseData(c *gin.Context, o *origin, zone geo.Cell) (*dataRequest, error) {
	g, err := newGridQuery(c.Request.URL.RawQuery, o, dataParameters(o.root))
	if err != nil {
		return nil, err
	}
	r := &dataRequest{gridQuery: g, zone: zone, depths: []int{defaultDepth}, collections: []*collection{o.col}}
	r.read("zone-depth", func(text string) (err error) {
		r.depths, err = parseDepths(text)
		return err
	})
	if err := checkDepths(zone, r.depths, o.k.settings.Resolutions); err != nil {
		r.fault("zone-depth", err.Error())
	}
	r.subset(o, false)
	r.period(o.k.zone)
	if o.root {
		r.parseCollections(o.k)
	}
	r.read("properties", func(text string) error { r.only = strings.Split(text, ","); return nil })
	r.read("exclude-properties", func(text string) error {
		if r.but = strings.Split(text, ","); r.only != nil {
			return fmt.Errorf("is the contrary of properties: give one of them")
		}
		return nil
	})
	if err := r.check(); err != nil {
		return nil, err
	}
	if n := countZones(zone, r.depths); n > api.MaxZones {
		return nil, tooMany(n)
	}
	return r, r.negotiate(c.GetHeader("Accept"), dataFormats())
}

// parseCollections reads which layers of the dataset are meant: all by cells unless
// some are named.
func (r *dataRequest) parseCollections(k *catalog) {
	r.collections = nil
	var there []string
	for i := range k.collections {
		if col := &k.collections[i]; col.byCells {
			r.collections, there = append(r.collections, col), append(there, col.id)
		}
	}
	r.read("collections", func(text string) error {
		all := r.collections
		r.collections = nil
		for name := range strings.SplitSeq(text, ",") {
			i := slices.Index(there, name)
			if i < 0 || slices.Contains(r.collections, all[i]) {
				return fmt.Errorf("want some of %s, each once", strings.Join(there, ", "))
			}
			r.collections = append(r.collections, all[i])
		}
		return nil
	})
}
