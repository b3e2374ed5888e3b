package ingest

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// records splits text and returns line and content of every record, with a
// mark on bad ones.
func records(t testing.TB, text string) (lines []int64, raws []string) {
	t.Helper()
	s := splitCSV(strings.NewReader(text), Layout{Delimiter: ','})
	for {
		r, err := s.next()
		if errors.Is(err, io.EOF) {
			return lines, raws
		}
		if err != nil {
			t.Fatal(err)
		}
		raw := string(r.raw)
		if r.bad != "" {
			raw += " BAD"
		}
		lines, raws = append(lines, r.line), append(raws, raw)
	}
}

func TestRecordsEndOutsideOfQuotes(t *testing.T) {
	f := func(text string, wantLines []int64, want ...string) {
		t.Helper()
		lines, raws := records(t, text)
		if d := cmp.Diff(want, raws); d != "" {
			t.Errorf("records of %q: %s", text, d)
		}
		if d := cmp.Diff(wantLines, lines); d != "" {
			t.Errorf("lines of %q: %s", text, d)
		}
	}
	f("a,b\r\nc,d", []int64{1, 2}, "a,b", "c,d")
	f("a\n\n\nb\n", []int64{1, 4}, "a", "b")
	f("a,\"x\ny\"\nb\n", []int64{1, 3}, "a,\"x\ny\"", "b")
	f("a,\"x\"\"\n\"\"y\"\nb\n", []int64{1, 3}, "a,\"x\"\"\n\"\"y\"", "b")
	f("a,5\" pipe\nb\n", []int64{1, 2}, "a,5\" pipe", "b")
	f("a,\"x\nb,c\nd,e\n", []int64{1, 2, 3}, "a,\"x BAD", "b,c", "d,e")
	f("a,\"x\nb,\"c\nd\"\n", []int64{1, 2}, "a,\"x BAD", "b,\"c\nd\"")
	f("", nil)
}

func TestDelimiterAndHeaderAreSniffed(t *testing.T) {
	f := func(text string, delimiter rune, skip int, columns ...string) {
		t.Helper()
		l, ok := sniffCSV([]byte(text), true)
		if !ok || l.Delimiter != delimiter || l.skip != skip || cmp.Diff(columns, l.Columns) != "" {
			t.Errorf("%q: delimiter %q, skip %d, columns %q; want %q, %d, %q", text, l.Delimiter, l.skip, l.Columns, delimiter, skip, columns)
		}
	}
	f("id,name\n1,\"a;b\"\n2,c\n", ',', 1, "id", "name")
	f("id;name;x\n1;a,b;2,5\n2;c,d;3,5\n", ';', 1, "id", "name", "x")
	f("id\tname\n1\ta\n", '\t', 1, "id", "name")
	f("id|name\n1|a\n", '|', 1, "id", "name")
	f("Report of March\n\nid,name\n1,a\n2,b\n3,c\n", ',', 2, "id", "name")
	f("1,2\n3,4\n", ',', 0, "column_1", "column_2")
	f("id,,id\n1,2,3\n2,3,4\n", ',', 0, "column_1", "column_2", "column_3")
	f("id,a,b,,id\n1,2,3,4,5\n", ',', 1, "id", "a", "b", "column_4", "id_2")
	f("lng,lat\n-71.04,42.38\n", ',', 1, "lng", "lat")
}

func TestParserReportsWhatIsWrong(t *testing.T) {
	p := newCSVParser(Layout{Format: formatCSV, Delimiter: ',', Encoding: UTF8, Columns: []string{"a", "b"}})
	f := func(raw, code string, want ...string) {
		t.Helper()
		got, bad := p.parse(record{line: 1, raw: []byte(raw)})
		if bad != nil {
			if bad.Code != code {
				t.Errorf("%q rejected as %s, want %q", raw, bad.Code, code)
			}
			return
		}
		if code != "" || cmp.Diff(want, got) != "" {
			t.Errorf("%q = %q, want %q %s", raw, got, want, code)
		}
	}
	f("1,2", "", "1", "2")
	f(`"x,y","z""w"`, "", "x,y", `z"w`)
	f("1,2,,", "", "1", "2")
	f("1", CodeFields)
	f("1,2,3", CodeFields)
	f(`1,"2"x`, CodeSyntax)
	f("1,2", "", "1", "2") // the parser is whole after an error
	f("1,\xff", CodeEncoding)
}
