package ingest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data/memory"
)

func TestASpoolIsReadAsItWasWrittenAndHasNoName(t *testing.T) {
	dir := t.TempDir()
	s, err := NewSpool(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	content := strings.Repeat("id,opened_at\n1,2024-01-01\n", 5000)
	if _, err := io.Copy(s, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("the folder shows %v, %v while the spool is open", entries, err)
	}
	in := s.Input("cases.csv")
	for range 2 { // it is opened several times
		r, err := in.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != content {
			t.Errorf("read %d bytes, %v, want %d", len(got), err, len(content))
		}
	}
	sum := sha256.Sum256([]byte(content))
	if in.Size != int64(len(content)) || s.Digest() != hex.EncodeToString(sum[:]) {
		t.Errorf("size %d, digest %s; want %d, %x", in.Size, s.Digest(), len(content), sum)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := NewSpool(dir + "/nowhere"); err == nil {
		t.Error("a spool in a folder that is not there")
	}
}

// TestFaultsOfFilesAreToldFromOthers: what is wrong with a file is a FileError, what
// the system does is none.
func TestFaultsOfFilesAreToldFromOthers(t *testing.T) {
	f := func(name string, in Input, o Options, want bool) {
		t.Helper()
		_, err := Import(t.Context(), memory.New(), in, o, nil)
		var fault *FileError
		if err == nil || errors.As(err, &fault) != want {
			t.Errorf("%s: error %v; of the file: %t, want %t", name, err, !want, want)
		}
	}
	f("a picture", Bytes("a.png", []byte("\x89PNG....")), Options{}, true)
	f("nothing", Bytes("a.csv", nil), Options{}, true)
	f("no time", Bytes("a.csv", []byte("id,x\n1,2\n")), Options{}, true)
	f("no such profile", Bytes("a.csv", []byte("id,opened_at\n1,2024-01-01\n")), Options{Mapping: Mapping{Profile: "nowhere"}}, true)
	f("an archive cut off", Bytes("a.csv.gz", zipped("id,opened_at\n" + strings.Repeat("1,2024-01-01\n", 9))[:40]), Options{}, true)
	gone := Input{Name: "a.csv", Open: func() (io.ReadCloser, error) { return os.Open("testdata/nowhere") }}
	f("a file that is gone", gone, Options{}, false)
}

func zipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}

// TestBombsEnd: what unpacks to more than is taken is not read on, and what is one
// feature without end is not kept in memory.
func TestBombsEnd(t *testing.T) {
	in := Bytes("a.csv.gz", zipped("id,opened_at\n"+strings.Repeat("1,2024-01-01\n", 200_000)))
	in.MaxUnpacked = 2 << 20
	if _, err := Import(t.Context(), memory.New(), in, Options{}, nil); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an archive of 2.6 MB where 2 MiB are taken: %v", err)
	}
	in.MaxUnpacked = 3 << 20
	if r, err := Import(t.Context(), memory.New(), in, Options{DryRun: true}, nil); err != nil || r.Read != 200_000 {
		t.Errorf("where 3 MiB are taken: %d rows, %v", r.Read, err)
	}
	begin := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"created":"2024-01-01"},"geometry":{"type":"Point","coordinates":[1,2]}},`
	long := Input{Name: "a.geojson", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(begin+`{"type":"`), io.LimitReader(letters{}, 1<<30))), nil
	}}
	r, err := Import(t.Context(), memory.New(), long, Options{DryRun: true}, nil)
	if err != nil || r.Accepted != 1 || r.Rejected != 1 || !strings.Contains(r.Rejects[0].Message, "more than 67108864 bytes") {
		t.Errorf("a feature of 1 GiB: %+v, %v", r.Rejects, err)
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestEveryRejectIsTold(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,opened_at\n")
	for range 250 {
		b.WriteString("1,never\n2,2024-01-01\n")
	}
	var lines []int64
	r, err := Import(t.Context(), memory.New(), Bytes("a.csv", []byte(b.String())), Options{
		DryRun: true, ChunkRows: 7, Mapping: Mapping{Times: []string{"iso"}},
		Rejected: func(r Reject) { lines = append(lines, r.Line) },
	}, nil)
	if err != nil || r.Rejected != 250 || len(lines) != 250 || lines[0] != 2 || lines[249] != 500 {
		t.Errorf("%d rejected, %d told, %v", r.Rejected, len(lines), err)
	}
}
