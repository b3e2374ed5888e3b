package docs

import (
	"bytes"
	"embed"
	"io/fs"
	"runtime/debug"
	"strings"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/page"
)

// noticeFiles holds the licence files that make build collects: those of a module in a folder
// called by its path. In the repository it is empty.
//
//go:embed all:notices
var noticeFiles embed.FS

// A Module is one that the program is made of.
type Module struct {
	Path, Version string
	// Licence is the name of its licence, Text its words. Both are empty where the build
	// does not carry them.
	Licence, Text string
}

var notices = page.Frame(`{{$words := .Words}}{{template "languages" .}}<p>{{.Words.Must "notices.lead"}}</p>
{{if .Bare}}<p>{{.Words.Must "notices.without"}}</p>
{{end}}<table>
<thead><tr><th scope="col">{{.Words.Must "module"}}</th><th scope="col">{{.Words.Must "version"}}</th><th scope="col">{{.Words.Must "licence"}}</th></tr></thead>
<tbody>
{{range .Modules}}<tr><td>{{if .Text}}<a href="#{{.Path}}">{{.Path}}</a>{{else}}{{.Path}}{{end}}</td><td>{{.Version}}</td><td>{{.Licence}}</td></tr>
{{end}}</tbody>
</table>
{{range .Modules}}{{if .Text}}<h2 id="{{.Path}}">{{.Path}}</h2>
<pre class="wrapped">{{.Text}}</pre>
{{end}}{{end}}` + languageLinks)

// Notices returns the page of the licences of modules.
func (m Manual) Notices(modules []Module) ([]byte, error) {
	words := languages()[m.Lang]
	shown := struct {
		view
		Modules []Module
		Bare    bool
	}{view: view{Head: page.Head{Title: words.Must("notices"), Lang: m.Lang, Trail: m.trail()[:1]}, Words: words, Languages: m.in(api.Languages(), "/licenses")}, Modules: modules}
	for _, module := range modules {
		shown.Bare = shown.Bare || module.Text == ""
	}
	var b bytes.Buffer
	err := notices.ExecuteTemplate(&b, "frame", shown)
	return b.Bytes(), err
}

// library is what draws the interactive map, which is no Go module: it is in the program
// where its licence is.
const library = "maplibre-gl"

// Modules returns the modules that the running program is made of, the Go distribution
// first, with their licences where the build carries them.
func Modules() []Module {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	modules := []Module{{Path: "go", Version: strings.TrimPrefix(info.GoVersion, "go")}}
	for _, d := range info.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		modules = append(modules, Module{Path: d.Path, Version: d.Version})
	}
	if noticeOf(noticeFiles, library) != "" {
		modules = append(modules, Module{Path: library})
	}
	for i := range modules {
		modules[i].Text = noticeOf(noticeFiles, modules[i].Path)
		modules[i].Licence = licenceOf(modules[i].Text)
	}
	return modules
}

// noticeOf returns the licence files of a module, one after the other.
func noticeOf(files fs.FS, module string) string {
	entries, err := fs.ReadDir(files, "notices/"+module)
	if err != nil {
		return ""
	}
	var texts []string
	for _, e := range entries {
		if b, err := fs.ReadFile(files, "notices/"+module+"/"+e.Name()); err == nil && !e.IsDir() {
			texts = append(texts, strings.TrimSpace(string(b)))
		}
	}
	return strings.Join(texts, "\n\n")
}

// licenceOf tells a licence by words that no other has, as an SPDX identifier; "" where
// it is none of these.
func licenceOf(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, l := range []struct{ id, words string }{
		{"Apache-2.0", "Apache License Version 2.0"},
		{"MPL-2.0", "Mozilla Public License Version 2.0"},
		{"MPL-2.0", "Mozilla Public License, version 2.0"},
		{"Unlicense", "This is free and unencumbered software released into the public domain"},
		{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose"},
		{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
		{"BSD-3-Clause", "may be used to endorse or promote products"},
		{"BSD-2-Clause", "Redistributions in binary form must reproduce the above copyright notice"},
	} {
		if strings.Contains(text, l.words) {
			return l.id
		}
	}
	return ""
}
