package server

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/civgrid/civgrid/api"
)

// unpack returns the content of an answer, read with the libraries' own decoders.
func unpack(t *testing.T, coding string, body io.Reader) []byte {
	t.Helper()
	switch coding {
	case "gzip":
		reader, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = reader
	case "zstd":
		reader, err := zstd.NewReader(body, zstd.WithDecoderMaxWindow(8<<20)) // RFC 9659, section 3
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		body = reader
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("%s: %v", coding, err)
	}
	return content
}

func TestAnswersAreTheSameInEveryCoding(t *testing.T) {
	h := handler(&fakeEngine{}, Options{})
	plain := do(h, "GET", "/api")
	tag := plain.Header().Get("ETag")
	for range 2 { // with coders that were used before
		for _, coding := range []string{"", "gzip", "zstd"} {
			w := do(h, "GET", "/api", "Accept-Encoding", coding)
			if got := w.Header().Get("Content-Encoding"); got != coding {
				t.Errorf("asked for %q the answer is in %q", coding, got)
			}
			if content := unpack(t, coding, w.Body); !bytes.Equal(content, plain.Body.Bytes()) {
				t.Errorf("%q: %d bytes are not the %d uncompressed ones", coding, len(content), plain.Body.Len())
			}
			if w.Header().Get("ETag") != tag || !strings.HasPrefix(tag, "W/") {
				t.Errorf("%q has the tag %s, want the weak %s", coding, w.Header().Get("ETag"), tag)
			}
			if vary := strings.Join(w.Header().Values("Vary"), ", "); vary != "Accept-Encoding, Accept" {
				t.Errorf("%q depends on %s", coding, vary)
			}
			if w := do(h, "GET", "/api", "Accept-Encoding", coding, "If-None-Match", tag); w.Code != 304 || w.Body.Len() != 0 || w.Header().Get("Content-Encoding") != "" {
				t.Errorf("%q: %d with %d bytes in %q, want an empty 304", coding, w.Code, w.Body.Len(), w.Header().Get("Content-Encoding"))
			}
		}
	}
}

// TestTheClientChoosesTheCoding has the examples of RFC 9110, section 12.5.3, and
// what browsers and tools send.
func TestTheClientChoosesTheCoding(t *testing.T) {
	f := func(field, want string) {
		t.Helper()
		got := ""
		if c := choose(newCodings(), field); c != nil {
			got = c.name
		}
		if got != want {
			t.Errorf("Accept-Encoding %q gets %q, want %q", field, got, want)
		}
	}
	f("", "")
	f("compress, gzip", "gzip")
	f("*", "gzip")
	f("compress;q=0.5, gzip;q=1.0", "gzip")
	f("gzip;q=1.0, identity; q=0.5, *;q=0", "gzip")
	f("gzip, deflate, br, zstd", "zstd")
	f("zstd;q=0.9, gzip;q=0.8", "zstd")
	f("zstd;q=0.8, gzip;q=0.9", "gzip")
	f("GZIP", "gzip")
	f("x-gzip", "gzip")
	f("gzip;q=0", "")
	f("zstd;q=0, gzip;q=0.001", "gzip")
	f("gzip;q=0, *;q=1", "")
	f("identity", "")
	f("identity, gzip;q=0.5", "")
	f("identity, gzip", "gzip")
	f("br", "")
	f("gzip;q=2", "")
	f("gzip;q=nan", "")
	f("gzip;level=9", "")
	f("gzip;q=0.5;q=1", "")
}

func TestWhatGainsNothingIsNotCompressed(t *testing.T) {
	long := strings.Repeat("civgrid ", 1000)
	f := func(name string, compressed bool, status int, media, body string, headers ...string) {
		t.Helper()
		h := compress(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", media)
			for i := 0; i+1 < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}))
		w := do(h, "GET", "/", "Accept-Encoding", "zstd")
		if got := w.Header().Get("Content-Encoding") == "zstd"; got != compressed {
			t.Errorf("%s: compressed is %t, want %t", name, got, compressed)
		}
		coding := w.Header().Get("Content-Encoding")
		if coding != "br" && string(unpack(t, coding, w.Body)) != body || w.Code != status {
			t.Errorf("%s: another answer: %d", name, w.Code)
		}
	}
	f("JSON", true, 200, "application/json", long)
	f("a problem", true, 400, string(api.ProblemJSON), long)
	f("GML", true, 200, "application/gml+xml", long)
	f("less than a kilobyte", false, 200, "application/json", long[:1023])
	f("a kilobyte", true, 200, "application/json", long[:1024])
	f("nothing", false, 200, "application/json", "")
	f("a stated length", true, 200, "application/json", long, "Content-Length", "8000")
	f("a short stated length", false, 200, "application/json", "{}", "Content-Length", "2")
	f("FlatGeobuf", false, 200, string(api.FlatGeobuf), long)
	f("Parquet", false, 200, string(api.Parquet), long)
	f("a workbook", false, 200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", long)
	f("a picture", false, 200, "image/png", long)
	f("events", false, 200, string(api.EventStream), long)
	f("compressed by the handler", false, 200, "application/json", long, "Content-Encoding", "br")
	f("a part", false, 206, "application/json", long, "Content-Range", "bytes 0-7999/9000")
	f("bytes with a strong tag", false, 200, "application/geo+json", long, "ETag", `"a"`)
	f("a weak tag", true, 200, "application/geo+json", long, "ETag", `W/"a"`)
}

// TestHeadSaysWhatGetWould compares what both say over a connection: a length in
// an answer to HEAD is that of GET, or is not there (RFC 9110, section 8.6).
func TestHeadSaysWhatGetWould(t *testing.T) {
	addr := "http://" + listening(t, handler(&fakeEngine{}, Options{}))
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	for _, path := range []string{"/api", "/livez", "/conformance", "/layers/hotspot.geojson", "/layers/hotspot.parquet", "/static/page.css", "/nothing", "/collections/hotspot/items"} {
		for _, coding := range []string{"", "gzip", "zstd"} {
			var answers [2]*http.Response
			length := 0
			for i, method := range []string{"HEAD", "GET"} {
				request, err := http.NewRequestWithContext(t.Context(), method, addr+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				if coding != "" {
					request.Header.Set("Accept-Encoding", coding)
				}
				if answers[i], err = client.Do(request); err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(answers[i].Body)
				if err != nil {
					t.Fatal(err)
				}
				answers[i].Body.Close()
				length = len(body)
			}
			head, get := answers[0], answers[1]
			if head.StatusCode != get.StatusCode || head.Header.Get("ETag") != get.Header.Get("ETag") || head.ContentLength >= 0 && head.ContentLength != int64(length) {
				t.Errorf("%s in %q: HEAD says %d, %s, length %d; GET %d, %s, %d", path, coding, head.StatusCode, head.Header.Get("ETag"), head.ContentLength, get.StatusCode, get.Header.Get("ETag"), length)
			}
			if got := head.Header.Get("Content-Encoding"); got != "" && got != get.Header.Get("Content-Encoding") {
				t.Errorf("%s: HEAD says %q, GET %q", path, got, get.Header.Get("Content-Encoding"))
			}
		}
	}
}

// TestABrokenAnswerStaysBroken: its compressed stream must not end as a whole one
// does, and its coder serves the next answer.
func TestABrokenAnswerStaysBroken(t *testing.T) {
	for _, coding := range []string{"gzip", "zstd"} {
		broken := true
		h := compress(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, strings.Repeat("a", 5000))
			w.(http.Flusher).Flush()
			if broken {
				panic(http.ErrAbortHandler)
			}
		}))
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", coding)
		w := httptest.NewRecorder()
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is lost")
				}
			}()
			h.ServeHTTP(w, r)
		}()
		var err error
		if coding == "gzip" {
			reader, _ := gzip.NewReader(w.Body)
			_, err = io.ReadAll(reader)
		} else {
			reader, _ := zstd.NewReader(w.Body)
			_, err = io.ReadAll(reader)
		}
		if err == nil {
			t.Errorf("%s: half an answer unpacks as a whole", coding)
		}
		broken = false
		if got := unpack(t, coding, do(h, "GET", "/", "Accept-Encoding", coding).Body); len(got) != 5000 {
			t.Errorf("%s: the answer after it has %d bytes, want 5000", coding, len(got))
		}
	}
}

// TestCodersTakeLittleMemory holds as many as there are answers at once.
func TestCodersTakeLittleMemory(t *testing.T) {
	const most = 1 << 20 // 64 of them take less than 64 MiB
	var before, after runtime.MemStats
	c := newCodings()[0]
	runtime.GC()
	runtime.ReadMemStats(&before)
	coders := make([]coder, 16)
	for i := range coders {
		coders[i] = c.start(io.Discard)
		for range 64 {
			coders[i].Write(bytes.Repeat([]byte("civgrid "), 8<<10))
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / int64(len(coders)); each > most {
		t.Errorf("a coder takes %d bytes, want no more than %d", each, most)
	}
	runtime.KeepAlive(coders)
}
