package server

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/civgrid/civgrid/api"
)

// minCompress is the length below which compressing is not worth it, where the
// length is known.
const minCompress = 1 << 10

// compress answers with gzip where the client takes it and the media type gains
// from it (RFC 9110, section 8.4.1.3).
func compress(next http.Handler) http.Handler {
	writers := &sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
		if err != nil {
			panic("BUG: gzip does not know its own level: " + err.Error())
		}
		return w
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if r.Method == http.MethodHead || !takesGzip(r.Header.Get("Accept-Encoding")) {
			next.ServeHTTP(w, r)
			return
		}
		packed := &packer{ResponseWriter: w, writers: writers}
		defer packed.release()
		next.ServeHTTP(packed, r)
		packed.end()
	})
}

// takesGzip reports whether an Accept-Encoding field names gzip with a weight
// above zero.
func takesGzip(field string) bool {
	for part := range strings.SplitSeq(field, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != "" || weight == ""
		}
	}
	return false
}

// packer is a response that is compressed once its header shows that it should.
type packer struct {
	http.ResponseWriter
	writers *sync.Pool
	gzip    *gzip.Writer
	begun   bool
}

// WriteHeader decides by the header whether to compress.
func (p *packer) WriteHeader(status int) {
	if p.begun {
		return
	}
	p.begun = true
	h := p.Header()
	if status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified &&
		h.Get("Content-Encoding") == "" && gains(h.Get("Content-Type")) && !short(h.Get("Content-Length")) {
		h.Del("Content-Length")
		h.Set("Content-Encoding", "gzip")
		p.gzip, _ = p.writers.Get().(*gzip.Writer) // the pool holds nothing else
		p.gzip.Reset(p.ResponseWriter)
	}
	p.ResponseWriter.WriteHeader(status)
}

// short reports whether a stated length is below minCompress.
func short(length string) bool {
	n, err := strconv.Atoi(length)
	return err == nil && n < minCompress
}

// gains reports whether a media type is text of some sort, or vector tiles.
func gains(contentType string) bool {
	if contentType == string(api.EventStream) {
		return false // each event goes out as it is
	}
	for _, mark := range []string{"json", "text/", "svg", "xml", "javascript", "vector-tile", "qml"} {
		if strings.Contains(contentType, mark) {
			return true
		}
	}
	return false
}

func (p *packer) Write(b []byte) (int, error) {
	if !p.begun {
		p.WriteHeader(http.StatusOK)
	}
	if p.gzip != nil {
		return p.gzip.Write(b)
	}
	return p.ResponseWriter.Write(b)
}

// Flush hands on what is there.
func (p *packer) Flush() {
	if !p.begun {
		p.WriteHeader(http.StatusOK)
	}
	if p.gzip != nil {
		_ = p.gzip.Flush() // a writer that failed fails again on the next write
	}
	_ = http.NewResponseController(p.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController through.
func (p *packer) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// end writes the trailer of the compressed stream; not after a panic, so that
// half an answer does not look like a whole one.
func (p *packer) end() {
	if p.gzip != nil {
		_ = p.gzip.Close() // as above: the client is gone
	}
}

func (p *packer) release() {
	if p.gzip != nil {
		p.gzip.Reset(io.Discard)
		p.writers.Put(p.gzip)
	}
}
