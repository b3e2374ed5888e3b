package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// TestPages compares pages with the golden ones, and checks that they are
// well-formed, escaped, in the language, and whole by themselves.
func TestPages(t *testing.T) {
	for _, lang := range api.Languages() {
		got := write(t, "html", lang, made())
		path := filepath.Join("testdata", "golden", lang+".html")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
		wellFormed(t, lang, got)
		for _, not := range []string{"<script", "http:", "https:", "url(", "@import", "<b>\"Green", "NaN"} {
			if bytes.Contains(got, []byte(not)) {
				t.Errorf("%s: the page holds %q", lang, not)
			}
		}
		for _, wanted := range []string{`<html lang="` + lang + `">`, "&lt;b&gt;&#34;Green&#34; &amp; more&lt;/b&gt;", "@media print", "1.26°", `<td class="number none">–</td>`} {
			if !bytes.Contains(got, []byte(wanted)) {
				t.Errorf("%s: the page lacks %q", lang, wanted)
			}
		}
	}
}

// wellFormed checks that every element that is opened is closed.
func wellFormed(t *testing.T, lang string, page []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta"}, xml.HTMLEntity
	depth := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	if depth != 0 {
		t.Errorf("%s: %d elements are not closed", lang, depth)
	}
}

// TestWideMatrix checks that a matrix of many areas is cut into parts of about
// the same width, and that no area is lost.
func TestWideMatrix(t *testing.T) {
	r := made()
	m := &r.Tables[3]
	whole, all, total := m.Columns[1], m.Across[2], m.Columns[3]
	m.Columns, m.Across, m.Few = m.Columns[:1], nil, nil
	for i := range 23 {
		m.Columns = append(m.Columns, whole)
		m.Across = append(m.Across, analytics.Entry{Names: data.Names{"": fmt.Sprintf("Street %02d", i)}})
	}
	m.Columns, m.Across = append(m.Columns, total), append(m.Across, all)
	page := string(write(t, "html", "en", r))
	for i := range 23 {
		if n := strings.Count(page, fmt.Sprintf(">Street %02d</th>", i)); n != 1 {
			t.Errorf("street %d is there %d times, want once", i, n)
		}
	}
	if n := strings.Count(page, "<h2>Items by street, continued</h2>"); n != 2 {
		t.Errorf("%d parts go on, want 2", n)
	}
}
