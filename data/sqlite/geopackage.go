package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

// The header of a GeoPackage geometry (OGC 12-128r17, 2.1.3.1.1): magic,
// version, flags, srs_id and envelope, then well-known binary.
const (
	headerFixed    = 8
	headerEnvelope = 4 * 8
	flagsLittle    = 1      // byte order of the header
	flagsEnvelope  = 1 << 1 // minx, maxx, miny, maxy
	envelopeMask   = 7 << 1
	wgs84          = 4326
)

// outlineBlob encodes an outline, nil for none.
func outlineBlob(outline orb.MultiPolygon) (value, error) {
	if len(outline) == 0 {
		return nil, nil
	}
	b := []byte{'G', 'P', 0, flagsLittle | flagsEnvelope}
	b = binary.LittleEndian.AppendUint32(b, wgs84)
	bound := outline.Bound()
	for _, v := range []float64{bound.Min[0], bound.Max[0], bound.Min[1], bound.Max[1]} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	body, err := wkb.Marshal(outline, binary.LittleEndian)
	if err != nil {
		return nil, fmt.Errorf("encode outline: %w", err)
	}
	return append(b, body...), nil
}

// outlineOf decodes an outline. A polygon, which other programs may have
// written, counts as a multipolygon of one.
func outlineOf(blob []byte) (orb.MultiPolygon, error) {
	if blob == nil {
		return nil, nil
	}
	if len(blob) < headerFixed || blob[0] != 'G' || blob[1] != 'P' {
		return nil, errors.New("outline is not a GeoPackage geometry")
	}
	sizes := map[byte]int{0: 0, 1 << 1: headerEnvelope, 2 << 1: 6 * 8, 3 << 1: 6 * 8, 4 << 1: 8 * 8}
	size, ok := sizes[blob[3]&envelopeMask]
	if !ok || len(blob) < headerFixed+size {
		return nil, errors.New("outline has no GeoPackage header")
	}
	geometry, err := wkb.Unmarshal(blob[headerFixed+size:])
	if err != nil {
		return nil, fmt.Errorf("decode outline: %w", err)
	}
	switch g := geometry.(type) {
	case orb.MultiPolygon:
		if len(g) == 0 {
			return nil, nil
		}
		return g, nil
	case orb.Polygon:
		return orb.MultiPolygon{g}, nil
	}
	return nil, fmt.Errorf("outline is a %s", geometry.GeoJSONType())
}

// putExtent brings the row of the layer "community" in gpkg_contents up to date.
func putExtent(c session) error {
	extent := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	head := fmt.Sprintf("SELECT substr(geom, 1, %d) FROM community WHERE geom IS NOT NULL", headerFixed+headerEnvelope)
	err := c.each(head, nil, func(row []value) error {
		head, _ := row[0].([]byte)
		if len(head) < headerFixed+headerEnvelope || head[3] != flagsLittle|flagsEnvelope {
			return nil // not written by us
		}
		at := func(i int) float64 {
			return math.Float64frombits(binary.LittleEndian.Uint64(head[headerFixed+8*i:]))
		}
		extent = extent.Union(orb.Bound{Min: orb.Point{at(0), at(2)}, Max: orb.Point{at(1), at(3)}})
		return nil
	})
	if err != nil || extent.Min[0] > extent.Max[0] {
		return err
	}
	return c.exec(`UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ','now'),
		min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = 'community'`,
		extent.Min[0], extent.Min[1], extent.Max[0], extent.Max[1])
}
