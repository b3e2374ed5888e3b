package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// numberKind is the kind of documents that are Numbers, as JSON.
const numberKind = "number"

// A Number is a figure that was told the public, with all it takes to compute it
// again.
type Number struct {
	Name string `json:"name"`
	// Params are those of the analysis, with every moment and version spelled out.
	Params     map[string]string    `json:"params"`
	Provenance analytics.Provenance `json:"provenance"`
	Title      string               `json:"title"`
	Value      *float64             `json:"value"`
	Unit       string               `json:"unit"`
	N          int64                `json:"n"`
	Status     string               `json:"status,omitempty"`
	Rows       int                  `json:"rows"`
	Digest     string               `json:"digest"` // of every value of every row
	Kept       time.Time            `json:"kept,omitzero"`
}

// KeepNumber computes an indicator on the facts as they are now and keeps the
// result under a name, for good. Parameters are those of the analysis of
// indicators. The error wraps data.ErrConflict where the name is taken by
// another number.
func (e *Engine) KeepNumber(ctx context.Context, name string, given map[string]string, now time.Time) (Number, error) {
	if err := e.refuseOpen("keep a number"); err != nil {
		return Number{}, err
	}
	asked := maps.Clone(given)
	if asked == nil {
		asked = map[string]string{}
	}
	if asked[recorded] == "" {
		asked[recorded] = now.UTC().Format(time.RFC3339Nano)
	}
	layer, err := e.Run(ctx, indicator.Analysis.Name, asked)
	if err != nil {
		return Number{}, err
	}
	n := numberOf(layer)
	n.Name = name
	if n.Value == nil {
		return n, fmt.Errorf("%w from %s to %s, as of %s", ErrNoNumber, n.Provenance.From.Format(time.RFC3339), n.Provenance.To.Format(time.RFC3339), n.Provenance.AsOf.Format(time.RFC3339))
	}
	if kept, err := e.FindNumber(ctx, name); err == nil && kept.same(n) {
		return kept, nil
	}
	body, err := json.Marshal(n)
	if err != nil {
		return n, fmt.Errorf("write number %s: %w", name, err)
	}
	if _, err := e.store.PutDocument(ctx, data.Document{Kind: numberKind, Name: name, Body: string(body)}); err != nil {
		return n, fmt.Errorf("keep number %s: %w", name, err)
	}
	return n, nil
}

// ErrNoNumber says that there is no figure to keep.
var ErrNoNumber = errors.New("the indicator has no value to keep")

// same reports whether two numbers say the same of the same, whenever their
// facts were recorded.
func (n Number) same(other Number) bool {
	was, is := maps.Clone(n.Params), maps.Clone(other.Params)
	delete(was, recorded)
	delete(is, recorded)
	return n.Digest == other.Digest && maps.Equal(was, is)
}

// numberOf takes from a layer what it says, and what makes it again.
func numberOf(layer *analytics.Layer) Number {
	p := layer.Provenance
	n := Number{Title: layer.Title, Provenance: p, Rows: layer.Frame.Len(), Digest: digestOf(layer), Params: map[string]string{}}
	for name, value := range p.Params {
		if name != indicator.Named { // from and to say it
			n.Params[name] = value
		}
	}
	for name, moment := range map[string]time.Time{"from": p.From, "to": p.To, "as-of": p.AsOf, recorded: p.Recorded} {
		if !moment.IsZero() {
			n.Params[name] = moment.UTC().Format(time.RFC3339Nano)
		}
	}
	if code, version, ok := strings.Cut(p.Indicator, "@"); ok {
		n.Params[indicator.Code], n.Params[indicator.Version] = code, version
	}
	for _, item := range layer.Summary {
		switch value := item.Value.(type) {
		case float64:
			if item.Key == "value" {
				n.Value, n.Unit = &value, item.Unit
			}
		case int64:
			if item.Key == "n" {
				n.N = value
			}
		case string:
			if item.Key == "status" {
				n.Status = value
			}
		}
	}
	return n
}

// digestOf identifies every value of every row of a layer.
func digestOf(layer *analytics.Layer) string {
	digest := sha256.New()
	var buf []byte
	for _, c := range layer.Columns {
		buf = append(buf[:0], c.Name...)
		for row := range layer.Frame.Len() {
			buf = append(append(buf, 0), layer.Frame.ID(row)...)
			if buf = append(buf, 0); !c.Has(row) {
				continue
			}
			switch c.Type {
			case analytics.IntColumn:
				buf = strconv.AppendInt(buf, c.Ints[row], 10)
			case analytics.FloatColumn:
				buf = binary.BigEndian.AppendUint64(buf, math.Float64bits(c.Floats[row]))
			case analytics.WordColumn:
				buf = append(buf, c.Words[row]...)
			}
		}
		digest.Write(buf)
	}
	return fmt.Sprintf("%x", digest.Sum(nil)[:12])
}

// Numbers returns the numbers that are kept, oldest first.
func (e *Engine) Numbers(ctx context.Context) ([]Number, error) {
	documents, err := e.store.Documents(ctx, numberKind)
	if err != nil {
		return nil, fmt.Errorf("read numbers: %w", err)
	}
	var list []Number
	for _, d := range documents {
		var n Number
		if err := json.Unmarshal([]byte(d.Body), &n); err != nil {
			return nil, fmt.Errorf("read number %s: %w", d.Name, err)
		}
		n.Kept = d.Recorded
		list = append(list, n)
	}
	return list, nil
}

// A NumberCheck says whether a number comes out as it was told.
type NumberCheck struct {
	Number
	Again Number `json:"again"`
	// Now is the same of the facts as they are now.
	Now     Number   `json:"now"`
	Differs []string `json:"differs"` // in words; none if it comes out the same
	Because []string `json:"because"` // what it rests on and is not the same
}

// CheckNumber computes a number again as it was: by the same version of the
// definition, of the facts as they were recorded then.
func (e *Engine) CheckNumber(ctx context.Context, n Number) (NumberCheck, error) {
	if err := e.refuseOpen("check a number"); err != nil {
		return NumberCheck{}, err
	}
	layer, err := e.Run(ctx, indicator.Analysis.Name, n.Params)
	if err != nil {
		return NumberCheck{}, fmt.Errorf("compute %s again: %w", n.Name, err)
	}
	check := NumberCheck{Number: n, Again: numberOf(layer)}
	present := maps.Clone(n.Params)
	present[recorded] = "now"
	if layer, err = e.Run(ctx, indicator.Analysis.Name, present); err != nil {
		return check, fmt.Errorf("compute %s of the facts as they are now: %w", n.Name, err)
	}
	check.Now = numberOf(layer)
	again := check.Again
	compare := func(list *[]string, what string, was, is any) {
		if was != is {
			*list = append(*list, fmt.Sprintf("%s was %v, is %v", what, was, is))
		}
	}
	compare(&check.Differs, "value", told(n.Value), told(again.Value))
	compare(&check.Differs, "number of facts", n.N, again.N)
	compare(&check.Differs, "status", n.Status, again.Status)
	compare(&check.Differs, "number of rows", n.Rows, again.Rows)
	if len(check.Differs) == 0 {
		compare(&check.Differs, "digest of the rows", n.Digest, again.Digest)
	}
	compare(&check.Because, "text of the definition", n.Provenance.Definition, again.Provenance.Definition)
	compare(&check.Because, "version of the boundaries", n.Provenance.Boundaries, again.Provenance.Boundaries)
	compare(&check.Because, "calendar", n.Provenance.Calendar, again.Provenance.Calendar)
	compare(&check.Because, "study area", n.Provenance.StudyArea, again.Provenance.StudyArea)
	if len(check.Differs) > 0 && len(check.Because) == 0 {
		check.Because = append(check.Because, "the facts: stamps, such as the community of a point, have no history")
	}
	return check, nil
}

// FindNumber returns the number of a name. The error wraps data.ErrNotFound.
func (e *Engine) FindNumber(ctx context.Context, name string) (Number, error) {
	all, err := e.Numbers(ctx)
	if err != nil {
		return Number{}, err
	}
	if i := slices.IndexFunc(all, func(n Number) bool { return n.Name == name }); i >= 0 {
		return all[i], nil
	}
	return Number{}, fmt.Errorf("number %q: %w", name, data.ErrNotFound)
}
