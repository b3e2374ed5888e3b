package server

import (
	"compress/gzip"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// A coder compresses what is written to it.
type coder interface {
	io.WriteCloser
	Flush() error
	Reset(to io.Writer)
}

// A coding is a way to compress answers (RFC 9110, section 8.4.1), with the
// coders that are not in use.
type coding struct {
	name  string
	idle  sync.Pool // of coder
	named bool      // only for clients that name it: "*" is not enough
}

// zstdWindow is how far back repetitions are looked for, in bytes. Every decoder
// of the coding takes up to 8 MiB (RFC 9659, section 3); a coder takes some 0.6 MiB and the
// window, less than one of gzip, whose window is 32 KiB.
const zstdWindow = 256 << 10

// newCodings returns the codings there are, the preferred one first.
func newCodings() []*coding {
	return []*coding{
		{name: "zstd", named: true, idle: sync.Pool{New: func() any {
			w, err := zstd.NewWriter(io.Discard, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(zstdWindow),
				zstd.WithZeroFrames(true), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true)) // in the caller's goroutine
			if err != nil {
				panic("BUG: zstd does not take its own options: " + err.Error())
			}
			return w
		}}},
		{name: "gzip", idle: sync.Pool{New: func() any {
			w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
			if err != nil {
				panic("BUG: gzip does not know its own level: " + err.Error())
			}
			return w
		}}},
	}
}

// start returns a coder that writes to w.
func (c *coding) start(w io.Writer) coder {
	started, _ := c.idle.Get().(coder) // the pool holds nothing else
	started.Reset(w)
	return started
}

// stop takes back a coder, whether or not it was closed.
func (c *coding) stop(used coder) {
	used.Reset(io.Discard)
	c.idle.Put(used)
}

// choose returns the coding that an Accept-Encoding field prefers, the first of
// those it prefers alike, or nil where the answer is to go as it is: because the
// field takes none of them, or prefers "identity" (RFC 9110, section 12.5.3). A
// field that cannot be read takes nothing.
func choose(codings []*coding, field string) *coding {
	if field == "" {
		return nil
	}
	weights, ok := weightsOf(field)
	if !ok {
		return nil
	}
	var best *coding
	most := 0.0
	for _, c := range codings {
		weight, listed := weights[c.name]
		if !listed && !c.named {
			weight = weights["*"]
		}
		if weight > most {
			best, most = c, weight
		}
	}
	if weights["identity"] > most {
		return nil
	}
	return best
}

// weightsOf reads a list of codings with their weights, from 0 to 1. Names are in
// lower case; "x-gzip" is gzip (RFC 9110, section 8.4.1.3).
func weightsOf(field string) (weights map[string]float64, ok bool) {
	weights = map[string]float64{}
	for part := range strings.SplitSeq(field, ",") {
		name, parameter, weighted := strings.Cut(part, ";")
		weight := 1.0
		if weighted {
			key, value, _ := strings.Cut(parameter, "=")
			var err error
			weight, err = strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || !strings.EqualFold(strings.TrimSpace(key), "q") || !(weight >= 0 && weight <= 1) {
				return nil, false
			}
		}
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "x-gzip" {
			name = "gzip"
		}
		weights[name] = weight
	}
	return weights, true
}
