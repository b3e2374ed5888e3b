package encode

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// about is what is known of a layer beside its rows: the foreign member
// "civgrid" of GeoJSON.
type about struct {
	Name       string               `json:"name"`
	Title      string               `json:"title"`
	Method     string               `json:"method"`
	Reference  string               `json:"reference"`
	Provenance analytics.Provenance `json:"provenance"`
	Columns    []analytics.Column   `json:"columns"`
	Legend     analytics.Legend     `json:"legend"`
	Rank       analytics.Rank       `json:"rank"`
	Summary    []analytics.Item     `json:"summary"`
	Balances   []analytics.Balance  `json:"balances"`
	Caveats    []string             `json:"caveats"`
	Matrix     *analytics.Matrix    `json:"matrix"`
	Quality    *data.Report         `json:"quality"`
}

func aboutOf(l *analytics.Layer) about {
	a := about{
		Name: l.Name, Title: l.Title, Method: l.Method, Reference: l.Reference, Provenance: l.Provenance,
		Columns: l.Columns, Legend: l.Legend, Rank: l.Rank, Caveats: l.Caveats, Matrix: l.Matrix, Quality: l.Quality,
	}
	if a.Balances = l.Balances; a.Balances == nil {
		a.Balances = []analytics.Balance{}
	}
	if a.Caveats == nil {
		a.Caveats = []string{}
	}
	a.Summary = make([]analytics.Item, len(l.Summary))
	for i, item := range l.Summary {
		if x, ok := item.Value.(float64); ok {
			item.Value = decimal(x)
		}
		a.Summary[i] = item
	}
	return a
}

// appendJSON appends v as JSON in one line, with HTML's signs left as they are.
func appendJSON(b []byte, v any) ([]byte, error) {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return b, fmt.Errorf("describe: %w", err)
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...), nil
}
