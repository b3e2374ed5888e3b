package agg

import (
	"reflect"
	"slices"

	"github.com/civgrid/civgrid/data"
)

// A part of a scan is rollups over the same facts.
type part struct {
	of      []int // their indices
	rollups []data.Rollup
	rest    data.Condition // of the facts of the scan that are meant; nil means all
}

// A sharing is parts that one scan answers.
type sharing struct {
	where data.Condition // of the scan
	parts []part
}

// together puts parts into as few scans as is good: those of one dataset whose
// conditions on times are the same. Sources find facts by time; for any other
// condition they look at all of that time, so looking once is better.
func together(source data.Source, parts []part) []sharing {
	var list []sharing
next:
	for _, p := range parts {
		first := p.rollups[0]
		when := onTimes(source, first)
		for i, s := range list {
			other := s.parts[0].rollups[0]
			if len(when) > 0 && other.Dataset == first.Dataset && reflect.DeepEqual(onTimes(source, other), when) {
				list[i].parts = append(s.parts, p)
				continue next
			}
		}
		list = append(list, sharing{first.Where, []part{p}})
	}
	for i := range list {
		list[i].split()
	}
	return list
}

// onTimes returns the conditions of a rollup on Time columns.
func onTimes(source data.Source, r data.Rollup) (when []data.Condition) {
	schema := source.Schema(r.Dataset)
	for _, c := range conjuncts(r.Where) {
		columns, err := data.Pick(schema, data.ColumnsOf(c)...)
		if err == nil && slices.ContainsFunc(columns, func(c data.Column) bool { return c.Type == data.Time }) {
			when = append(when, c)
		}
	}
	return when
}

// split leaves to the scan what all of several parts ask for, and the rest to
// each.
func (s *sharing) split() {
	if len(s.parts) == 1 {
		return
	}
	var shared data.All
	for _, c := range conjuncts(s.where) {
		if !slices.ContainsFunc(s.parts, func(p part) bool { return !has(p.rollups[0].Where, c) }) {
			shared = append(shared, c)
		}
	}
	s.where = shared
	for i := range s.parts {
		var rest data.All
		for _, c := range conjuncts(s.parts[i].rollups[0].Where) {
			if !has(shared, c) {
				rest = append(rest, c)
			}
		}
		if len(rest) > 0 {
			s.parts[i].rest = rest
		}
	}
}

func has(where, c data.Condition) bool {
	return slices.ContainsFunc(conjuncts(where), func(other data.Condition) bool { return reflect.DeepEqual(other, c) })
}

// conjuncts returns conditions that rows meet all of where they meet c.
func conjuncts(c data.Condition) (list []data.Condition) {
	all, ok := c.(data.All)
	switch {
	case c == nil:
	case !ok:
		list = append(list, c)
	}
	for _, one := range all {
		list = append(list, conjuncts(one)...)
	}
	return list
}

// rows returns the facts of a batch of the scan that a part is over.
func (p part) rows(b data.Batch) data.Batch {
	if p.rest == nil {
		return b
	}
	var rows []int32
	for i, ok := range data.Select(nil, b, p.rest) {
		if ok {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) == b.Len() {
		return b
	}
	return b.Take(rows)
}
