package jobs_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/jobs"
	"github.com/civgrid/civgrid/api/page/pagetest"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/sample"
)

type importDoc struct {
	File, Dataset, Import, Source, Profile string
	DryRun                                 bool `json:"dry_run"`
	Read, Accepted, Repeated, Rejected     int64
	Already                                bool
	Changes                                data.Changes
	Reasons                                map[string]int64
	Communities, Changed                   int64
	Links                                  []api.Link
}

// bring hands in a file and waits for the job.
func (h house) bring(t testing.TB, query, body string, fields ...string) jobDoc {
	t.Helper()
	a := h.ask("ada", "POST", "/imports?"+query, body, append([]string{"Content-Type", "text/csv"}, fields...)...)
	j := read[jobDoc](t, a, 201)
	if j.Type != "import" || j.ProcessID == "" || a.header.Get("Location") != base+"/jobs/"+j.JobID {
		t.Errorf("the job %+v, Location %s", j, a.header.Get("Location"))
	}
	return h.end(t, "ada", j.JobID)
}

// brought hands in a file and returns what became of it.
func (h house) brought(t testing.TB, query, body string, fields ...string) importDoc {
	t.Helper()
	j := h.bring(t, query, body, fields...)
	if j.Status != "successful" || j.Progress != 100 {
		t.Fatalf("the job %+v", j)
	}
	return read[importDoc](t, h.ask("ada", "GET", "/jobs/"+j.JobID+"/results", ""), 200)
}

func version(t testing.TB, s data.Store) string {
	t.Helper()
	v, err := s.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestAnImportIsThatOfTheCommand: outlines and then cases, some of them bad, through
// the service make the same store as the functions behind civgrid import; the
// rejected rows are the same; and the files once more change nothing.
func TestAnImportIsThatOfTheCommand(t *testing.T) {
	var district, hotline sample.File
	for _, f := range sample.New(1).Files() {
		switch f.Name {
		case "district.geojson":
			district = f
		case "hotline-12345.csv":
			hotline = f
		}
	}
	mapping, err := json.Marshal(map[string]any{"map": hotline.Mapping})
	if err != nil {
		t.Fatal(err)
	}
	want := memory.New()
	if _, err := ingest.Boundaries(t.Context(), want, ingest.Bytes(district.Name, district.Bytes()), ingest.BoundaryOptions{Level: data.District, Now: present()}, nil); err != nil {
		t.Fatal(err)
	}
	var lines []int64
	options := ingest.Options{
		Dataset: data.Incidents, Now: present(), Mapping: ingest.Mapping{Dataset: data.Incidents, Source: "12345", Zone: sample.Zone, Map: hotline.Mapping},
		Rejected: func(r ingest.Reject) { lines = append(lines, r.Line) },
	}
	result, err := ingest.Import(t.Context(), want, ingest.Bytes(hotline.Name, hotline.Bytes()), options, nil)
	if err != nil || result.Rejected == 0 {
		t.Fatalf("%d rejected, %v; the test needs some", result.Rejected, err)
	}

	h := open(t, memory.New(), nil)
	areas := h.brought(t, "dataset=boundaries&level=district&filename=district.geojson", string(district.Bytes()), "Content-Type", "application/geo+json")
	if areas.Communities != 5 || areas.Changed != 5 {
		t.Errorf("outlines: %+v", areas)
	}
	query := "dataset=incidents&source=12345&zone=" + url.QueryEscape(sample.Zone) + "&mapping=" + url.QueryEscape(string(mapping))
	got := h.brought(t, query, string(hotline.Bytes()), "Content-Disposition", `attachment; filename="hotline-12345.csv"`)
	if got.File != hotline.Name || got.Source != "12345" || got.Read != result.Read || got.Accepted != result.Accepted ||
		got.Rejected != result.Rejected || got.Repeated != result.Repeated || got.Changes != result.Changes || got.Import != result.Import.ID {
		t.Errorf("what became of the file: %+v, want %+v", got, result)
	}
	if diff := cmp.Diff(result.Import.Reasons, got.Reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if a, b := version(t, h.store), version(t, want); a != b {
		t.Errorf("the store is %s, want %s", a, b)
	}
	rows, err := csv.NewReader(strings.NewReader(h.ask("ada", "GET", strings.TrimPrefix(linkOf(got.Links, "alternate"), base), "").body)).ReadAll()
	if err != nil || len(rows) != len(lines)+1 || !cmp.Equal(rows[0], []string{"row", "column", "value", "code", "reason"}) {
		t.Fatalf("%d rows of rejects as %v, %v; want %d", len(rows), rows[0], err, len(lines)+1)
	}
	for i, line := range lines {
		if rows[i+1][0] != fmt.Sprint(line) || rows[i+1][4] == "" {
			t.Errorf("reject %d is %v, want line %d", i, rows[i+1], line)
		}
	}

	before := version(t, h.store)
	again := h.brought(t, query, string(hotline.Bytes()), "Content-Disposition", `attachment; filename="hotline-12345.csv"`)
	if !again.Already || again.Changes.Inserted != 0 || version(t, h.store) != before {
		t.Errorf("the same file again: %+v", again)
	}
}

const few = "id,opened_at,lon,lat\n1,2024-05-01,114.1,22.5\n2,never,114.1,22.5\n3,2024-05-03,114.1,22.5\n"

func TestADryRunWritesNothing(t *testing.T) {
	h := open(t, memory.New(), nil)
	before := version(t, h.store)
	got := h.brought(t, "dataset=incidents&source=x&dry-run=true", few)
	if !got.DryRun || got.Read != 3 || got.Rejected != 1 || version(t, h.store) != before {
		t.Errorf("a dry run: %+v", got)
	}
	if got := h.brought(t, "dataset=incidents&source=x", few); got.DryRun || got.Changes.Inserted != 2 {
		t.Errorf("and then: %+v", got)
	}
}

func TestBodiesMayBePacked(t *testing.T) {
	h := open(t, memory.New(), nil)
	var zipped, zstandard bytes.Buffer
	g := gzip.NewWriter(&zipped)
	_, _ = g.Write([]byte(few))
	_ = g.Close()
	z, err := zstd.NewWriter(&zstandard)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write([]byte(few))
	_ = z.Close()
	want := h.brought(t, "dataset=incidents&source=x&filename=a.csv", few)
	for coding, body := range map[string]string{"gzip": zipped.String(), "zstd": zstandard.String(), "x-gzip": zipped.String(), "identity": few} {
		if got := h.brought(t, "dataset=incidents&source=x&filename=a.csv", body, "Content-Encoding", coding); !got.Already || got.Import != want.Import {
			t.Errorf("%s: %+v, want the same import", coding, got)
		}
	}
	if got := h.brought(t, "dataset=incidents&source=x&filename=a.csv.gz", zipped.String(), "Content-Type", "application/gzip"); got.Read != 3 || got.Changes.Unchanged != 2 {
		t.Errorf("a file that is an archive: %+v", got)
	}
}

// TestUploadsNobodyMeansWell: nothing of them is kept, in the store or in the folder.
func TestUploadsNobodyMeansWell(t *testing.T) {
	folder := t.TempDir()
	h := open(t, memory.New(), func(o *jobs.Options) {
		o.Upload = jobs.UploadLimits{Folder: folder, Bytes: 256 << 10, Unpacked: 4 << 20, Outlines: 100 << 10}
	})
	bomb := func(n int) string {
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte("id,opened_at\n"))
		for range n >> 10 {
			_, _ = w.Write(bytes.Repeat([]byte("1,2024-01-01\n"), 80))
		}
		_ = w.Close()
		if b.Len() > 256<<10 {
			t.Fatalf("the bomb has %d bytes, which are too many as such", b.Len())
		}
		return b.String()
	}
	zbomb := func(n int) string {
		var b bytes.Buffer
		w, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(make([]byte, n))
		_ = w.Close()
		return b.String()
	}
	before := version(t, h.store)
	f := func(name string, status int, body string, fields ...string) {
		t.Helper()
		a := h.ask("ada", "POST", "/imports?dataset=incidents&source=x", body, append([]string{"Content-Type", "text/csv"}, fields...)...)
		if a.status != status {
			t.Errorf("%s: %d %s, want %d", name, a.status, a.body, status)
		}
	}
	f("more bytes than are taken", 413, strings.Repeat("x", 257<<10))
	f("a gzip bomb", 413, bomb(32<<20), "Content-Encoding", "gzip")
	f("a zstd bomb", 413, zbomb(64<<20), "Content-Encoding", "zstd")
	f("a small bomb of high ratio", 413, zbomb(3<<20), "Content-Encoding", "zstd")
	f("gzip that is none", 400, few, "Content-Encoding", "gzip")
	f("zstd that is none", 400, few, "Content-Encoding", "zstd")
	f("gzip cut off", 400, bomb(1 << 10)[:40], "Content-Encoding", "gzip")
	f("two codings", 415, few, "Content-Encoding", "gzip, gzip")
	f("an unknown coding", 415, few, "Content-Encoding", "br")
	f("an Excel workbook", 415, "PK\x03\x04", "Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	f("a form", 415, few, "Content-Type", "multipart/form-data; boundary=x")
	f("no type", 415, few, "Content-Type", "")
	outlines := `{"type":"FeatureCollection","features":[` + strings.Repeat(" ", 120<<10)
	if a := h.ask("ada", "POST", "/imports?dataset=boundaries&level=district", outlines, "Content-Type", "application/geo+json"); a.status != 413 {
		t.Errorf("outlines of 120 KiB where 100 are taken: %d", a.status)
	}
	j := h.bring(t, "dataset=incidents&source=x", bomb(32<<20), "Content-Type", "application/gzip")
	if got := read[problem](t, h.ask("ada", "GET", "/jobs/"+j.JobID+"/results", ""), 413); !strings.HasSuffix(got.Type, "/too-large") {
		t.Errorf("a bomb that is the file itself: %+v", got)
	}
	for name, text := range map[string]string{"a picture": "\x89PNG\r\n", "nothing": " \n", "XML": "<a/>", "no time": "a,b\n1,2\n", "nothing but signs": strings.Repeat("[", 60_000)} {
		j := h.bring(t, "dataset=incidents&source=x", text)
		if got := read[problem](t, h.ask("ada", "GET", "/jobs/"+j.JobID+"/results", ""), 400); j.Status != "failed" || strings.Contains(got.Detail, folder) || strings.Contains(got.Detail, "civgrid-import-") {
			t.Errorf("%s: %+v, %+v", name, j, got)
		}
	}
	if after := version(t, h.store); after != before {
		t.Error("the store has changed")
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

func TestNamesOfFilesAreNoPaths(t *testing.T) {
	h := open(t, memory.New(), nil)
	f := func(disposition, want string) {
		t.Helper()
		got := h.brought(t, "dataset=incidents&source=x&dry-run=true", few, "Content-Disposition", disposition)
		if got.File != want {
			t.Errorf("%s: the file is called %q, want %q", disposition, got.File, want)
		}
	}
	f(`attachment; filename="../../etc/cases.csv"`, "cases.csv")
	f(`attachment; filename="C:\\Users\\x\\cases.csv"`, "cases.csv")
	f(`attachment; filename="/cases.csv"`, "cases.csv")
	f(`attachment; filename="cases/"`, "upload")
	f("attachment; filename*=UTF-8''%E5%B7%A5%E5%8D%95.csv", "工单.csv")
	f("attachment; filename*=UTF-8''..%2F..%2Fcases.csv", "cases.csv")
	for _, bad := range []string{`attachment; filename=".."`, "attachment; filename*=UTF-8''a%00b", `attachment; filename="` + strings.Repeat("x", 300) + `"`, `"`} {
		if a := h.ask("ada", "POST", "/imports?dataset=incidents&source=x", few, "Content-Type", "text/csv", "Content-Disposition", bad); a.status != 400 {
			t.Errorf("%s: %d, want 400", bad, a.status)
		}
	}
}

func TestParametersOfImportsAreChecked(t *testing.T) {
	h := open(t, memory.New(), nil)
	f := func(query, name string) {
		t.Helper()
		got := read[problem](t, h.ask("ada", "POST", "/imports?"+query, few, "Content-Type", "text/csv"), 400)
		for _, fault := range got.Errors {
			if fault.Parameter == name {
				return
			}
		}
		t.Errorf("%s: faults %v, want one of %s", query, got.Errors, name)
	}
	f("source=x", "dataset")
	f("dataset=streets&source=x", "dataset")
	f("dataset=incidents", "source")
	f("dataset=incidents&source=x&level=district", "level")
	f("dataset=boundaries&profile=nyc311", "profile")
	f("dataset=boundaries&level=galaxy", "level")
	f("dataset=boundaries&valid-from=soon", "valid-from")
	f("dataset=incidents&source=x&dry-run=perhaps", "dry-run")
	f("dataset=incidents&source=x&max-errors=-1", "max-errors")
	f("dataset=incidents&source=x&zone=Mars/Olympus", "mapping")
	f("dataset=incidents&source=x&mapping=%5B", "mapping")
	f("dataset=incidents&source=x&mapping=%7B%22maps%22%3A1%7D", "mapping")
	f("dataset=incidents&source=x&path=/etc/passwd", "path")
	f("dataset=incidents&source=x&source=y", "source")
}

func TestRejectedFilesTellWhy(t *testing.T) {
	h := open(t, memory.New(), nil)
	j := h.bring(t, "dataset=incidents&source=x&all-or-nothing=true", few)
	got := read[problem](t, h.ask("ada", "GET", "/jobs/"+j.JobID+"/results", ""), 400)
	if j.Status != "failed" || !strings.Contains(got.Detail, "1 of 3 rows rejected") {
		t.Errorf("all or nothing: %+v, %+v", j, got)
	}
	wantRejects(t, h, j, 400, 1)
	swapped := "id,opened_at,lon,lat\n" + strings.Repeat("1,2024-05-01,22.5,114.1\n", 20)
	j = h.bring(t, "dataset=incidents&source=x", swapped)
	if j.Status != "failed" || !strings.Contains(j.Message, "swapped") || !strings.Contains(j.Message, "ignore-doubts") {
		t.Errorf("a doubt: %+v", j)
	}
}

// rejects are what a document tells of the rows that were not taken.
type rejects struct {
	Read, Rejected int64
	Reasons        map[string]int64
	Rejects        []struct {
		Row                         int64
		Column, Value, Code, Reason string
	}
	Links []api.Link
}

// wantRejects tests that the result of a job of files as few tells of n rejects, the first
// of which is line 3, and links to all of them.
func wantRejects(t *testing.T, h house, j jobDoc, status, n int) {
	t.Helper()
	got := read[rejects](t, h.ask("ada", "GET", "/jobs/"+j.JobID+"/results", ""), status)
	if got.Rejected != int64(n) || got.Reasons["time"] != int64(n) || len(got.Rejects) != min(n, 100) {
		t.Fatalf("%d rejects are told of %d, for %v; want %d", len(got.Rejects), got.Rejected, got.Reasons, n)
	}
	if r := got.Rejects[0]; r.Row != 3 || r.Column != "opened_at" || r.Value != "never" || r.Code != "time" || r.Reason == "" {
		t.Errorf("the first reject is %+v", r)
	}
	rows, err := csv.NewReader(strings.NewReader(h.ask("ada", "GET", strings.TrimPrefix(linkOf(got.Links, "alternate"), base), "").body)).ReadAll()
	if err != nil || len(rows) != n+1 || rows[1][0] != "3" || rows[1][2] != "never" {
		t.Errorf("%d lines of CSV (%v), want %d", len(rows), err, n+1)
	}
}

// TestRejectsOfAllImportsAreTold: of those that failed as of those that did not, the first
// hundred in the document and all by its link.
func TestRejectsOfAllImportsAreTold(t *testing.T) {
	h := open(t, memory.New(), nil)
	wantRejects(t, h, h.bring(t, "dataset=incidents&source=x", few), 200, 1)
	many := few + strings.Repeat("4,never,114.1,22.5\n", 149)
	wantRejects(t, h, h.bring(t, "dataset=incidents&source=y&max-errors=10", many), 400, 150)
	wantRejects(t, h, h.bring(t, "dataset=incidents&source=z", many), 200, 150)
}

// TestAFailedImportLeadsBrowsersToItsRejects: from the page of the job as from the page
// that says why it failed, which holds all of the problem.
func TestAFailedImportLeadsBrowsersToItsRejects(t *testing.T) {
	h := open(t, memory.New(), nil)
	j := h.bring(t, "dataset=incidents&source=y&all-or-nothing=true", few)
	at := base + "/jobs/" + j.JobID
	for path, status := range map[string]int{at: 200, at + "/results": 400} {
		got := h.ask("ada", "GET", path, "", "Accept", "text/html")
		if got.status != status || got.header.Get("Content-Type") != string(api.HTML) {
			t.Fatalf("%s: %d %s", path, got.status, got.header.Get("Content-Type"))
		}
		shown := pagetest.Read(t, path, got.body)
		if document := []byte(h.ask("ada", "GET", path, "").body); status == 200 {
			shown.Holds(t, path, document)
		} else {
			shown.HoldsProblem(t, path, document)
		}
		if !slices.Contains(shown.Links, at+"/results?f=csv") || !strings.Contains(shown.Text, "The rejected rows") {
			t.Errorf("%s leads to %v", path, shown.Links)
		}
	}
	if csv := h.ask("ada", "GET", at+"/results?f=csv", "", "Accept", "text/html"); csv.status != 200 || !strings.HasPrefix(csv.body, "row,column,") {
		t.Errorf("the link gives %d %s", csv.status, csv.body)
	}
}

// TestAnEmptyFileIsRefusedAtOnce: there is no job of it.
func TestAnEmptyFileIsRefusedAtOnce(t *testing.T) {
	h := open(t, memory.New(), nil)
	var zipped bytes.Buffer
	if err := gzip.NewWriter(&zipped).Close(); err != nil {
		t.Fatal(err)
	}
	for coding, body := range map[string]string{"identity": "", "gzip": zipped.String()} {
		a := h.ask("ada", "POST", "/imports?dataset=incidents&source=x", body, "Content-Type", "text/csv", "Content-Encoding", coding)
		if got := read[problem](t, a, 400); !strings.Contains(got.Detail, "empty") {
			t.Errorf("%s: %+v", coding, got)
		}
	}
	if list := read[jobList](t, h.ask("ada", "GET", "/jobs", ""), 200); len(list.Jobs) != 0 {
		t.Errorf("%d jobs", len(list.Jobs))
	}
}

// TestMessagesNameParameters: what a file takes is told in the words of the request.
func TestMessagesNameParameters(t *testing.T) {
	h := open(t, memory.New(), nil)
	f := func(query, body, want string, fields ...string) {
		t.Helper()
		j := h.bring(t, query, body, fields...)
		text := h.ask("ada", "GET", "/jobs/"+j.JobID+"/results", "").body + j.Message
		quoted, _ := json.Marshal(want)
		if !strings.Contains(text, strings.Trim(string(quoted), `"`)) && !strings.Contains(text, want) || strings.Contains(text, "--") {
			t.Errorf("%s: %s %s, want %s", query, j.Status, text, want)
		}
	}
	geojson := []string{"Content-Type", "application/geo+json"}
	area := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"x"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}]}`
	f("dataset=incidents&source=x", "id,colour\n1,red\n", `name it with mapping={"map":{"reported_at":"COLUMN"}}`)
	f("dataset=incidents&source=x", "id,opened_at,lon\n1,2024-05-01,114\n", "name the other with the parameter mapping")
	f("dataset=incidents&source=x", "id,opened_at,lon,lat\n"+strings.Repeat("1,2024-05-01,22.5,114.1\n", 20), `try: mapping={"map":{"lat":"…","lon":"…"}} the other way round`)
	f("dataset=incidents&source=x", "id,opened_at,lon,lat\n"+strings.Repeat("1,2024-05-01,8000000.5,4000000.5\n", 20), "crs=epsg:3857")
	f("dataset=incidents&source=x&dry-run=true", "id,opened_at\n1,2024-05-01 10:00\n", "such as zone=Asia/Shanghai (zone=UTC if they are UTC)")
	f("dataset=incidents&source=x&zone=Asia/Shanghai&dry-run=true", "id,opened_at,closed_at\n1,02/02/2024,05/02/2024\n", `mapping={"times":["us"]} if it means 2 May 2024`)
	f("dataset=incidents&source=x", area, "dataset=boundaries level=district", geojson...)
	f("dataset=boundaries", area, "level=district (or level-property=NAME", geojson...)
	f("dataset=boundaries&level=district&code=nr", area, `the parameter code: no area has a property "nr"`, geojson...)
	f("dataset=boundaries&level=district", "code,what\n1,x\n", "geometry=COLUMN")
}

// TestAFormulaOfARejectIsText: what stands in a bad row is opened in a spreadsheet.
func TestAFormulaOfARejectIsText(t *testing.T) {
	h := open(t, memory.New(), nil)
	j := h.bring(t, "dataset=incidents&source=x", "id,opened_at\n1,2024-05-01\n2,=1+1\n")
	rows, err := csv.NewReader(strings.NewReader(h.ask("ada", "GET", "/jobs/"+j.JobID+"/results?f=csv", "").body)).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][2] != "'=1+1" {
		t.Errorf("rejects %v, %v", rows, err)
	}
}

// TestIdempotencyKey: draft-ietf-httpapi-idempotency-key-header-07, sections 2.1 and 2.6.
func TestIdempotencyKey(t *testing.T) {
	h := open(t, memory.New(), nil)
	post := func(caller, key, query, body string) answer {
		return h.ask(caller, "POST", "/imports?dataset=incidents&source=x"+query, body, "Content-Type", "text/csv", "Idempotency-Key", key)
	}
	const key = `"8e03978e-40d5-43e8-bc93-6894a57f9324"`
	first := read[jobDoc](t, post("ada", key, "", few), 201)
	h.end(t, "ada", first.JobID)
	for _, k := range []string{key, strings.Trim(key, `"`)} {
		if a := post("ada", k, "", few); read[jobDoc](t, a, 201).JobID != first.JobID || a.header.Get("Location") != base+"/jobs/"+first.JobID {
			t.Errorf("the same file with the same key: %s", a.body)
		}
	}
	for _, a := range []answer{post("ada", key, "", few+"4,2024-05-04,114.1,22.5\n"), post("ada", key, "&dry-run=true", few)} {
		if got := read[problem](t, a, 422); !strings.HasSuffix(got.Type, "/idempotency-key-reused") {
			t.Errorf("another file, or another way to read it, with the same key: %+v", got)
		}
	}
	if other := read[jobDoc](t, post("bob", key, "", few), 201); other.JobID == first.JobID {
		t.Error("another caller with the same key got the job of the first")
	}
	for _, bad := range []string{`""`, `"`, `"a"b"`, "é", strings.Repeat("k", 256)} {
		if a := post("ada", bad, "", few); a.status != 400 {
			t.Errorf("key %s: %d, want 400", bad, a.status)
		}
	}
}

// TestADismissedImportIsNotDone: one that waits for its turn.
func TestADismissedImportIsNotDone(t *testing.T) {
	engine := slow{make(chan struct{}, 9)}
	h := open(t, memory.New(), func(o *jobs.Options) { o.Engine = engine })
	for range 2 { // all workers are busy
		read[jobDoc](t, h.ask("ada", "POST", "/processes/density/execution", "", "Prefer", "respond-async"), 201)
		<-engine.begun
	}
	before := version(t, h.store)
	j := read[jobDoc](t, h.ask("ada", "POST", "/imports?dataset=incidents&source=x", few, "Content-Type", "text/csv"), 201)
	if j.Status != "accepted" {
		t.Errorf("the import is %s", j.Status)
	}
	if j := read[jobDoc](t, h.ask("ada", "DELETE", "/jobs/"+j.JobID, ""), 200); j.Status != "dismissed" {
		t.Errorf("dismissed, the import is %s", j.Status)
	}
	for _, j := range read[jobList](t, h.ask("ada", "GET", "/jobs?status=running", ""), 200).Jobs {
		h.ask("ada", "DELETE", "/jobs/"+j.JobID, "")
	}
	time.Sleep(50 * time.Millisecond)
	if version(t, h.store) != before {
		t.Error("a dismissed import was done")
	}
}

// readOnly is a store that was opened to be read.
type readOnly struct{ data.Store }

func (readOnly) PutImport(context.Context, data.Import) error { return data.ErrReadOnly }

func TestAStoreToBeReadTakesNoFiles(t *testing.T) {
	h := open(t, readOnly{memory.New()}, nil)
	j := h.bring(t, "dataset=incidents&source=x", few)
	if got := h.ask("ada", "GET", "/jobs/"+j.JobID+"/results", ""); j.Status != "failed" || got.status != 403 || !strings.Contains(j.Message, "only read") {
		t.Errorf("%+v, %d %s", j, got.status, got.body)
	}
	if got := h.brought(t, "dataset=incidents&source=x&dry-run=true", few); got.Read != 3 {
		t.Errorf("a dry run: %+v", got)
	}
}

// TestFilesThatWaitAreCounted: more than there are places for are refused before they
// are read.
func TestFilesThatWaitAreCounted(t *testing.T) {
	engine := slow{make(chan struct{}, 9)}
	h := open(t, memory.New(), func(o *jobs.Options) { o.Engine = engine })
	post := func() answer {
		return h.ask("ada", "POST", "/imports?dataset=incidents&source=x", few, "Content-Type", "text/csv")
	}
	for range 2 { // all workers are busy
		read[jobDoc](t, h.ask("ada", "POST", "/processes/density/execution", "", "Prefer", "respond-async"), 201)
		<-engine.begun
	}
	for range 8 {
		read[jobDoc](t, post(), 201)
	}
	if a := post(); a.status != 503 || a.header.Get("Retry-After") == "" {
		t.Errorf("a ninth file: %d, want 503 with Retry-After", a.status)
	}
	for _, j := range read[jobList](t, h.ask("ada", "GET", "/jobs?status=accepted", ""), 200).Jobs {
		h.ask("ada", "DELETE", "/jobs/"+j.JobID, "")
	}
	read[jobDoc](t, post(), 201)
	for _, j := range read[jobList](t, h.ask("ada", "GET", "/jobs?status=running,accepted", ""), 200).Jobs {
		h.ask("ada", "DELETE", "/jobs/"+j.JobID, "")
	}
}
