package docs

import (
	"embed"
	"strings"

	"github.com/civgrid/civgrid/api"
)

//go:embed text
var files embed.FS

// Commands is the name of the page of the command line, whose text is made of the
// commands there are.
const Commands = "commands"

// A Section is a part of the manual.
type Section struct {
	Title string   // in English; its translations are in words
	Pages []string // their names
}

// Sections returns the parts of the manual in their order.
func Sections() []Section {
	return []Section{
		{"Begin", []string{"quickstart", "concepts", "inspectors"}},
		{"Methods", []string{
			"blindspot", "clusters", "compliance", "coverage", "density", "emerging", "execution",
			"hotspot", "indicator", "kernel", "lisa", "response", "sites", "backtest",
		}},
		{"Use", []string{"cookbook", "gis", "formats", Commands}},
		{"Run", []string{"runbook", "security"}},
	}
}

// Text returns the Markdown of a page in a language, ok false if there is none.
func Text(lang, name string) (text string, ok bool) {
	b, err := files.ReadFile("text/" + lang + "/" + name + ".md")
	return string(b), err == nil
}

// Languages returns the languages that a page is in.
func Languages(name string) []string {
	var in []string
	for _, lang := range api.Languages() {
		if _, ok := Text(lang, name); ok {
			in = append(in, lang)
		}
	}
	return in
}

// titleOf returns the heading that a page begins with, and the paragraph below it.
func titleOf(markdown string) (title, lead string) {
	title, rest, _ := strings.Cut(strings.TrimPrefix(markdown, "# "), "\n")
	lead, _, _ = strings.Cut(strings.TrimLeft(rest, "\n"), "\n\n")
	return title, strings.ReplaceAll(lead, "\n", " ")
}
