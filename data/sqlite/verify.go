package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/civgrid/civgrid/data"
)

// maxFindings is the most damages Verify tells.
const maxFindings = 100

// Verify reads the whole file and returns what is wrong with it in words,
// nothing if it is sound: SQLite's own check of pages and indexes, the digest
// of every row present and past, of every community, and the sums over them.
// The error says that looking was not possible.
func (s *Store) Verify(ctx context.Context) (findings []string, err error) {
	v := verification{Store: s}
	err = s.read(ctx, func(c session) error { return v.run(ctx, c) })
	if err != nil && !errors.Is(err, errStop) {
		return v.findings, fmt.Errorf("verify: %w", err)
	}
	return v.findings, nil
}

type verification struct {
	*Store
	findings []string
}

// found notes a damage and returns errStop when it is one too many.
func (v *verification) found(format string, args ...any) error {
	if len(v.findings) >= maxFindings {
		return errStop
	}
	v.findings = append(v.findings, fmt.Sprintf(format, args...))
	return nil
}

func (v *verification) run(ctx context.Context, c session) error {
	err := c.each("PRAGMA integrity_check", nil, func(row []value) error {
		if row[0] == "ok" {
			return nil
		}
		return v.found("%v", row[0])
	})
	if err != nil {
		return err
	}
	for _, d := range data.Datasets() {
		if err := v.dataset(ctx, c, d); errors.Is(err, errStop) || ctx.Err() != nil {
			return err
		} else if err != nil { // damage can make rows unreadable
			if err := v.found("%s: %v", d, err); err != nil {
				return err
			}
		}
	}
	return v.communities(c)
}

// dataset checks the rows of a dataset, its count and its sum.
func (v *verification) dataset(ctx context.Context, c session, d data.Dataset) error {
	t, err := v.tableOf(d)
	if err != nil {
		return err
	}
	var sum uint64
	var count int64
	err = v.rows(ctx, c, t, t.present(), "seq", func(r data.Revision) { sum += r.Digest(); count++ })
	if err != nil {
		return err
	}
	if err := v.rows(ctx, c, t, t.past(), "version", func(data.Revision) {}); err != nil {
		return err
	}
	kept, err := c.one("SELECT rows, digest FROM civgrid_dataset WHERE dataset = ?", string(d))
	if err != nil {
		return err
	}
	if kept == nil || kept[0] != count || kept[1] != int64(sum) {
		return v.found("%s: count or sum of %d rows differs from what is kept", t.present(), count)
	}
	return nil
}

// rows checks the digests of all rows of a table.
func (v *verification) rows(ctx context.Context, c session, t table, from, key string, each func(data.Revision)) error {
	r := reading{schema: t.columns, parts: []part{{from: from, key: key, where: "1"}}}
	names := make([]string, len(t.columns))
	for i, column := range t.columns {
		names[i] = column.Name
	}
	r.columns = append(r.columns, t.columns...)
	for _, name := range []string{"seq", "content", "stamped"} {
		r.columns = append(r.columns, data.Column{Name: name, Type: data.Int, Required: true})
	}
	var failed error
	err := v.walk(ctx, c, r, func(b data.Batch) bool {
		var facts data.Batch
		if facts, failed = b.Project(names...); failed != nil {
			return false
		}
		seqs, content, stamped := b.Ints("seq"), b.Ints("content"), b.Ints("stamped")
		for i, r := range data.Revisions(facts) {
			each(r)
			if int64(r.Content) != content[i] || int64(r.Stamped) != stamped[i] {
				if failed = v.found("%s: row of seq %d differs from its digest", from, seqs[i]); failed != nil {
					return false
				}
			}
		}
		return true
	})
	return errors.Join(failed, err)
}

// communities checks the digests of all communities.
func (v *verification) communities(c session) error {
	communities, err := readCommunities(c)
	if err != nil {
		return v.found("community: %v", err)
	}
	i := 0
	q := "SELECT digest FROM community ORDER BY code, ifnull(valid_from, -9223372036854775808)"
	return c.each(q, nil, func(row []value) error {
		community := communities[i]
		i++
		if row[0] == data.CommunityDigest(community) {
			return nil
		}
		return v.found("community: %s differs from its digest", community.Code)
	})
}
