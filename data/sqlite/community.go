package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/data"
)

// Communities implements [data.Catalog].
func (s *Store) Communities(ctx context.Context) (communities []data.Community, err error) {
	err = s.read(ctx, func(c session) error {
		communities, err = readCommunities(c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read communities: %w", err)
	}
	return communities, nil
}

func readCommunities(c session) ([]data.Community, error) {
	var communities []data.Community
	q := `SELECT code, level, parent, names, geom, population, responsible, valid_from, valid_to
		FROM community ORDER BY code, ifnull(valid_from, -9223372036854775808)`
	err := c.each(q, nil, func(row []value) error {
		community, err := readCommunity(row)
		if err != nil {
			return fmt.Errorf("community %v: %w", row[0], err)
		}
		communities = append(communities, community)
		return nil
	})
	return communities, err
}

func readCommunity(row []value) (c data.Community, err error) {
	level := ""
	texts := map[int]*string{0: &c.Code, 1: &level, 2: &c.Parent, 6: &c.Responsible}
	for i, text := range texts {
		*text, _ = row[i].(string)
	}
	c.Level = data.Level(level)
	names, _ := row[3].(string)
	if err := json.Unmarshal([]byte(names), &c.Names); err != nil {
		return c, fmt.Errorf("names: %w", err)
	}
	blob, _ := row[4].([]byte)
	if c.Outline, err = outlineOf(blob); err != nil {
		return c, err
	}
	c.Population, c.HasPopulation = row[5].(int64)
	c.ValidFrom, c.ValidTo = boundOf(row[7]), boundOf(row[8])
	return c, nil
}

// boundOf returns the time of a stored bound, the zero time for none.
func boundOf(v value) time.Time {
	micros, ok := v.(int64)
	if !ok {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// bound returns what is stored for a bound, nil for none.
func bound(t time.Time) value {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// PutCommunities implements [data.Catalog].
func (s *Store) PutCommunities(ctx context.Context, communities []data.Community) (int64, error) {
	changed, err := s.putCommunities(ctx, communities)
	if err != nil {
		return 0, fmt.Errorf("keep communities: %w", err)
	}
	return changed, nil
}

func (s *Store) putCommunities(ctx context.Context, communities []data.Community) (changed int64, err error) {
	accepted := make([]data.Community, len(communities))
	for i, c := range communities {
		if accepted[i], err = data.AcceptCommunity(c); err != nil {
			return 0, err
		}
	}
	err = s.write(ctx, func(c session) error {
		changed = 0
		for _, community := range accepted {
			if err := ctx.Err(); err != nil {
				return err
			}
			wrote, err := putCommunity(c, community)
			if err != nil {
				return fmt.Errorf("community %s: %w", community.Code, err)
			}
			if wrote {
				changed++
			}
		}
		if changed == 0 {
			return nil
		}
		if _, err := s.change(c, "communities"); err != nil {
			return err
		}
		return putExtent(c)
	})
	return changed, err
}

// putCommunity keeps one version of a community unless it is the same already.
func putCommunity(c session, community data.Community) (wrote bool, err error) {
	from, digest := bound(community.ValidFrom), data.CommunityDigest(community)
	old, err := c.one("SELECT fid, digest FROM community WHERE code = ? AND "+
		"ifnull(valid_from, -9223372036854775808) = ifnull(?, -9223372036854775808)", community.Code, from)
	if err != nil || old != nil && old[1] == digest {
		return false, err
	}
	names, err := json.Marshal(community.Names)
	if err != nil {
		return false, err
	}
	blob, err := outlineBlob(community.Outline)
	if err != nil {
		return false, err
	}
	var fid, population value
	if old != nil {
		fid = old[0]
	}
	if community.HasPopulation {
		population = community.Population
	}
	return true, c.exec(`INSERT OR REPLACE INTO community
		(fid, geom, code, level, parent, name, names, population, responsible, valid_from, valid_to, digest)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		fid, blob, community.Code, string(community.Level), community.Parent, community.Names.In(""), string(names),
		population, community.Responsible, from, bound(community.ValidTo), digest)
}
