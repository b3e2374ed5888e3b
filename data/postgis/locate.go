package postgis

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

const (
	// nearDegrees is how close to the border of a piece a point has to be looked
	// at again. Borders that cut an outline into pieces have computed corners,
	// some 1e-14 degrees off; 1e-9 degrees are a tenth of a millimetre.
	nearDegrees = 1e-9
	// locatePoints is the most points sent in one statement.
	locatePoints = 1 << 16
)

// Locate returns for every point, a longitude and latitude in degrees, the
// code of the community of a level that holds it and was in force at a time,
// "" for none. The zero time stands for no known time and means the communities
// in force without end. lon and lat are equally long; where they are not, the
// shorter counts.
//
// The rules are those of package geo/locate, by which facts are stamped, and
// so are the answers: the border belongs to a community, that of holes too, so
// that a point on a border that two share lies in both; of several the lowest
// code in byte order wins; what is not finite or not on the globe lies nowhere.
// Outlines are taken to be cut at the antimeridian, as an import leaves them.
//
// The server joins the points with the pieces of the outlines by their index.
// Points that lie within a tenth of a millimetre of the border of a piece, which
// are few, are decided on the whole outline here: ST_Covers rounds where
// coordinates are near zero, and the functions that do not round refuse
// outlines that are not valid.
func (s *Store) Locate(ctx context.Context, level data.Level, at time.Time, lon, lat []float64) ([]string, error) {
	n := min(len(lon), len(lat))
	l := locator{lon: lon[:n], lat: lat[:n], codes: make([]string, n), regions: map[int64]*geo.Region{}}
	if level.Rank() < 0 {
		return nil, fmt.Errorf("locate points: level %q is unknown", level)
	}
	err := s.read(ctx, func(tx pgx.Tx) error {
		if err := l.inForce(ctx, tx, level, at); err != nil || len(l.names) == 0 {
			return err
		}
		return l.all(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("locate points in %s: %w", level, err)
	}
	return l.codes, nil
}

// A locator finds the communities of points.
type locator struct {
	lon, lat []float64
	codes    []string // found so far

	ids     []int64               // of the communities asked
	names   map[int64]string      // their codes
	regions map[int64]*geo.Region // those needed whole so far
	near    []nearPair
}

// A nearPair is a point that the border of a piece of a community comes near.
type nearPair struct {
	point     int
	community int64
}

// inForce reads which communities are asked.
func (l *locator) inForce(ctx context.Context, tx pgx.Tx, level data.Level, at time.Time) error {
	micros := int64(math.MaxInt64)
	if !at.IsZero() {
		micros = at.UnixMicro()
	}
	rows, err := tx.Query(ctx, `SELECT id, code FROM civgrid.community WHERE level = $1::text AND outline IS NOT NULL
		AND (valid_from IS NULL OR valid_from <= $2::bigint) AND (valid_to IS NULL OR $2::bigint < valid_to)`, string(level), micros)
	if err != nil {
		return err
	}
	l.names = map[int64]string{}
	var id int64
	var code string
	_, err = pgx.ForEachRow(rows, []any{&id, &code}, func() error {
		l.ids = append(l.ids, id)
		l.names[id] = decodeText(code)
		return nil
	})
	return err
}

// all locates the points, many at a time.
func (l *locator) all(ctx context.Context, tx pgx.Tx) error {
	// The server would take longer to compile the statement than to run it.
	if _, err := tx.Exec(ctx, "SET LOCAL jit = off"); err != nil {
		return err
	}
	var points []int // by place in the statement
	var lon, lat []float64
	send := func(i int, x float64) {
		points, lon, lat = append(points, i), append(lon, x), append(lat, l.lat[i])
	}
	for i, x := range l.lon {
		if math.Abs(x) <= 180 && math.Abs(l.lat[i]) <= 90 { // not so for NaN
			send(i, x)
			if math.Abs(x) == 180 { // both sides of the antimeridian are asked
				send(i, -x)
			}
		}
		if len(points) < locatePoints && i < len(l.lon)-1 || len(points) == 0 {
			continue
		}
		if err := l.join(ctx, tx, points, lon, lat); err != nil {
			return err
		}
		points, lon, lat = points[:0], lon[:0], lat[:0]
	}
	return nil
}

// join locates the points of one statement. It reads a table that a Citus
// cluster has whole on every node, and no subquery depends on a point: Citus
// refuses that. The sum keeps the server from looking up communities by their
// own index, which it finds cheap before it has first counted the table.
func (l *locator) join(ctx context.Context, tx pgx.Tx, points []int, lon, lat []float64) error {
	var st statement
	x, y := st.arg(lon)+"::float8[]", st.arg(lat)+"::float8[]"
	tolerance := st.arg(nearDegrees) + "::float8"
	st.text = `SELECT p.i, s.community, ST_DWithin(ST_Boundary(s.outline), p.at, ` + tolerance + `)
		FROM (SELECT i, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS at FROM unnest(` + x + `, ` + y + `) WITH ORDINALITY AS u (lon, lat, i)) p
		JOIN civgrid.community_part s ON ST_DWithin(s.outline, p.at, ` + tolerance + `)
		WHERE s.community + 0 = ANY (` + st.arg(l.ids) + `::bigint[])`
	l.near = l.near[:0]
	err := each(ctx, tx, st, func(values [][]byte) error {
		if len(values[0]) != 8 || len(values[1]) != 8 || len(values[2]) != 1 {
			return errWidth
		}
		point := points[binary.BigEndian.Uint64(values[0])-1]
		community := int64(binary.BigEndian.Uint64(values[1]))
		if values[2][0] != 0 {
			l.near = append(l.near, nearPair{point, community})
		} else {
			l.found(point, community)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return l.decide(ctx, tx)
}

// found notes that a community holds a point.
func (l *locator) found(point int, community int64) {
	if l.beats(point, community) {
		l.codes[point] = l.names[community]
	}
}

// beats reports whether a community comes before what is known of a point.
func (l *locator) beats(point int, community int64) bool {
	return l.codes[point] == "" || l.names[community] < l.codes[point]
}

// decide asks whole outlines about the points near a border.
func (l *locator) decide(ctx context.Context, tx pgx.Tx) error {
	l.near = slices.DeleteFunc(l.near, func(n nearPair) bool { return !l.beats(n.point, n.community) })
	if err := l.readRegions(ctx, tx); err != nil {
		return err
	}
	for _, n := range l.near {
		region := l.regions[n.community]
		if region != nil && region.Contains(orb.Point{l.lon[n.point], l.lat[n.point]}) {
			l.found(n.point, n.community)
		}
	}
	return nil
}

// readRegions reads the outlines that are needed whole and not there yet.
func (l *locator) readRegions(ctx context.Context, tx pgx.Tx) error {
	var missing []int64
	for _, n := range l.near {
		if _, there := l.regions[n.community]; !there {
			l.regions[n.community] = nil
			missing = append(missing, n.community)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, "SELECT id, ST_AsEWKB(outline) FROM civgrid.community WHERE id = ANY ($1::bigint[])", missing)
	if err != nil {
		return err
	}
	var id int64
	var encoded []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &encoded}, func() error {
		outline, err := outlineOf(encoded)
		if err == nil {
			l.regions[id], err = geo.NewRegion(outline)
		}
		if err != nil {
			return fmt.Errorf("community %s: %w", l.names[id], err)
		}
		return nil
	})
	return err
}
