package server

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/api"
)

// minCompress is the length of an answer below which compressing is not worth it.
const minCompress = 1 << 10

// compress answers in the coding that the client prefers where the media type
// gains from it (RFC 9110, section 8.4.1). Entity tags are weak, and so are the
// same in every coding.
func compress(next http.Handler) http.Handler {
	codings := newCodings()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		chosen := choose(codings, r.Header.Get("Accept-Encoding"))
		if chosen == nil {
			next.ServeHTTP(w, r)
			return
		}
		packed := &packer{ResponseWriter: w, coding: chosen, head: r.Method == http.MethodHead}
		defer packed.release()
		next.ServeHTTP(packed, r)
		packed.end()
	})
}

// takesCoding reports whether compress may compress the answer to a request.
func takesCoding(r *http.Request) bool {
	return choose(newCodings(), r.Header.Get("Accept-Encoding")) != nil
}

// packer is a response that is compressed once its header and the first
// minCompress bytes show that it should be. Until then it holds both back.
type packer struct {
	http.ResponseWriter
	coding *coding
	head   bool   // the body is left out
	status int    // 0 before there is one
	held   []byte // of the body, before begun
	begun  bool   // the header is sent
	coder  coder  // nil while nothing is compressed
}

// WriteHeader decides by the header whether to compress, as far as that can be
// told.
func (p *packer) WriteHeader(status int) {
	if p.begun || p.status != 0 {
		return
	}
	if status < http.StatusOK { // others follow
		p.ResponseWriter.WriteHeader(status)
		return
	}
	p.status = status
	length, err := strconv.Atoi(p.Header().Get("Content-Length"))
	if stated := err == nil; stated || !p.mayGain() {
		p.begin(stated && length >= minCompress)
	}
}

// mayGain reports whether the header leaves compressing open. An answer with a
// strong entity tag goes as it is, because its tag stands for these very bytes
// (RFC 9110, section 8.8.3.3), and so does a part of one.
func (p *packer) mayGain() bool {
	h, tag := p.Header(), p.Header().Get("ETag")
	return p.status != http.StatusNoContent && p.status != http.StatusNotModified && p.status != http.StatusPartialContent &&
		h.Get("Content-Encoding") == "" && gains(h.Get("Content-Type")) && (tag == "" || strings.HasPrefix(tag, "W/"))
}

// gains reports whether a media type is text of some sort, or vector tiles.
func gains(contentType string) bool {
	bare := api.MediaType(contentType).Bare()
	if bare == string(api.EventStream) {
		return false // each event goes out as it is
	}
	for _, mark := range []string{"text/", "json", "+xml", "/xml", "javascript", "vector-tile", "qml"} {
		if strings.Contains(bare, mark) {
			return true
		}
	}
	return false
}

// begin sends the header, and what was held back, compressed where that is worth
// it.
func (p *packer) begin(worth bool) {
	p.begun = true
	if h := p.Header(); worth && p.mayGain() {
		h.Del("Content-Length")
		h.Set("Content-Encoding", p.coding.name)
		p.coder = p.coding.start(p.body())
	}
	p.ResponseWriter.WriteHeader(p.status)
	if held := p.held; len(held) > 0 {
		p.held = nil
		_, _ = p.Write(held) // a writer that failed fails again on the next write
	}
}

// body returns what takes the compressed body. That of an answer to HEAD comes to
// nothing, or else its length would be told before all of it is there.
func (p *packer) body() io.Writer {
	if p.head {
		return io.Discard
	}
	return p.ResponseWriter
}

// Write holds back the beginning of an answer whose length is not known.
func (p *packer) Write(b []byte) (int, error) {
	if p.status == 0 {
		p.WriteHeader(http.StatusOK)
	}
	if !p.begun {
		if p.held = append(p.held, b...); len(p.held) >= minCompress {
			p.begin(true)
		}
		return len(b), nil
	}
	if p.coder != nil {
		return p.coder.Write(b)
	}
	return p.ResponseWriter.Write(b)
}

// Flush hands on what is there, of an answer that has more to come.
func (p *packer) Flush() {
	if p.status == 0 {
		p.WriteHeader(http.StatusOK)
	}
	if !p.begun {
		p.begin(true)
	}
	if p.coder != nil {
		_ = p.coder.Flush() // as in begin
	}
	_ = http.NewResponseController(p.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController through.
func (p *packer) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// end sends an answer that was held back to its end, or writes the trailer of the
// compressed stream; not after a panic, so that half an answer does not look like
// a whole one.
func (p *packer) end() {
	if p.status != 0 && !p.begun {
		p.begin(false)
	}
	if p.coder != nil {
		_ = p.coder.Close() // as in begin
	}
}

func (p *packer) release() {
	if p.coder != nil {
		p.coding.stop(p.coder)
	}
}
