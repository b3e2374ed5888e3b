package jobs

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data/ingest"
)

// UploadLimits bound a file that is handed in. The zero value is ready for use.
type UploadLimits struct {
	// Bytes is the most that is taken as it comes, Unpacked the most it may unpack
	// to, and Ratio how many times as large unpacked as packed it may be, beyond
	// the first MiB. Zero means 256 MiB, 1 GiB and 100.
	Bytes, Unpacked int64
	Ratio           int64
	// Outlines is the most that a file of outlines may unpack to, which is in memory
	// as a whole. Zero means 128 MiB.
	Outlines int64
	// Folder is where files wait. Empty means that for temporary files.
	Folder string
	// Patience is how long a client may take for a piece of 64 KiB. Zero means 30
	// seconds.
	Patience time.Duration
}

func (l UploadLimits) orDefaults() UploadLimits {
	if l.Bytes == 0 {
		l.Bytes = 256 << 20
	}
	if l.Unpacked == 0 {
		l.Unpacked = 1 << 30
	}
	if l.Ratio == 0 {
		l.Ratio = 100
	}
	if l.Outlines == 0 {
		l.Outlines = 128 << 20
	}
	if l.Patience == 0 {
		l.Patience = 30 * time.Second
	}
	return l
}

// unpacked returns how large something may be that so many bytes unpack to.
func (l UploadLimits) unpacked(bytes int64) int64 {
	return min(l.Unpacked, max(unpackedAlways, l.Ratio*bytes))
}

const (
	// maxParcels is how many files there are at once, on their way or waiting.
	maxParcels = 8
	// unpackedAlways is what anything may unpack to: small files of few words
	// are packed very well.
	unpackedAlways = 1 << 20
	// uploadPiece is what a client has UploadLimits.Patience for.
	uploadPiece = 64 << 10
	// zstdWindow is the most memory that unpacking takes (RFC 8878, section 3.1.1.1.2,
	// recommends to take windows of 8 MiB).
	zstdWindow = 8 << 20
)

// mediaTypes lists those that files may have.
var mediaTypes = []api.MediaType{
	"text/csv", "text/tab-separated-values", "text/plain", "application/csv",
	api.GeoJSON, api.GeoJSONSeq, api.JSON, "application/x-ndjson", "application/ndjson",
	"application/gzip", "application/x-gzip", "application/octet-stream",
}

// codings lists the content codings that are undone (RFC 9110, section 8.4.1).
var codings = []string{"gzip", "x-gzip", "zstd", "identity"}

// acceptable reads which type and coding a body has. A problem tells what there is.
func acceptable(h, answer http.Header) (coding string, err error) {
	media := api.MediaType(h.Get("Content-Type")).Bare()
	if !slices.Contains(mediaTypes, api.MediaType(media)) {
		var names []string
		for _, m := range mediaTypes {
			names = append(names, string(m))
		}
		answer.Set("Accept-Post", strings.Join(names, ", ")) // Linked Data Platform 1.0, section 7.1
		return "", api.NewProblem("unsupported-media-type", "Content-Type: want one of "+strings.Join(names, ", ")+".")
	}
	coding = strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding")))
	if coding == "" {
		return "identity", nil
	}
	if !slices.Contains(codings, coding) || len(h.Values("Content-Encoding")) > 1 {
		answer.Set("Accept-Encoding", "gzip, zstd") // RFC 9110, section 15.5.16
		return "", api.NewProblem("unsupported-media-type", "Content-Encoding: want gzip or zstd, once.")
	}
	return strings.TrimPrefix(coding, "x-"), nil
}

// What becomes of bodies that do not unpack as they should.
var (
	errUnpacked = errors.New("unpacks to more than is taken")
	errPacked   = errors.New("is not packed as Content-Encoding says")
)

// spool takes the body of a request. The spool is the caller's to close.
func (l UploadLimits) spool(w http.ResponseWriter, r *http.Request, coding string) (*ingest.Spool, error) {
	if r.ContentLength > l.Bytes {
		return nil, l.tooLarge()
	}
	spool, err := ingest.NewSpool(l.Folder)
	if err != nil {
		return nil, err
	}
	patient := &patientReader{r: http.MaxBytesReader(w, r.Body, l.Bytes), control: http.NewResponseController(w), patience: l.Patience}
	err = l.unpack(spool, patient, coding)
	if err == nil {
		patient.rest()
		return spool, nil
	}
	spool.Close()
	return nil, l.problemOf(err)
}

// unpack copies a body to its spool.
func (l UploadLimits) unpack(spool *ingest.Spool, r *patientReader, coding string) error {
	var plain io.Reader
	switch coding {
	case "gzip":
		unzipped, err := gzip.NewReader(r)
		if err != nil {
			return packed(err)
		}
		plain = unzipped
	case "zstd":
		unzipped, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return packed(err)
		}
		defer unzipped.Close()
		plain = unzipped
	default:
		_, err := io.Copy(spool, r)
		return err
	}
	piece := make([]byte, uploadPiece)
	for {
		n, err := plain.Read(piece)
		if spool.Size()+int64(n) > l.unpacked(r.bytes) {
			return errUnpacked
		}
		if _, err := spool.Write(piece[:n]); err != nil {
			return err
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return packed(err)
		}
	}
}

// packed says of an error of unpacking that it is one, unless it is the body's.
func packed(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) || errors.Is(err, errArrived) {
		return err
	}
	return errPacked
}

func (l UploadLimits) tooLarge() error {
	return api.NewProblem("too-large", fmt.Sprintf("A file has %d bytes at most as it comes, and %d when unpacked, %d times as many; one of outlines has %d.", l.Bytes, l.Unpacked, l.Ratio, l.Outlines))
}

// problemOf turns what went wrong with a body into what the client is told. What
// went wrong with the spool is ours.
func (l UploadLimits) problemOf(err error) error {
	var large *http.MaxBytesError
	var system *fs.PathError
	switch {
	case errors.As(err, &large), errors.Is(err, errUnpacked):
		return l.tooLarge()
	case errors.As(err, &system):
		return fmt.Errorf("take a file: %w", err)
	case errors.Is(err, errPacked):
		return api.NewProblem("invalid-parameter", "The body is not packed as Content-Encoding says.")
	}
	return api.NewProblem("invalid-parameter", "The body did not arrive as a whole, or too slowly.")
}

// errArrived marks an error of reading a body.
var errArrived = errors.New("the body did not arrive")

// A patientReader reads a body and gives its client time for each piece: a server
// whose requests have to arrive within seconds takes large files so as well. It
// counts the bytes.
type patientReader struct {
	r        io.Reader
	control  *http.ResponseController
	patience time.Duration
	bytes    int64
	renewed  int64 // how many bytes there were when time was given last
}

func (p *patientReader) Read(b []byte) (int, error) {
	if p.bytes == 0 || p.bytes-p.renewed >= uploadPiece {
		p.renewed = p.bytes
		// A connection without deadlines, as in tests, has none.
		_ = p.control.SetReadDeadline(time.Now().Add(p.patience)) //nolint:forbidigo // connections are timed by the real clock
	}
	n, err := p.r.Read(b)
	p.bytes += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", errArrived, err)
	}
	return n, err
}

// rest takes the deadline away once a body is there, so that it does not end the
// request. Otherwise it has to stay: the server waits for what is left of the body
// before it answers.
func (p *patientReader) rest() { _ = p.control.SetReadDeadline(time.Time{}) }
