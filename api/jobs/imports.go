package jobs

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// imports answers POST /imports: the body is a file, which a job imports.
func (s *service) imports(c *gin.Context) error {
	caller, err := allowed(c, api.ImportFiles)
	if err != nil {
		return err
	}
	if len(caller.Scope) > 0 {
		return api.NewProblem("forbidden", "Files are imported for the whole city; your key or token is for a part of it.")
	}
	r, err := parseImport(c.Request.URL.RawQuery, c.Request.Header, s.Now())
	if err != nil {
		return err
	}
	key, err := api.IdempotencyKey(c.Request.Header)
	if err != nil {
		return err
	}
	end, err := s.runner.begin(caller, key)
	if err != nil {
		return err
	}
	defer end()
	p, err := s.take(c)
	if err != nil {
		return err
	}
	if p.Size() == 0 {
		p.Close()
		return api.NewProblem("invalid-parameter", "The body is empty: want the file that is imported.")
	}
	if r.dataset == boundaries && p.Size() > s.Upload.Outlines {
		p.Close()
		return s.Upload.tooLarge()
	}
	st, err := s.hand(p, r, caller, key, api.Digest(p.Digest(), c.Request.URL.RawQuery, r.filename))
	if err != nil {
		return err
	}
	return s.created(c, st)
}

// A parcel is a file that waits, in one of the places there are for them.
type parcel struct {
	*ingest.Spool
	places chan struct{}
}

// Close forgets the file.
func (p parcel) Close() {
	p.Spool.Close()
	<-p.places
}

// take takes the body of a request, where there is room for another job.
func (s *service) take(c *gin.Context) (p parcel, err error) {
	coding, err := acceptable(c.Request.Header, c.Writer.Header())
	if err != nil {
		return p, err
	}
	if err := s.runner.room(); err != nil {
		return p, err
	}
	select {
	case s.places <- struct{}{}:
	default:
		return p, full()
	}
	spool, err := s.Upload.spool(c.Writer, c.Request, coding)
	if err != nil {
		<-s.places
	}
	return parcel{spool, s.places}, err
}

// hand makes a job of a file, or finds the one that was made of it, and closes the
// parcel in the end.
func (s *service) hand(p parcel, r importRequest, caller api.Caller, key, digest string) (state, error) {
	st, again, err := s.runner.repeated(caller, key, digest)
	if err != nil || again {
		p.Close()
		return st, err
	}
	_, st, err = s.runner.submit(task{
		kind: typeImport, processID: typeImport, owner: caller, alone: !r.dryRun, key: key, digest: digest,
		work: func(ctx context.Context, tell teller) (result, error) { return s.read(ctx, p.Spool, r, tell) },
		done: p.Close,
	})
	if err != nil {
		p.Close()
	}
	return st, err
}

// read is the work of an import: what civgrid import does.
func (s *service) read(ctx context.Context, spool *ingest.Spool, r importRequest, tell teller) (result, error) {
	name := r.filename
	if name == "" {
		name = "upload"
	}
	in := spool.Input(name)
	in.MaxUnpacked = s.Upload.unpacked(in.Size)
	progress := func(at ingest.Progress) { tell(percentOf(at)) }
	var made *importResult
	var err error
	if r.dataset == boundaries {
		in.MaxUnpacked = min(in.MaxUnpacked, s.Upload.Outlines)
		made, err = readOutlines(ctx, s.Store, in, r.outlines, progress)
	} else {
		r.facts.Stampers = &s.stampers
		made, err = readFacts(ctx, s.Store, in, r.facts, progress)
	}
	if err == nil && !r.dryRun {
		err = ingest.Refresh(ctx, s.Store)
	}
	made.DryRun = r.dryRun
	if err != nil {
		return made, s.importProblem(err)
	}
	return made, nil
}

// percentOf says how far an import is: reading it twice takes as long as all else.
func percentOf(at ingest.Progress) (percent int, message string) {
	share := func(from, to int64) int {
		done, of := at.Bytes, at.Size
		if done == 0 || of == 0 {
			done, of = at.Rows, at.Total
		}
		if of <= 0 {
			return int(from)
		}
		return int(from + (to-from)*min(done, of)/of)
	}
	switch at.Stage {
	case ingest.StageCheck:
		return share(0, 40), "Checks the file."
	case ingest.StageImport:
		return share(40, 90), "Keeps the rows."
	case ingest.StageStamp:
		return share(40, 90), "Places facts anew."
	}
	return 90, "Assesses the quality of the data."
}

// importProblem says what is wrong with a file; what is wrong with the store is not
// for the client.
func (s *service) importProblem(err error) error {
	var file *ingest.FileError
	var doubt *ingest.DoubtError
	switch {
	case errors.Is(err, ingest.ErrTooLarge):
		return s.Upload.tooLarge()
	case errors.As(err, &doubt):
		return api.NewProblem("invalid-parameter", capital(ingest.Spell(doubt, spell))+". The parameter ignore-doubts=true imports it as it is.")
	case errors.Is(err, data.ErrReadOnly), errors.Is(err, fs.ErrPermission):
		return api.NewProblem("forbidden", "The service may only read its store: civgrid import writes to it.")
	case errors.Is(err, ingest.ErrTooManyRejects), errors.As(err, &file):
		return api.NewProblem("invalid-parameter", capital(ingest.Spell(err, spell))+".")
	}
	return err
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
