package postgis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"

	"github.com/civgrid/civgrid/data"
)

// wgs84 is the identifier of longitude and latitude on WGS 84.
const wgs84 = 4326

// partCorners is the most corners of a piece of an outline.
const partCorners = 64

// Communities implements [data.Catalog]. Outlines and names are shared and must
// not be written to.
func (s *Store) Communities(ctx context.Context) ([]data.Community, error) {
	communities, err := s.heldCommunities(ctx, s.pool)
	if err != nil {
		return nil, fmt.Errorf("read communities: %w", known(ctx, err))
	}
	return slices.Clone(communities), nil
}

// heldCommunities returns the communities, and reads them only where they have
// changed: outlines are large, and asked for after every batch.
func (s *Store) heldCommunities(ctx context.Context, q querier) ([]data.Community, error) {
	const digestOf = "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(digest, id)), 0) FROM civgrid.community"
	var digest string
	err := q.QueryRow(ctx, digestOf).Scan(&digest)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	areas := s.areas
	s.mu.Unlock()
	if areas.digest == digest {
		return areas.held, nil
	}
	if areas.held, err = readCommunities(ctx, q); err != nil {
		return nil, err
	}
	var after string // outside a transaction they may have changed meanwhile
	err = q.QueryRow(ctx, digestOf).Scan(&after)
	if err == nil && after == digest {
		areas.digest = digest
		s.mu.Lock()
		s.areas = areas
		s.mu.Unlock()
	}
	return areas.held, err
}

func readCommunities(ctx context.Context, q querier) ([]data.Community, error) {
	rows, err := q.Query(ctx, `SELECT code, level, parent, names::text, ST_AsEWKB(outline), population, responsible, valid_from, valid_to
		FROM civgrid.community ORDER BY code, valid_from NULLS FIRST`)
	if err != nil {
		return nil, err
	}
	var communities []data.Community
	var code, level, parent, names, responsible string
	var outline []byte
	var population, from, to *int64
	_, err = pgx.ForEachRow(rows, []any{&code, &level, &parent, &names, &outline, &population, &responsible, &from, &to}, func() error {
		c := data.Community{
			Code: decodeText(code), Level: data.Level(level), Parent: decodeText(parent), Responsible: decodeText(responsible),
			ValidFrom: boundOf(from), ValidTo: boundOf(to),
		}
		if population != nil {
			c.Population, c.HasPopulation = *population, true
		}
		if err := json.Unmarshal([]byte(names), &c.Names); err != nil {
			return fmt.Errorf("community %s: names: %w", c.Code, err)
		}
		var err error
		if c.Outline, err = outlineOf(outline); err != nil {
			return fmt.Errorf("community %s: %w", c.Code, err)
		}
		communities = append(communities, c)
		return nil
	})
	return communities, err
}

func outlineOf(b []byte) (orb.MultiPolygon, error) {
	if b == nil {
		return nil, nil
	}
	geometry, _, err := ewkb.Unmarshal(b)
	if err != nil {
		return nil, fmt.Errorf("decode outline: %w", err)
	}
	outline, ok := geometry.(orb.MultiPolygon)
	if !ok {
		return nil, fmt.Errorf("outline is a %s", geometry.GeoJSONType())
	}
	if len(outline) == 0 {
		return nil, nil
	}
	return outline, nil
}

// boundOf returns the time of a stored bound, the zero time for none.
func boundOf(micros *int64) time.Time {
	if micros == nil {
		return time.Time{}
	}
	return time.UnixMicro(*micros).UTC()
}

// bound returns what is stored for a bound, nil for none.
func bound(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	micros := t.UnixMicro()
	return &micros
}

// PutCommunities implements [data.Catalog].
func (s *Store) PutCommunities(ctx context.Context, communities []data.Community) (changed int64, err error) {
	accepted := make([]data.Community, len(communities))
	for i, c := range communities {
		if accepted[i], err = data.AcceptCommunity(c); err != nil {
			return 0, fmt.Errorf("keep communities: %w", err)
		}
	}
	err = s.write(ctx, "keep communities", func(tx pgx.Tx) error {
		changed = 0
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, 1)", lockSettings); err != nil {
			return err
		}
		for _, c := range accepted {
			wrote, err := putCommunity(ctx, tx, c)
			if err != nil {
				return fmt.Errorf("community %s: %w", c.Code, err)
			}
			if wrote {
				changed++
			}
		}
		if changed == 0 {
			return nil
		}
		return revise(ctx, tx)
	})
	if err != nil {
		return 0, fmt.Errorf("keep communities: %w", err)
	}
	return changed, nil
}

// putCommunity keeps one version of a community unless it is the same already.
func putCommunity(ctx context.Context, tx pgx.Tx, c data.Community) (wrote bool, err error) {
	digest, from := data.CommunityDigest(c), bound(c.ValidFrom)
	var id int64
	var old string
	err = tx.QueryRow(ctx, `SELECT id, digest FROM civgrid.community WHERE code = $1::text AND
		coalesce(valid_from, -9223372036854775808) = coalesce($2::bigint, -9223372036854775808)`, encodeText(c.Code), from).Scan(&id, &old)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return false, err
	}
	if old == digest {
		return false, nil
	}
	if id > 0 {
		if err := dropCommunity(ctx, tx, id); err != nil {
			return false, err
		}
	}
	names, err := json.Marshal(c.Names)
	if err != nil {
		return false, err
	}
	var outline []byte
	if len(c.Outline) > 0 {
		if outline, err = ewkb.Marshal(c.Outline, wgs84); err != nil {
			return false, fmt.Errorf("encode outline: %w", err)
		}
	}
	var population *int64
	if c.HasPopulation {
		population = &c.Population
	}
	err = tx.QueryRow(ctx, `INSERT INTO civgrid.community
		(code, level, parent, name, names, outline, population, responsible, valid_from, valid_to, digest)
		VALUES ($1::text, $2::text, $3::text, $4::text, $5::json, ST_GeomFromEWKB($6::bytea), $7::bigint, $8::text, $9::bigint, $10::bigint, $11::text)
		RETURNING id`, encodeText(c.Code), string(c.Level), encodeText(c.Parent), encodeText(c.Names.In("")), string(names),
		outline, population, encodeText(c.Responsible), from, bound(c.ValidTo), digest).Scan(&id)
	if err != nil || outline == nil {
		return err == nil, err
	}
	// Parts of an outline that overlap are one area, by the structure of rings; by
	// the default method their overlap would be a hole.
	_, err = tx.Exec(ctx, `INSERT INTO civgrid.community_part (community, part, outline)
		SELECT $1::bigint, row_number() OVER (), piece FROM (
			SELECT (ST_Dump(ST_CollectionExtract(ST_Subdivide(ST_MakeValid(ST_GeomFromEWKB($2::bytea), 'method=structure'), $3::int), 3))).geom AS piece
		) pieces`, id, outline, partCorners)
	return err == nil, err
}

func dropCommunity(ctx context.Context, tx pgx.Tx, id int64) error {
	for _, from := range []string{"community_part WHERE community", "community WHERE id"} {
		if _, err := tx.Exec(ctx, "DELETE FROM civgrid."+from+" = $1::bigint", id); err != nil {
			return err
		}
	}
	return nil
}
