package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
)

func documents() []promise {
	return []promise{
		{"documents are kept in their order, each once", documentsKept},
		{"a document that is kept does not change", documentsStay},
		{"bad documents are refused", documentsBad},
		{"documents are none of the catalog's own", documentsApart},
		{"of many who keep a document one does", documentsCrowd},
		{"the version leaves out documents", documentsUnversioned},
	}
}

func putDocument(t *testing.T, s data.Store, kind, name, body string, want bool) {
	t.Helper()
	kept, err := s.PutDocument(context.Background(), data.Document{Kind: kind, Name: name, Body: body})
	if err != nil {
		t.Fatalf("PutDocument: %v", err)
	}
	if kept != want {
		t.Errorf("document %q is kept: %t, want %t", name, kept, want)
	}
}

// wantDocuments expects the documents of a kind, given as name and body, and
// that the times at which they were recorded do not run backwards.
func wantDocuments(t *testing.T, s data.Store, kind string, want ...[2]string) []data.Document {
	t.Helper()
	all, err := s.Documents(context.Background(), kind)
	if err != nil {
		t.Fatalf("Documents: %v", err)
	}
	var got [][2]string
	for i, d := range all {
		got = append(got, [2]string{d.Name, d.Body})
		if d.Kind != kind || d.Recorded.IsZero() || d.Recorded.UnixMicro()*1000 != d.Recorded.UnixNano() {
			t.Errorf("document %q is of kind %q, recorded at %v; want kind %q and whole microseconds", d.Name, d.Kind, d.Recorded, kind)
		}
		if i > 0 && d.Recorded.Before(all[i-1].Recorded) {
			t.Errorf("document %q is recorded at %v, the one before at %v", d.Name, d.Recorded, all[i-1].Recorded)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("documents of kind %q (-want +got):\n%s", kind, diff)
	}
	return all
}

func documentsKept(t *testing.T, s data.Store) {
	wantDocuments(t, s, "calendar")
	large := strings.Repeat("长a\n", data.MaxDocument/5)
	putDocument(t, s, "calendar", "z", "b: '1'\n", true)
	putDocument(t, s, "indicator", "z", "another kind", true)
	putDocument(t, s, "calendar", "按期处置率 v2", large, true)
	putDocument(t, s, "calendar", "a", "", true)
	putDocument(t, s, "calendar", "z", "b: '1'\n", false)
	putDocument(t, s, "calendar", "a", "", false)
	putDocument(t, s, "calendar", "A", "\u0010\r\n\ttext\ufeff'\"\\", true)
	putDocument(t, s, "calendar", "按期处置率 v2", large, false)
	wantDocuments(t, s, "calendar", [2]string{"z", "b: '1'\n"}, [2]string{"按期处置率 v2", large}, [2]string{"a", ""}, [2]string{"A", "\u0010\r\n\ttext\ufeff'\"\\"})
	wantDocuments(t, s, "indicator", [2]string{"z", "another kind"})
	wantDocuments(t, s, "Calendar")
	wantDocuments(t, s, "")
}

func documentsStay(t *testing.T, s data.Store) {
	putDocument(t, s, "indicator", "a", "one", true)
	first := wantDocuments(t, s, "indicator", [2]string{"a", "one"})
	for _, body := range []string{"two", "", "one ", "One"} {
		kept, err := s.PutDocument(context.Background(), data.Document{Kind: "indicator", Name: "a", Body: body})
		if !errors.Is(err, data.ErrConflict) || kept {
			t.Errorf("another body %q: kept %t, %v, want data.ErrConflict", body, kept, err)
		}
	}
	putDocument(t, s, "indicator", "a", "one", false)
	if diff := cmp.Diff(first, wantDocuments(t, s, "indicator", [2]string{"a", "one"})); diff != "" {
		t.Errorf("the document changed (-want +got):\n%s", diff)
	}
}

func documentsBad(t *testing.T, s data.Store) {
	long := strings.Repeat("n", data.MaxDocumentName+1)
	for what, d := range map[string]data.Document{
		"no kind":           {Name: "a"},
		"no name":           {Kind: "k"},
		"a long kind":       {Kind: long, Name: "a"},
		"a long name":       {Kind: "k", Name: long},
		"a large body":      {Kind: "k", Name: "a", Body: strings.Repeat("b", data.MaxDocument+1)},
		"a kind not UTF-8":  {Kind: "\xff", Name: "a"},
		"a name not UTF-8":  {Kind: "k", Name: "a\xff"},
		"a body not UTF-8":  {Kind: "k", Name: "a", Body: "\xc3"},
		"a kind with a NUL": {Kind: "k\x00", Name: "a"},
		"a name with a NUL": {Kind: "k", Name: "\x00"},
		"a body with a NUL": {Kind: "k", Name: "a", Body: "b\x00"},
	} {
		if kept, err := s.PutDocument(context.Background(), d); err == nil || kept {
			t.Errorf("%s: PutDocument kept it: %t, and gave no error", what, kept)
		}
	}
	wantDocuments(t, s, "k")
	widest := data.Document{Kind: long[1:], Name: strings.Repeat("é", data.MaxDocumentName/2), Body: strings.Repeat("b", data.MaxDocument)}
	putDocument(t, s, widest.Kind, widest.Name, widest.Body, true)
	wantDocuments(t, s, widest.Kind, [2]string{widest.Name, widest.Body})
}

// documentsApart takes the names that stores keep settings, reports and imports
// under.
func documentsApart(t *testing.T, s data.Store) {
	ctx := context.Background()
	putSettings(t, s, data.Settings{Zone: "Asia/Shanghai"})
	if err := s.PutReport(ctx, data.Report{Dataset: data.Incidents, Rows: 1}); err != nil {
		t.Fatal(err)
	}
	if err := s.PutImport(ctx, data.Import{ID: "x", File: "cases.csv"}); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"settings", "report", "import"} {
		wantDocuments(t, s, kind)
		putDocument(t, s, kind, "x", "no JSON", true)
		putDocument(t, s, kind, string(data.Incidents), "{}", true)
		wantDocuments(t, s, kind, [2]string{"x", "no JSON"}, [2]string{string(data.Incidents), "{}"})
	}
	if r, err := s.Report(ctx, data.Incidents); err != nil || r.Rows != 1 {
		t.Errorf("the report is of %d rows, %v, want 1", r.Rows, err)
	}
	if imports, err := s.Imports(ctx); err != nil || len(imports) != 1 || imports[0].File != "cases.csv" {
		t.Errorf("the imports are %+v, %v, want one of cases.csv", imports, err)
	}
}

// documentsCrowd has several keep documents of the same names at one time, each
// with a body of its own.
func documentsCrowd(t *testing.T, s data.Store) {
	const writers, names = 6, 8
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := map[string]string{}
	for w := range writers {
		wg.Go(func() {
			for n := range names {
				d := data.Document{Kind: "k", Name: fmt.Sprint((n + w) % names), Body: fmt.Sprint("of ", w)}
				kept, err := s.PutDocument(context.Background(), d)
				mu.Lock()
				switch {
				case kept && err == nil && won[d.Name] == "":
					won[d.Name] = d.Body
				case kept:
					t.Errorf("document %s is kept as %q and as %q (%v)", d.Name, won[d.Name], d.Body, err)
				case !errors.Is(err, data.ErrConflict):
					t.Errorf("PutDocument: %v, want data.ErrConflict", err)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	all, err := s.Documents(context.Background(), "k")
	if err != nil || len(all) != names {
		t.Fatalf("%d documents, %v, want %d", len(all), err, names)
	}
	var want [][2]string
	for _, d := range all {
		want = append(want, [2]string{d.Name, won[d.Name]})
	}
	wantDocuments(t, s, "k", want...)
}

func documentsUnversioned(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a"))
	before := version(t, s)
	putDocument(t, s, "indicator", "a", "one", true)
	if after := version(t, s); after != before {
		t.Errorf("Version went from %s to %s", before, after)
	}
}
