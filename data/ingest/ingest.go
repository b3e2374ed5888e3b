package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/quality"
)

// Import reads a file into the store, see the package comment for how, and
// brings the quality report of its dataset up to date. progress is called after
// every chunk, never from two goroutines at once; it may be nil.
//
// The Result holds what is known also when there is an error. Importing a file
// again in the same way changes nothing; an import that was interrupted goes on
// where it stopped. The context ends it between chunks.
//
// Where the store has no time zone yet it takes that of the file.
//
// Facts are stamped by the communities that there are when the import begins. Where
// these are others when all is kept, or where an import goes on that was interrupted,
// the dataset is stamped anew before the import counts as finished. That suffices:
// communities that come after the last look come after the last fact, and whoever puts
// them stamps all facts there are, see [Boundaries]. To look once is cheap, and to look
// at every chunk would not do, as communities may come between the look and the write.
func Import(ctx context.Context, store data.Store, in Input, o Options, progress func(Progress)) (Result, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	settings, err := store.Settings(ctx)
	if err != nil {
		return Result{}, fmt.Errorf("import %s: %w", in.Name, err)
	}
	p, err := newPlan(in, o, settings)
	if err != nil {
		return Result{}, fmt.Errorf("import %s: %w", in.Name, ofFile(err))
	}
	run := &run{store: store, in: in, options: o, plan: p, settings: settings, progress: progress}
	if err := run.do(ctx); err != nil {
		return run.result, fmt.Errorf("import %s: %w", in.Name, err)
	}
	return run.result, nil
}

// A run is one import under way.
type run struct {
	store    data.Store
	in       Input
	options  Options
	plan     *plan
	settings data.Settings
	progress func(Progress)

	grounds string // the key of what stamper was made of
	stamper *Stamper
	survey  *survey
	resumed bool // it was begun before, maybe with another stamper
	result  Result
}

func (r *run) do(ctx context.Context) error {
	if err := r.prepare(ctx); err != nil {
		return err
	}
	if err := r.look(ctx); err != nil {
		return err
	}
	if err := r.doubtSource(ctx); err != nil || r.options.DryRun {
		return err
	}
	already, err := r.already(ctx)
	if err != nil || already {
		return err
	}
	if err := r.write(ctx); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	return r.assess(ctx)
}

// prepare reads the communities and refuses files that look misread.
func (r *run) prepare(ctx context.Context) error {
	communities, err := r.store.Communities(ctx)
	if err != nil {
		return err
	}
	r.grounds = grounds{communities, r.settings.Resolutions}.key()
	if r.stamper, err = r.options.Stampers.Stamper(communities, r.settings.Resolutions); err != nil {
		return err
	}
	if err := r.plan.settleDates(ctx, r.in, r.options.Now); err != nil {
		return ofFile(err)
	}
	r.plan.doubts = append(r.plan.doubts, placeDoubts(r.plan, r.plan.sample, r.stamper)...)
	r.plan.doubts = append(r.plan.doubts, outsideDoubts(r.plan, r.plan.sample, r.stamper)...)
	r.result.Reading = r.plan.reading(r.in, r.plan.sample)
	r.plan.sample = nil // nothing else is guessed
	if r.options.IgnoreDoubts {
		return nil
	}
	return refused(r.plan.doubts)
}

// look makes the first pass.
func (r *run) look(ctx context.Context) error {
	s, err := r.plan.first(ctx, r.in, r.options, r.progress)
	if err != nil {
		return ofFile(err)
	}
	r.survey = s
	r.result.Read, r.result.Accepted, r.result.Repeated, r.result.Rejected = s.read, s.accepted, s.repeated, s.rejected
	r.result.Rejects, r.result.Notes = s.shown, s.noteList()
	r.result.Import = data.Import{
		ID: s.id, Dataset: string(r.plan.dataset), Source: r.plan.mapping.Source, File: r.in.Name,
		Started: r.options.Now.UTC(), Read: s.read, Rejected: s.rejected, Reasons: s.reasons,
	}
	limit := r.options.MaxErrors
	if r.options.AllOrNothing && s.rejected > 0 || limit > 0 && s.rejected > limit {
		return fmt.Errorf("%d of %s rejected, nothing was written: %w", s.rejected, counted(int(s.read), "row"), ErrTooManyRejects)
	}
	return nil
}

// already answers for a file that was imported before, and notes whether that was begun
// only.
func (r *run) already(ctx context.Context) (bool, error) {
	imports, err := r.store.Imports(ctx)
	if err != nil {
		return false, err
	}
	for _, i := range imports {
		if i.ID != r.survey.id {
			continue
		}
		if r.resumed = i.Finished.IsZero(); r.resumed {
			return false, nil
		}
		r.result.Already, r.result.Import = true, i
		if r.result.Since = replacedSince(imports, i); len(r.result.Since) == 0 {
			r.result.Changes = data.Changes{Unchanged: i.Changes.Rows()}
		} else {
			r.result.Notes = append(r.result.Notes, sinceNote(i, r.result.Since))
		}
		report, err := r.store.Report(ctx, r.plan.dataset)
		if err == nil {
			r.result.Report = &report
		} else if !errors.Is(err, data.ErrNotFound) {
			return false, err
		}
		return true, nil
	}
	return false, nil
}

// write makes the second pass.
func (r *run) write(ctx context.Context) error {
	if r.settings.Zone == "" && r.plan.mapping.Zone != "" {
		r.settings.Zone = r.plan.mapping.Zone
		if err := r.store.PutSettings(ctx, r.settings); err != nil {
			return err
		}
	}
	if err := r.store.PutImport(ctx, r.result.Import); err != nil {
		return err
	}
	var rows int64
	source := reader{plan: r.plan, input: r.in, size: r.options.chunkRows()}
	err := scan(ctx, source, r.build, func(b built) error {
		if b.rows.Len() > 0 {
			changes, err := r.store.Append(ctx, r.plan.dataset, data.Chunk{Import: r.survey.id, Number: b.number}, b.rows)
			if err != nil {
				return fmt.Errorf("keep chunk %d: %w", b.number, err)
			}
			r.result.Changes.Add(changes)
		}
		rows += int64(b.records)
		r.progress(Progress{Stage: StageImport, Rows: rows, Total: r.survey.read, Bytes: b.bytes, Size: r.in.Size, Rejected: r.survey.rejected})
		return nil
	})
	r.result.Import.Changes = r.result.Changes
	return err
}

// built is a chunk ready to be kept.
type built struct {
	number, records int
	bytes           int64
	rows            data.Batch
}

// build turns a block into a stamped batch.
func (r *run) build(c *converter, b block) (built, error) {
	builder := data.NewBuilder(r.plan.columns)
	for i, rec := range b.records {
		ordinal := b.first + int64(i)
		if r.survey.skip[ordinal] {
			continue
		}
		f, bad := c.convert(rec)
		if bad != nil {
			continue
		}
		f.appendTo(builder, r.plan, max(r.survey.nth[ordinal], 1))
	}
	rows, err := r.stamper.Stamp(r.plan.dataset, builder.Build())
	return built{b.number, len(b.records), b.bytes, rows}, err
}

// settle stamps the dataset anew where facts may be stamped by other communities than
// there are, see [Import].
func (r *run) settle(ctx context.Context) error {
	held, err := groundsOf(ctx, r.store)
	if err != nil || held.key() == r.grounds && !r.resumed {
		return err
	}
	_, err = restampAll(ctx, r.store, []data.Dataset{r.plan.dataset}, r.progress)
	return err
}

// assess makes the quality report and closes the import.
func (r *run) assess(ctx context.Context) error {
	r.progress(Progress{Stage: StageAssess, Rows: r.survey.read, Total: r.survey.read, Rejected: r.survey.rejected})
	report, err := Assess(ctx, r.store, r.plan.dataset, r.options.Now)
	if err != nil {
		return err
	}
	r.result.Report = &report
	r.result.Import.Finished = r.options.Now.UTC()
	if r.result.Import.Finished.IsZero() { // a finished import must not look unfinished
		r.result.Import.Finished = time.Unix(0, 0).UTC()
	}
	return r.store.PutImport(ctx, r.result.Import)
}

// Assess makes the quality report of a dataset and keeps it.
func Assess(ctx context.Context, store data.Store, d data.Dataset, now time.Time) (data.Report, error) {
	settings, err := store.Settings(ctx)
	if err != nil {
		return data.Report{}, fmt.Errorf("assess %s: %w", d, err)
	}
	zone, err := loadZone(settings.Zone)
	if err != nil {
		return data.Report{}, fmt.Errorf("assess %s: %w", d, err)
	}
	communities, err := store.Communities(ctx)
	if err != nil {
		return data.Report{}, fmt.Errorf("assess %s: %w", d, err)
	}
	report, err := quality.Assess(ctx, store, communities, d, zone, now)
	if err != nil {
		return data.Report{}, err
	}
	if err := store.PutReport(ctx, report); err != nil {
		return data.Report{}, fmt.Errorf("keep report on %s: %w", d, err)
	}
	return report, nil
}
