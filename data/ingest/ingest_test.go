package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

func testdata(t testing.TB, name string) ingest.Input {
	t.Helper()
	in, err := ingest.File("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// column returns the values of a column by id, as text.
func column(t testing.TB, store data.Store, name string) map[string]string {
	t.Helper()
	values := map[string]string{}
	for b, err := range store.Scan(context.Background(), data.Query{Dataset: data.Incidents}) {
		if err != nil {
			t.Fatal(err)
		}
		id, valid := b.Texts("id"), b.Valid(name)
		for i := range b.Len() {
			if !valid.At(i) {
				values[id.At(i)] = "-"
				continue
			}
			for _, c := range b.Columns() {
				if c.Name != name {
					continue
				}
				switch c.Type {
				case data.Text:
					values[id.At(i)] = b.Texts(name).At(i)
				case data.Code:
					values[id.At(i)] = b.Codes(name).At(i)
				case data.Float:
					values[id.At(i)] = fmt.Sprint(b.Floats(name)[i])
				default:
					values[id.At(i)] = fmt.Sprint(b.Ints(name)[i] / 1_000_000)
				}
			}
		}
	}
	return values
}

func TestPlantedErrorsAreFoundAndNothingElse(t *testing.T) {
	want, err := os.ReadFile("testdata/planted_errors.want")
	if err != nil {
		t.Fatal(err)
	}
	var rejects bytes.Buffer
	store := newStore()
	r := importFile(t, store, testdata(t, "planted_errors.csv"), ingest.Options{Rejects: &rejects})
	var got strings.Builder
	for _, bad := range r.Rejects {
		fmt.Fprintf(&got, "%d,%s,%s\n", bad.Line, bad.Column, bad.Code)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Errorf("rejects differ from those planted (-want +got):\n%s", d)
	}
	if r.Rejected != 37 || r.Read != 400 || r.Changes.Inserted != 363 {
		t.Errorf("read %d, rejected %d, inserted %d; want 400, 37, 363", r.Read, r.Rejected, r.Changes.Inserted)
	}
	original, err := os.ReadFile("testdata/planted_errors.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range r.Rejects {
		if !bytes.Contains(original, bad.Raw) || !bytes.Contains(rejects.Bytes(), append(bad.Raw, ',')) {
			t.Errorf("line %d is not in the rejects as it stands in the file: %q", bad.Line, bad.Raw)
		}
	}
}

func TestCorrectedRejectsComeIn(t *testing.T) {
	const file = "id,opened_at,lon,lat,category\n1,2024-01-01,116.30,39.90,\"a,b\"\n2,2024-02-30,116.3123,39.9123,\"c \"\"d\"\" \ne\"\n3,2024-01-03,22.6N,39.9,x\n"
	var rejects, none bytes.Buffer
	store := newStore()
	r := importFile(t, store, ingest.Bytes("cases.csv", []byte(file)), ingest.Options{Rejects: &rejects})
	if r.Rejected != 2 {
		t.Fatalf("%d rejected, want 2", r.Rejected)
	}
	m := ingest.Mapping{Source: "cases"}
	again := importFile(t, store, ingest.Bytes("cases.rejects.csv", rejects.Bytes()), ingest.Options{Mapping: m, Rejects: &none})
	if again.Rejected != 2 || strings.Count(none.String(), "_row") != 1 || strings.Count(none.String(), "not a number") != 1 {
		t.Errorf("rejects uncorrected: %d rejected, want 2 with one reason each:\n%s", again.Rejected, none.String())
	}
	fixed := strings.NewReplacer("2024-02-30", "2024-02-29", "22.6N", "116.4").Replace(rejects.String())
	last := importFile(t, store, ingest.Bytes("cases.rejects.csv", []byte(fixed)), ingest.Options{Mapping: m})
	if last.Rejected != 0 || last.Changes.Inserted != 2 {
		t.Errorf("corrected rejects: %d rejected %v, %d inserted; want 0, 2", last.Rejected, last.Rejects, last.Changes.Inserted)
	}
	if got := column(t, store, "category"); got["2"] != "c \"d\" \ne" {
		t.Errorf("category of 2 is %q", got["2"])
	}
}

func TestEncodedFilesAreReadRight(t *testing.T) {
	f := func(file string, o ingest.Options, encoding ingest.Encoding, id, address string, located int64) *data.Report {
		t.Helper()
		store := newStore()
		r := importFile(t, store, testdata(t, file), o)
		if r.Rejected != 0 || r.Reading.Encoding != encoding || r.Reading.Profile != "generic" {
			t.Errorf("%s: %s, rejected %v; want %s, none", file, r.Reading.Encoding, r.Rejects, encoding)
		}
		if got := column(t, store, "address")[id]; got != address {
			t.Errorf("%s: address of %s is %q, want %q", file, id, got, address)
		}
		if r.Report.Outside != located {
			t.Errorf("%s: %d rows with a point, want %d", file, r.Report.Outside, located)
		}
		return r.Report
	}
	beijing := ingest.Options{Mapping: ingest.Mapping{Zone: "Asia/Shanghai", CRS: "gcj02"}}
	f("cases_gb18030.csv", beijing, ingest.GB18030, "A001", "东城区和平里北街5号,甲楼", 3)
	f("cases_utf8bom.csv", beijing, ingest.UTF8, "A001", "东城区和平里北街5号,甲楼", 3)
	f("cases_utf16.csv", beijing, ingest.UTF16LE, "A002", "安定门内大街", 3)
	r := f("cases_big5.csv", ingest.Options{Mapping: ingest.Mapping{Zone: "Asia/Taipei"}}, ingest.Big5, "B-2", "臺北市大安區和平東路許功蓋餐廳", 3)
	if got := r.First.UTC().Format("2006-01-02 15:04"); got != "2024-03-05 00:30" {
		t.Errorf("first case of the Big5 file at %s, want 2024-03-05 00:30", got)
	}
	f("cases_cp1252.csv", ingest.Options{Mapping: ingest.Mapping{Zone: "Europe/Berlin"}}, ingest.CP1252, "M-2", "Café „Größe“, Unter den Linden", 3)
}

func TestStatesAndPlacesOfChineseCases(t *testing.T) {
	store := newStore()
	importFile(t, store, testdata(t, "cases_gb18030.csv"), ingest.Options{Mapping: ingest.Mapping{Zone: "Asia/Shanghai", CRS: "gcj02"}})
	want := map[string]string{"A001": "closed", "A002": "open", "A003": "void", "A004": "suspended"}
	if d := cmp.Diff(want, column(t, store, "status")); d != "" {
		t.Errorf("status: %s", d)
	}
	want = map[string]string{"A001": "point", "A002": "point", "A003": "area", "A004": "point"}
	if d := cmp.Diff(want, column(t, store, "location")); d != "" {
		t.Errorf("location: %s", d)
	}
	if got := column(t, store, "x_given")["A001"]; got != "116.4205" {
		t.Errorf("x_given is %s, want 116.4205", got)
	}
	if got := column(t, store, "lon")["A001"]; got == "116.4205" || !strings.HasPrefix(got, "116.41") {
		t.Errorf("lon is %s, want it shifted from GCJ-02", got)
	}
}

func TestOfOneIDTheLatestCounts(t *testing.T) {
	const dated = "id,opened_at,updated_at,category\n1,2024-01-01,2024-01-05,new\n1,2024-01-01,2024-01-02,old\n2,2024-01-01,2024-01-02,a\n2,2024-01-01,2024-01-02,b\n3,2024-01-01,,a\n3,2024-01-01,,b\n3,bad,,c\n"
	store := newStore()
	r := importFile(t, store, ingest.Bytes("a.csv", []byte(dated)), ingest.Options{ChunkRows: 1})
	if r.Repeated != 3 || r.Rejected != 1 || r.Accepted != 3 || r.Changes.Inserted != 3 {
		t.Errorf("repeated %d, rejected %d, accepted %d, inserted %d; want 3, 1, 3, 3", r.Repeated, r.Rejected, r.Accepted, r.Changes.Inserted)
	}
	if d := cmp.Diff(map[string]string{"1": "new", "2": "b", "3": "b"}, column(t, store, "category")); d != "" {
		t.Error(d)
	}
}

func TestEqualRowsWithoutIDAreKept(t *testing.T) {
	const file = "opened_at,category,lon,lat\n2024-01-01,a,1.5,2.5\n2024-01-01,a,1.5,2.5\n2024-01-02,a,1.5,2.5\n2024-01-01,a,1.5,2.5\n"
	store := newStore()
	first := importFile(t, store, ingest.Bytes("a.csv", []byte(file)), ingest.Options{})
	shuffled := "opened_at,category,lon,lat\n2024-01-02,a,1.5,2.5\n2024-01-01,a,1.5,2.5\n2024-01-01,a,1.5,2.5\n2024-01-01,a,1.5,2.5\n"
	again := importFile(t, store, ingest.Bytes("a.csv", []byte(shuffled)), ingest.Options{ChunkRows: 2})
	if first.Changes.Inserted != 4 || again.Changes != (data.Changes{Unchanged: 4}) {
		t.Errorf("inserted %d, then %+v; want 4, then 4 unchanged", first.Changes.Inserted, again.Changes)
	}
}

func TestLimitsOnErrorsAreKnownBeforeAnythingIsWritten(t *testing.T) {
	in := testdata(t, "planted_errors.csv")
	f := func(o ingest.Options, refused bool) {
		t.Helper()
		store := newStore()
		before, err := store.Version(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		r, err := ingest.Import(context.Background(), store, in, o, nil)
		if got := errors.Is(err, ingest.ErrTooManyRejects); got != refused || r.Rejected != 37 {
			t.Errorf("%+v: error %v, rejected %d; want refused %v, 37", o, err, r.Rejected, refused)
		}
		after, err := store.Version(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if refused != (before == after) && !o.DryRun || o.DryRun && before != after {
			t.Errorf("%+v: store changed %v", o, before != after)
		}
	}
	f(ingest.Options{}, false)
	f(ingest.Options{MaxErrors: 37}, false)
	f(ingest.Options{MaxErrors: 36}, true)
	f(ingest.Options{AllOrNothing: true}, true)
	f(ingest.Options{DryRun: true}, false)
}

// A faulty store fails at one append.
type faultyStore struct {
	data.Store
	failAt, appends int
}

func (s *faultyStore) Append(ctx context.Context, d data.Dataset, c data.Chunk, b data.Batch) (data.Changes, error) {
	if s.appends++; s.appends == s.failAt {
		return data.Changes{}, errors.New("power cut")
	}
	return s.Store.Append(ctx, d, c, b)
}

func TestInterruptedImportGoesOn(t *testing.T) {
	in := testdata(t, "planted_errors.csv")
	clean := newStore()
	importFile(t, clean, in, ingest.Options{ChunkRows: 50})
	want, err := clean.Version(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for failAt := 1; failAt <= 8; failAt++ {
		store := &faultyStore{Store: newStore(), failAt: failAt}
		if _, err := ingest.Import(context.Background(), store, in, ingest.Options{ChunkRows: 50}, nil); err == nil {
			t.Fatalf("import survived the failure of append %d", failAt)
		}
		r := importFile(t, store, in, ingest.Options{ChunkRows: 50})
		got, err := store.Version(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if got != want || r.Changes.Inserted != 363 || r.Already {
			t.Errorf("after a failure at append %d: version %s, inserted %d; want %s, 363", failAt, got, r.Changes.Inserted, want)
		}
	}
}

func TestProgressIsInOrder(t *testing.T) {
	var last ingest.Progress
	stages := map[ingest.Stage]int{}
	_, err := ingest.Import(context.Background(), newStore(), testdata(t, "planted_errors.csv"), ingest.Options{ChunkRows: 30}, func(p ingest.Progress) {
		if p.Stage == last.Stage && p.Rows < last.Rows {
			t.Errorf("progress goes back from %d to %d rows", last.Rows, p.Rows)
		}
		last = p
		stages[p.Stage]++
	})
	if err != nil || stages[ingest.StageCheck] != 14 || stages[ingest.StageImport] != 14 || stages[ingest.StageAssess] != 1 {
		t.Errorf("stages %v, error %v; want 14, 14, 1", stages, err)
	}
}

func TestCancelledImportStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, err := ingest.Import(ctx, newStore(), testdata(t, "planted_errors.csv"), ingest.Options{ChunkRows: 30}, func(ingest.Progress) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestStoreTakesZoneOfFirstFile(t *testing.T) {
	store := newStore()
	importFile(t, store, testdata(t, "cases_gb18030.csv"), ingest.Options{Mapping: ingest.Mapping{Zone: "Asia/Shanghai"}})
	s, err := store.Settings(context.Background())
	if err != nil || s.Zone != "Asia/Shanghai" {
		t.Errorf("zone %q, %v; want Asia/Shanghai", s.Zone, err)
	}
}

func TestDoubtfulCoordinatesAreRefused(t *testing.T) {
	f := func(crs string, x, y float64, want string) {
		t.Helper()
		var file strings.Builder
		file.WriteString("id,opened_at,lon,lat\n")
		for i := range 10 {
			fmt.Fprintf(&file, "%d,2024-01-01,%v,%v\n", i, x+float64(i)*x/1e6, y)
		}
		_, err := ingest.Import(context.Background(), newStore(), ingest.Bytes("a.csv", []byte(file.String())), ingest.Options{Mapping: ingest.Mapping{CRS: crs}}, nil)
		var doubt *ingest.DoubtError
		got := ""
		if errors.As(err, &doubt) {
			got = doubt.Doubt.Code
		} else if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("x %v, y %v, crs %q: %q (%v), want %q", x, y, crs, got, err, want)
		}
	}
	f("", 116.4123, 39.9123, "")
	f("", 39.9123, 116.4123, "swapped")
	f("", 116412300000000, 39912300, "projected")
	f("", 1165166.5, 1872509.02, "projected")
	f("", 12958000.5, 4853000.5, "projected")
	f("epsg:3857", 12958000.5, 4853000.5, "")
	f("epsg:3435", 1165166.5, 1872509.02, "error")
	f("nad83 somewhere", 1165166.5, 1872509.02, "error")
}

func TestUnknownNamesGetSuggestions(t *testing.T) {
	f := func(got error, want string) {
		t.Helper()
		if got == nil || !strings.Contains(got.Error(), want) {
			t.Errorf("error %v, want %q in it", got, want)
		}
	}
	_, err := ingest.ParseMap("reportd_at=x")
	f(err, "did you mean reported_at")
	_, err = ingest.ParseMap("reported_at")
	f(err, "want column=source")
	_, err = ingest.ParseMap("colour=Farbe")
	f(err, "want column=source: no column \"colour\"")
	f(err, "reported_at, ")
	_, err = ingest.ParseMap("Tipo=category")
	f(err, "the other way round: category=Tipo")
	_, err = ingest.ReadMapping(strings.NewReader("profil: boston311\n"))
	f(err, "did you mean profile")
	_, err = ingest.ReadMapping(strings.NewReader("profile: bostn311\n"))
	f(err, "did you mean boston311")
	_, err = ingest.ReadMapping(strings.NewReader("map: {clsed_at: x}\n"))
	f(err, "did you mean closed_at")
	_, err = ingest.ReadMapping(strings.NewReader("times: [isso]\n"))
	f(err, "did you mean iso")
	_, err = ingest.ReadMapping(strings.NewReader("zone: Mars/Olympus\n"))
	f(err, "time zone")
	m, err := ingest.ParseMap("reported_at=opend_at")
	if err != nil {
		t.Fatal(err)
	}
	_, err = ingest.Import(context.Background(), newStore(), testdata(t, "planted_errors.csv"), ingest.Options{Mapping: m}, nil)
	f(err, "did you mean opened_at")
}

func TestMappingFileSaysItAll(t *testing.T) {
	const mapping = `
source: hotline
zone: Asia/Shanghai
times: ["2006.01.02 15h"]
crs: wgs84
map:
  id: No
  reported_at: Day+Hour
  category: Kind
  kind: "=request"
  lon: X
  lat: Y
values:
  category: {Loch: pothole}
missing: ["-9999", "?"]
keep: [Remark]
`
	const file = "No;Day;Hour;Kind;X;Y;Remark;Other\n7;2024.03.01;08h;LOCH;-9999;-9999;a<b;z\n8;2024.03.02;09h;?;116,31;39,91;?;z\n"
	m, err := ingest.ReadMapping(strings.NewReader(mapping))
	if err != nil {
		t.Fatal(err)
	}
	store := newStore()
	r := importFile(t, store, ingest.Bytes("x.csv", []byte(file)), ingest.Options{Mapping: m})
	if r.Rejected != 0 {
		t.Fatalf("rejects %v", r.Rejects)
	}
	for name, want := range map[string]map[string]string{
		"category":    {"7": "pothole", "8": "-"},
		"kind":        {"7": "request", "8": "request"},
		"source":      {"7": "hotline", "8": "hotline"},
		"lon":         {"7": "-", "8": "116.31"},
		"attributes":  {"7": `{"Remark":"a<b"}`, "8": "-"},
		"reported_at": {"7": "1709251200", "8": "1709341200"},
		"status":      {"7": "open", "8": "open"},
	} {
		if d := cmp.Diff(want, column(t, store, name)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestZeroCoordinatesCountAsNone(t *testing.T) {
	store := newStore()
	r := importFile(t, store, ingest.Bytes("a.csv", []byte("id,opened_at,lon,lat\n1,2024-01-01,0,0.0\n2,2024-01-01,0,1.25\n")), ingest.Options{})
	if got := column(t, store, "location"); got["1"] != "none" || got["2"] != "point" || ruleRows(t, r.Report, "zero_coordinates") != 1 {
		t.Errorf("location %v, %d rows at zero; want none, point, 1", got, ruleRows(t, r.Report, "zero_coordinates"))
	}
}

// The same file gives the same content and the same report, whatever the number
// of cores and the size of chunks.
func TestContentDoesNotDependOnCores(t *testing.T) {
	var versions []string
	var reports []data.Report
	for _, procs := range []int{1, 2, 7} {
		before := runtime.GOMAXPROCS(procs)
		store := newStore()
		r := importFile(t, store, testdata(t, "planted_errors.csv"), ingest.Options{ChunkRows: 10 * procs})
		runtime.GOMAXPROCS(before)
		v, err := store.Version(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		versions, reports = append(versions, v), append(reports, *r.Report)
	}
	if versions[0] != versions[1] || versions[0] != versions[2] {
		t.Errorf("versions %v, want one", versions)
	}
	if d := cmp.Diff(reports[0], reports[2]); d != "" {
		t.Errorf("reports differ: %s", d)
	}
}

func TestPointsWithoutTimeCanBeGivenOne(t *testing.T) {
	m, err := ingest.ParseMap("reported_at==2017-07-01", "category==burglary")
	if err != nil {
		t.Fatal(err)
	}
	store := newStore()
	r := importFile(t, store, ingest.Bytes("points.csv", []byte("lng,lat\n-87.65,41.97\n-87.66,41.98\n")), ingest.Options{Mapping: m})
	if r.Rejected != 0 || r.Changes.Inserted != 2 || r.Report.First.Format("2006-01-02") != "2017-07-01" {
		t.Errorf("rejects %v, inserted %d, first %s; want none, 2, 2017-07-01", r.Rejects, r.Changes.Inserted, r.Report.First)
	}
}
