package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// shownRows is the number of rows a Reading shows.
const shownRows = 5

// A Reading says what a file is read as.
type Reading struct {
	File      string       `json:"file"`
	Format    string       `json:"format"`
	Gzip      bool         `json:"gzip"`
	Encoding  Encoding     `json:"encoding"`
	Delimiter string       `json:"delimiter"` // "" where there is none
	Profile   string       `json:"profile"`
	Dataset   data.Dataset `json:"dataset"`
	Source    string       `json:"source"`
	// SourceGuessed says that the source was taken from the name of the file.
	SourceGuessed bool `json:"source_guessed"`

	Zone string `json:"zone"` // "" means UTC
	CRS  string `json:"crs"`

	Columns []ColumnUse `json:"columns"` // of the file, in its order
	// Unused are columns of the dataset that the file does not give.
	Unused []string `json:"unused"`
	Doubts []Doubt  `json:"doubts"`

	Sampled  int      `json:"sampled"`  // records looked at
	Rejected int      `json:"rejected"` // of these
	Rejects  []Reject `json:"-"`        // of these, at most a hundred
	// Rows are the first facts as understood: canonical column to value. Times
	// are in the zone of the file.
	Rows []map[string]string `json:"rows"`
	// First are the same facts as columns.
	First data.Batch `json:"-"`
	// IDs says where ids come from: a column, or "content".
	IDs string `json:"ids"`
}

// The uses of a column.
const (
	UseMapped  = "mapped"  // becomes a column of the dataset
	UseKept    = "kept"    // becomes an attribute
	UseIgnored = "ignored" // is not read
)

// A ColumnUse says what becomes of one column of a file.
type ColumnUse struct {
	Name    string   `json:"name"`
	Use     string   `json:"use"`
	Targets []string `json:"targets"` // canonical columns, for mapped ones
	Times   string   `json:"times"`   // name of the time format; "" for other columns
	Example string   `json:"example"` // a value of the sample
}

// Check says what a file would be read as, by its beginning. Nothing is
// written.
func Check(ctx context.Context, store data.Store, in Input, o Options) (Reading, error) {
	settings, err := store.Settings(ctx)
	if err != nil {
		return Reading{}, fmt.Errorf("check %s: %w", in.Name, err)
	}
	p, err := newPlan(in, o, settings)
	if err != nil {
		return Reading{}, fmt.Errorf("check %s: %w", in.Name, err)
	}
	r := &run{store: store, in: in, options: o, plan: p, settings: settings}
	r.options.IgnoreDoubts = true
	if err := r.prepare(ctx); err != nil {
		return Reading{}, fmt.Errorf("check %s: %w", in.Name, err)
	}
	return r.result.Reading, nil
}

// reading describes the plan and tries it on the sample.
func (p *plan) reading(in Input, s *sample) Reading {
	r := Reading{
		File: in.Name, Format: p.layout.Format, Gzip: p.layout.Gzip, Encoding: p.layout.Encoding,
		Profile: p.profile.Name, Dataset: p.dataset, Source: p.mapping.Source, SourceGuessed: p.sourceGuessed, Zone: p.mapping.Zone, CRS: p.mapping.CRS,
		Doubts: slices.Clone(p.doubts), Sampled: len(s.records), IDs: "content",
	}
	if p.layout.Delimiter != 0 {
		r.Delimiter = string(p.layout.Delimiter)
	}
	if b := p.bindings[p.at.id]; len(b.sources) > 0 {
		r.IDs = p.sourceName(b)
	}
	for i, name := range p.layout.Columns {
		r.Columns = append(r.Columns, p.use(i, name, s))
	}
	for i, c := range p.columns {
		if !p.bindings[i].used() && slices.Contains(canonicalColumns(p.dataset), c.Name) {
			r.Unused = append(r.Unused, c.Name)
		}
	}
	p.try(&r, s)
	return r
}

func (p *plan) use(column int, name string, s *sample) ColumnUse {
	u := ColumnUse{Name: name, Use: UseIgnored}
	for _, b := range p.bindings {
		if slices.Contains(b.sources, column) {
			u.Use = UseMapped
			u.Targets = append(u.Targets, b.column.Name)
			if len(b.times) > 0 {
				u.Times = b.times[0].Name
			}
		}
	}
	if slices.Contains(p.keep, column) && u.Use == UseIgnored {
		u.Use = UseKept
	}
	for _, row := range s.rows {
		if u.Example = p.present(row[column]); u.Example != "" {
			break
		}
	}
	return u
}

// try reads the sample as the plan says.
func (p *plan) try(r *Reading, s *sample) {
	c, builder := newConverter(p), data.NewBuilder(p.columns)
	for _, rec := range s.records {
		f, bad := c.convert(rec)
		if bad != nil {
			r.Rejected++
			if len(r.Rejects) < maxShown {
				r.Rejects = append(r.Rejects, *bad)
			}
			continue
		}
		if builder.Len() < shownRows {
			f.appendTo(builder, p, 1)
			r.Rows = append(r.Rows, p.show(f))
		}
	}
	r.First = builder.Build()
}

// show returns the values of a fact as text.
func (p *plan) show(f *fact) map[string]string {
	row := map[string]string{}
	for i, c := range p.columns {
		v := f.values[i]
		switch {
		case !v.ok:
		case c.Type == data.Time:
			row[c.Name] = timeIn(v.whole, p.zone)
		case c.Type == data.Float, c.Type == data.Int:
			row[c.Name] = strings.TrimSuffix(fmt.Sprintf("%v", v.number), ".0")
		default:
			row[c.Name] = v.text
		}
	}
	return row
}
