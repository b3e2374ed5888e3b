package web

import (
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// differs reports whether the layer is of the difference of two periods. Its columns
// and classes are the same whatever the analysis.
func (n *names) differs() bool { return !n.layer.Provenance.Against.IsZero() }

// headingOfChange says what has changed.
func (n *names) headingOfChange() string {
	title := strings.TrimPrefix(n.layer.Title, "Change: ")
	if name := n.layer.Names.In(n.words.Tag); name != "" {
		title = name
	}
	return n.words.Fill("change.heading", n.words.Say("analysis."+n.layer.Name, title))
}

// columnOfChange returns the title of a column of a difference, or of a name of the row.
func (n *names) columnOfChange(c analytics.Column) string {
	return n.words.Say("change.column."+c.Name, n.words.Say("column."+c.Name, c.Title))
}

// against says which period is compared with, "" for none.
func (n *names) against() string {
	p := n.layer.Provenance
	if p.Against.IsZero() {
		return ""
	}
	return n.words.Fill("change.against", api.ShowMoment(p.Against.From, p.Zone), api.ShowMoment(p.Against.To, p.Zone))
}
