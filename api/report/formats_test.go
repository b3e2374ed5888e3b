package report_test

import (
	"archive/zip"
	"bytes"
	"flag"
	"io"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func write(t testing.TB, format, lang string, r *analytics.Report) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := report.Write(&buf, format, r, report.Options{Lang: lang}); err != nil {
		t.Fatalf("%s in %s: %v", format, lang, err)
	}
	return buf.Bytes()
}

// TestZip checks that the zip holds the files of a folder, and they the tables
// of standard output.
func TestZip(t *testing.T) {
	content := write(t, "zip", "zh-Hant", made())
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := report.Files(made(), "zh-Hant")
	if err != nil {
		t.Fatal(err)
	}
	var joined []string
	for i, part := range parts {
		var want bytes.Buffer
		if err := part.Write(&want); err != nil {
			t.Fatal(err)
		}
		in, err := archive.File[i].Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(in)
		if err != nil || archive.File[i].Name != part.Name || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s in the zip is not %s of the folder (%v)", archive.File[i].Name, part.Name, err)
		}
		text, marked := strings.CutPrefix(want.String(), "\uFEFF")
		if !marked {
			t.Errorf("%s does not begin with a byte order mark", part.Name)
		}
		joined = append(joined, text)
	}
	if got, want := strings.Join(joined, "\r\n"), string(write(t, "csv", "zh-Hant", made())); got != want {
		t.Errorf("files %q together are not the whole %q", got, want)
	}
}

// TestSameBytes writes a report twice.
func TestSameBytes(t *testing.T) {
	for _, f := range report.Formats() {
		if !bytes.Equal(write(t, f.Name, "zh-Hans", made()), write(t, f.Name, "zh-Hans", made())) {
			t.Errorf("%s: the same report is not the same bytes", f.Name)
		}
	}
}

// TestWrongWords asks for what there is not.
func TestWrongWords(t *testing.T) {
	for _, asked := range [][2]string{{"pdf", "en"}, {"csv", "fr"}} {
		if err := report.Write(io.Discard, asked[0], made(), report.Options{Lang: asked[1]}); err == nil {
			t.Errorf("%s in %s is no error", asked[0], asked[1])
		}
	}
}
