package ogc

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// A state is a fact as the store has it: a batch of one row.
type state struct {
	batch    data.Batch
	revision data.Revision
}

// tag returns the strong entity tag of the fact in a representation, which changes with
// all that was said of it. It is signed, so that nobody can try out what was said that
// they are not shown.
func (s *service) tag(st *state, representation string) string {
	mac := hmac.New(sha256.New, s.TagSecret)
	fmt.Fprintf(mac, "fact %016x %016x", st.revision.Content, st.revision.Stamped)
	tag := `"` + hex.EncodeToString(mac.Sum(nil)[:16])
	if representation != "" {
		tag += "-" + api.Digest(representation)[:8]
	}
	return tag + `"`
}

// isTagged reports whether a tag is that of the fact, in any representation. One that a
// proxy made weak because it compressed the answer counts as well.
func (s *service) isTagged(st *state, tag string) bool {
	whole, _ := strings.CutSuffix(s.tag(st, ""), `"`)
	return strings.HasPrefix(strings.TrimPrefix(tag, "W/"), whole)
}

// says reports whether the fact of a state is one that d was to become.
func (d *draft) says(st *state) bool {
	there := draft{Facts: d.Facts, schema: d.schema, values: map[string]any{}}
	there.load(st.batch, 0)
	made := maps.Clone(d.values)
	made["updated_at"] = there.values["updated_at"]
	if event := data.EventTime(d.Dataset()); d.undated {
		made[event] = there.values[event]
	}
	return maps.Equal(made, there.values)
}

// onceID returns the id of a new fact that is made of the caller and the key of its
// request, by which it begins, and of what was sent.
func (d *draft) onceID(caller, key string) (id, prefix string, err error) {
	sent, err := json.Marshal(d.values)
	if err != nil {
		return "", "", err
	}
	by := sha256.Sum256([]byte("fact\x00" + string(d.Dataset()) + "\x00" + caller + "\x00" + key))
	of := sha256.Sum256(sent)
	id = api.UUIDOf([16]byte(append(by[:8:8], of[:8]...)))
	return id, id[:18], nil
}

// keep completes a draft and keeps it in place of old, nil for a new fact.
func (s *service) keep(ctx context.Context, col *collection, d *draft, old *state) (*state, error) {
	if err := d.complete(s.Now()); err != nil {
		return nil, err
	}
	if err := s.inCity(ctx, d); err != nil {
		return nil, err
	}
	return s.record(ctx, col, d, old)
}

// inCity tests that the point of a draft lies in the box of all communities, where there
// are outlines: a slip in a coordinate would be no error, and draw every map out of shape.
// For callers of a part of the city the communities themselves are the bounds.
func (s *service) inCity(ctx context.Context, d *draft) error {
	lon, has := d.values["lon"].(float64)
	if !has || len(api.CallerOf(ctx).Scope) > 0 {
		return nil
	}
	k, err := s.catalog(ctx)
	if err != nil || k.box.IsEmpty() || k.box.Contains(orb.Point{lon, d.values["lat"].(float64)}) {
		return err
	}
	return bodyError(api.Fault{Parameter: "geometry", Detail: fmt.Sprintf("%.6f, %.6f lies outside of the city, which goes from %.4f, %.4f to %.4f, %.4f", lon, d.values["lat"], k.box.Min[0], k.box.Min[1], k.box.Max[0], k.box.Max[1])})
}

// maxRecords is how often something is tried while others change the same fact.
const maxRecords = 5

// record keeps a draft in place of old and returns it as it is kept. Where the store has
// something else by then, whoever wrote it, the error wraps [data.ErrChanged]. A new fact
// may have the id of one that was withdrawn.
func (s *service) record(ctx context.Context, col *collection, d *draft, old *state) (*state, error) {
	var expected data.Revision
	if old != nil {
		expected = old.revision
	}
	for range maxRecords {
		d.values["updated_at"] = max(s.Now().UnixMicro(), expected.Updated+1)
		kept, changes, err := s.Facts.Record(ctx, col.facts.Dataset(), expected, d.batch())
		var changed *data.ChangedError
		switch {
		case errors.As(err, &changed) && changed.Held.Withdrawn && d.once:
			return nil, api.NewProblem("conflict", "The feature that this Idempotency-Key recorded was deleted since.")
		case errors.As(err, &changed) && changed.Held.Withdrawn && old == nil:
			expected = changed.Held
		case err != nil:
			return nil, err
		case changes.Stale > 0:
			return nil, api.NewProblem("conflict", "A later form of the feature is kept already: the clock of the service is behind.")
		default:
			return &state{batch: kept, revision: data.Revisions(kept)[0]}, nil
		}
	}
	return nil, data.ErrChanged
}
