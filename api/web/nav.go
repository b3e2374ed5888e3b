package web

import (
	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// tabs lists the analyses.
func (p Page) tabs(w *words) []choice {
	var tabs []choice
	for _, a := range p.Analyses {
		changes := append(p.onlyOf(a), "layer", a.Name)
		tabs = append(tabs, choice{
			Key: a.Name, Label: w.Say("tab."+a.Name, a.Title), Title: w.Say("analysis."+a.Name, a.Title),
			Href: p.address(changes...), Here: a.Name == p.Name,
		})
	}
	return tabs
}

// languages lists the languages, each in its own.
func (p Page) languages(w *words) []choice {
	var list []choice
	for _, tag := range api.Languages() {
		list = append(list, choice{Key: tag, Label: languages()[tag].Must("language"), Href: p.address("lang", tag), Here: tag == w.Tag})
	}
	return list
}

// levels lists what rows can be: communities of each level, cells of each
// resolution.
func (p Page) levels(n *names) []choice {
	var list []choice
	var here analytics.Unit
	if p.Layer != nil {
		here = p.Layer.Frame.Unit
	}
	if p.Hierarchy != nil {
		for _, l := range p.Hierarchy.Levels() {
			if l == data.City || l == data.Province {
				continue
			}
			list = append(list, choice{
				Key: string(l), Label: n.unit(analytics.CommunitiesOf(l)), Here: here.Level == l,
				Href: p.address("level", string(l), "res", "", "sel", "", "fill", ""),
			})
		}
	}
	for _, l := range p.Parties {
		list = append(list, choice{
			Key: string(l), Label: n.unit(analytics.CommunitiesOf(l)), Here: here.Level == l,
			Href: p.address("level", string(l), "res", "", "sel", "", "fill", ""),
		})
	}
	for _, r := range p.Resolutions {
		list = append(list, choice{
			Key: "h3-" + r.String(), Label: "H3 " + r.String(), Title: n.unit(analytics.CellsOf(r)),
			Here: p.Layer != nil && here == analytics.CellsOf(r), Href: p.address("res", r.String(), "level", "", "sel", ""),
		})
	}
	return list
}

// areas lists the communities a layer can be cut to: those of the coarsest
// level that divides the city, and those right below the one chosen.
func (p Page) areas(n *names) []choice {
	if p.Hierarchy == nil {
		return nil
	}
	within := p.Given["within"]
	list := []choice{{Key: "", Label: n.words.Must("within.all"), Here: within == ""}}
	for _, level := range p.Hierarchy.Levels() {
		at := p.Hierarchy.At(level)
		if len(at) < 2 {
			continue
		}
		for _, c := range at {
			list = append(list, choice{Key: c.Code, Label: n.community(c.Code), Here: c.Code == within})
			for _, below := range p.below(c, within) {
				list = append(list, choice{Key: below.Code, Label: "— " + n.community(below.Code), Here: below.Code == within})
			}
		}
		break
	}
	return list
}

// below returns the communities right below c where c, or something within it,
// is chosen.
func (p Page) below(c data.Community, within string) []data.Community {
	open := false
	for _, code := range p.Hierarchy.Path(within) {
		open = open || code == c.Code
	}
	if !open {
		return nil
	}
	var list []data.Community
	for _, code := range p.Hierarchy.Within(c.Code) {
		if parent, ok := p.Hierarchy.Parent(code); ok && parent == c.Code {
			child, _ := p.Hierarchy.Get(code)
			list = append(list, child)
		}
	}
	return list
}

// crumbs is the way from the whole city down to the area shown.
func (p Page) crumbs(n *names) []choice {
	within := p.Layer.Provenance.Within
	list := []choice{{Label: n.words.Must("within.all"), Href: p.address("within", "", "sel", ""), Here: within == ""}}
	if p.Hierarchy == nil || within == "" {
		return list
	}
	for _, code := range p.Hierarchy.Path(within) {
		if c, ok := p.Hierarchy.Get(code); ok && (c.Level.Rank() > data.City.Rank() || code == within) {
			list = append(list, choice{Key: code, Label: n.community(code), Href: p.address("within", code, "sel", ""), Here: code == within})
		}
	}
	return list
}
