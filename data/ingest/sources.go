package ingest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// binding resolves the source of one column. A column that the user named must
// be there, one of a profile need not.
func (p *plan) binding(c data.Column, source string, explicit bool) (binding, error) {
	b := binding{values: lowerKeys(p.mapping.Values[c.Name])}
	if word, ok := strings.CutPrefix(source, "="); ok {
		b.constant = word
		return b, nil
	}
	if source == "" {
		return b, nil
	}
	b.sources, b.first = p.sourcesOf(source)
	if len(b.sources) == 0 && explicit {
		return b, fmt.Errorf("map %s: the file has %w", c.Name, unknown("column", source, p.layout.Columns))
	}
	return b, nil
}

// sourcesOf returns the columns that the source of a mapping means, and whether
// only the first that has a value counts.
func (p *plan) sourcesOf(source string) (columns []int, first bool) {
	if i := slices.Index(p.layout.Columns, source); i >= 0 {
		return []int{i}, false
	}
	if parts := strings.Split(source, "||"); len(parts) > 1 {
		for _, part := range parts {
			if i := findColumn(p.layout.Columns, part); i >= 0 {
				columns = append(columns, i)
			}
		}
		return columns, true
	}
	for _, alternative := range strings.Split(source, "|") {
		if alternative == "" {
			continue
		}
		if i := findColumn(p.layout.Columns, alternative); i >= 0 {
			return []int{i}, false
		}
		if columns := p.together(alternative); len(columns) > 1 {
			return columns, false
		}
	}
	return nil, false
}

// together returns the columns of "a+b", none where the file lacks one.
func (p *plan) together(sum string) (columns []int) {
	for _, part := range strings.Split(sum, "+") {
		i := findColumn(p.layout.Columns, strings.TrimSpace(part))
		if i < 0 {
			return nil
		}
		columns = append(columns, i)
	}
	return columns
}

func lowerKeys(words map[string]string) map[string]string {
	if len(words) == 0 {
		return nil
	}
	out := make(map[string]string, len(words))
	for k, v := range words {
		out[lower(trim(k))] = v
	}
	return out
}
