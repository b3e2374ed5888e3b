package ogc

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
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

// A thereError says that a fact that was to be new is there.
type thereError struct{ old *draft }

func (e *thereError) Error() string { return "there is a fact of that source and id" }

// Unwrap returns what the client is told.
func (e *thereError) Unwrap() error {
	return api.NewProblem("conflict", "There is a feature of that source and id already: PUT it to replace it.")
}

// says reports whether the fact that is there is one that d was to become.
func (e *thereError) says(d *draft) bool {
	made := maps.Clone(d.values)
	made["updated_at"] = e.old.values["updated_at"]
	if event := data.EventTime(d.Dataset()); d.undated {
		made[event] = e.old.values[event]
	}
	return maps.Equal(made, e.old.values)
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
func (s *service) keep(ctx context.Context, col *collection, d *draft, old *state) error {
	if err := d.complete(s.Now()); err != nil {
		return err
	}
	if err := s.inCity(ctx, d); err != nil {
		return err
	}
	return s.append(ctx, col, d, old)
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

// append keeps a draft in place of old. Of two that change the same state one comes
// first, and the other is told so, even where they use different processes: what is
// made of one state is one chunk, which a store keeps once.
func (s *service) append(ctx context.Context, col *collection, d *draft, old *state) error {
	now, from := s.Now().UnixMicro(), "new"
	if old != nil {
		from = fmt.Sprintf("%016x %016x", old.revision.Content, old.revision.Stamped)
		now = max(now, old.revision.Updated+1)
	} else if there, err := s.present(ctx, col, d); err != nil {
		return err
	} else if there != nil {
		before := col.facts.draft()
		before.load(there.batch, 0)
		return &thereError{before}
	}
	d.values["updated_at"] = now
	for n := 2; ; n++ {
		rows := d.batch()
		chunk := data.Chunk{Import: "write " + api.Digest(string(col.facts.Dataset()), d.text("source"), d.text("id"), from), Number: 1}
		changes, err := s.Facts.Record(ctx, col.facts.Dataset(), chunk, rows)
		if err != nil {
			return err
		}
		if changes.Stale > 0 {
			return api.NewProblem("conflict", "A later form of the feature is kept already: the clock of the service is behind.")
		}
		there, err := s.present(ctx, col, d)
		if err != nil {
			return err
		}
		switch {
		case old != nil || there != nil:
		case d.once:
			return api.NewProblem("conflict", "The feature that this Idempotency-Key recorded was deleted since.")
		default: // one of that id was withdrawn: this is the next
			from = "new " + strconv.Itoa(n)
			continue
		}
		return d.won(there, rows)
	}
}

// won tests that the store has what it was given, and not what another made of the same
// state.
func (d *draft) won(now *state, rows data.Batch) error {
	withdrawn := d.text(data.Withdrawn) != ""
	if (now == nil) != withdrawn || now != nil && now.revision.Content != data.Revisions(rows)[0].Content {
		return api.NewProblem("precondition-failed", "")
	}
	return nil
}
