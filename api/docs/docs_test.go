package docs_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/docs"
	"github.com/civgrid/civgrid/api/page/pagetest"
)

const commands = "# Command line\n\nEvery command.\n\n| a | b |\n|---|---|\n| `x` | y |\n"

// TestPagesHoldTogether: every page in every language is HTML that a browser need not
// mend, and every link within the manual leads to a page, or a heading of one.
func TestPagesHoldTogether(t *testing.T) {
	for _, lang := range api.Languages() {
		m := docs.Manual{Title: "Amber", Base: "http://x/civ", Lang: lang, Commands: commands}
		index, err := m.Index()
		if err != nil {
			t.Fatal(err)
		}
		shown := pagetest.Read(t, lang, string(index))
		for _, section := range docs.Sections() {
			for _, name := range section.Pages {
				if !slices.Contains(shown.Links, "http://x/civ/docs/"+name+"?lang="+lang) {
					t.Errorf("the index in %s does not lead to %s", lang, name)
				}
				checkPage(t, m, name)
			}
		}
	}
}

func checkPage(t *testing.T, m docs.Manual, name string) {
	t.Helper()
	html, ok, err := m.Page(name)
	if err != nil || !ok {
		t.Fatalf("%s in %s: %t, %v", name, m.Lang, ok, err)
	}
	for _, link := range pagetest.Read(t, m.Lang+" "+name, string(html)).Links {
		to, fragment, _ := strings.Cut(link, "#")
		target := html
		if to != "" {
			address, err := url.Parse(to)
			rest, ours := strings.CutPrefix(address.Path, "/civ/docs/")
			if err != nil || !ours || address.Host != "x" {
				continue
			}
			if target, ok, err = m.Page(rest); err != nil || !ok {
				t.Errorf("%s in %s leads to %s, which is no page", name, m.Lang, link)
				continue
			}
		}
		if fragment != "" && !strings.Contains(string(target), `id="`+fragment+`"`) {
			t.Errorf("%s in %s leads to %s, where there is no such heading", name, m.Lang, link)
		}
	}
}

// TestPagesAreInTheLanguageTheyCan: in English, and marked so, where there is no other.
func TestPagesAreInTheLanguageTheyCan(t *testing.T) {
	m := docs.Manual{Title: "Amber", Base: "http://x", Lang: "zh-Hans", Commands: commands}
	html, _, err := m.Page(docs.Commands)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<html lang="zh-Hans">`, `<article class="prose" lang="en">`, "本页尚无中文版", "<code>x</code>"} {
		if !strings.Contains(string(html), want) {
			t.Errorf("the page has no %s: %s", want, html)
		}
	}
	if _, ok, _ := m.Page("../docs"); ok {
		t.Error("a page is read from outside the manual")
	}
	if _, ok, _ := (docs.Manual{Lang: "en"}).Page(docs.Commands); ok {
		t.Error("there is a page of commands without commands")
	}
}

// TestNotices: licences are told where the build carries them, and that it does not where
// it does not.
func TestNotices(t *testing.T) {
	m := docs.Manual{Title: "Amber", Base: "http://x", Lang: "en"}
	f := func(modules []docs.Module, has, hasNot string) {
		t.Helper()
		html, err := m.Notices(modules)
		if err != nil {
			t.Fatal(err)
		}
		text := pagetest.Read(t, "/licenses", string(html)).Text
		if !strings.Contains(text, has) || strings.Contains(text, hasNot) {
			t.Errorf("the page is to hold %q and not %q: %s", has, hasNot, text)
		}
	}
	f([]docs.Module{{Path: "example.org/a", Version: "v1.2.3"}}, "carries no licence texts", "Permission")
	f([]docs.Module{{Path: "example.org/a", Version: "v1.2.3", Licence: "MIT", Text: "Permission is <hereby> granted"}}, "Permission is <hereby> granted", "carries no")
	if modules := docs.Modules(); len(modules) == 0 || modules[0].Path != "go" {
		t.Errorf("the program is made of %v", modules)
	}
}
