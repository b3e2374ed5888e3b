package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/postgis"
)

func (p *program) syncCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "sync", Short: "Import what other programs have submitted by SQL", Args: noArgs,
		Long: "Other programs cannot write facts to the tables of a database: rows carry cells,\n" +
			"communities and digests. They submit them, by SQL that psql and any job can run:\n\n" +
			"  SELECT civgrid.submit('incidents', 'hotline', '[{\"id\": \"1\",\n" +
			"    \"reported_at\": \"2024-05-01T08:00:00+08:00\", \"lon\": 116.4, \"lat\": 39.9,\n" +
			"    \"status\": \"open\", \"updated_at\": \"2024-05-01T09:30:00+08:00\"}]');\n\n" +
			"  SELECT civgrid.submit('incidents', 'hotline', coalesce(jsonb_agg(c), '[]'))\n" +
			"    FROM (SELECT id, reported_at, lon, lat, status, updated_at FROM cases) c;\n\n" +
			"What is submitted waits in the table civgrid.inbox. Sync imports it as a file\n" +
			"would be: checked, placed, later versions of a case over earlier ones, the quality\n" +
			"report brought up to date. Submitting the same again changes nothing. Facts of one\n" +
			"source are taken in the order in which they were submitted. Only one sync works\n" +
			"at a time; the others wait.\n\n" +
			"A fact is an object of at most 256 KiB, 10,000 of them at one time and 16 MiB.\n" +
			"Times are ISO 8601, or seconds or milliseconds since 1970; without an offset they\n" +
			"are of the store's time zone. Coordinates are WGS 84. An id is required. A later\n" +
			"version of a fact with \"withdrawn\": true takes it back, one without brings it\n" +
			"again. Other names than these are kept as attributes:\n\n" + columnsHelp() + "\n" +
			"Nobody is asked about doubts, such as points outside all boundaries: they are\n" +
			"told, and the facts imported. What became of a submission is in its row: accepted,\n" +
			"rejected, error, and in rejects which fact (from 0), column and value, and why:\n\n" +
			"  SELECT i.id, r.* FROM civgrid.inbox i, jsonb_to_recordset(i.rejects)\n" +
			"    AS r (fact int, \"column\" text, value text, code text, message text);\n\n" +
			"UPDATE civgrid.inbox SET taken = NULL WHERE id = 12 has a submission taken again.\n" +
			"The facts stay there; delete old rows that are taken as you like.\n\n" +
			"Who submits needs GRANT USAGE ON SCHEMA civgrid and GRANT EXECUTE ON FUNCTION\n" +
			"civgrid.submit, and nothing else. Sync runs as a writer: civgrid migrate\n" +
			"--print-roles.",
		Example: "  civgrid sync --store postgres://civgrid@db.example/city\n" +
			"  civgrid sync --follow --store postgres://civgrid@db.example/city     until it is ended",
	}
	flags := cmd.Flags()
	follow := flags.Bool("follow", false, "go on with what is submitted later, and while the database is away")
	every := flags.Duration("every", 5*time.Second, "how often to look without a hint, and the least rest after an import, with --follow")
	dryRun := dryRunFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case *follow && *dryRun:
			return usageError(errors.New("--dry-run tells what waits now; leave --follow away"))
		case *follow && p.json:
			return usageError(errors.New("--json answers once; leave --follow away"))
		case *every <= 0:
			return usageError(fmt.Errorf("--every %v: want more than nothing", *every))
		case !*follow && flags.Changed("every"):
			return usageError(errors.New("--every goes with --follow"))
		}
		return p.sync(cmd.Context(), *follow, *dryRun, *every)
	}
	return cmd
}

// columnsHelp lists the columns of all datasets.
func columnsHelp() string {
	var b strings.Builder
	for _, d := range data.Datasets() {
		line := fmt.Sprintf("  %-12s", d)
		for _, name := range namesOf(d) {
			if len(line)+len(name) > 80 {
				b.WriteString(line + "\n")
				line = strings.Repeat(" ", 14)
			}
			line += " " + name
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

func (p *program) sync(ctx context.Context, follow, dryRun bool, every time.Duration) error {
	if _, err := p.storeKind(); err != nil {
		return err
	}
	url := p.config.get("store")
	if !isPostgres(url) {
		return &codedError{
			code: exitUsage, err: fmt.Errorf("sync is for stores in PostgreSQL, and the store is %s (%s)", url, p.config["store"].origin),
			hint: "--store postgres://user@host/database names one; into a file, civgrid import reads files",
		}
	}
	store, err := p.connect(ctx, url, postgis.Options{ReadOnly: dryRun})
	if err != nil {
		return err
	}
	defer store.Close()
	if dryRun {
		return p.tellWaiting(ctx, store)
	}
	y := &syncing{p: p, store: store}
	if follow {
		return syncError(y.follow(ctx, every))
	}
	if !p.json {
		y.each = y.tellDelivery
	}
	sum, err := y.round(ctx)
	if err != nil {
		return syncError(err)
	}
	return p.endSync(sum)
}

// tellWaiting tells what a sync would take.
func (p *program) tellWaiting(ctx context.Context, store *postgis.Store) error {
	waiting, err := store.Waiting(ctx)
	if err != nil {
		return err
	}
	if p.json {
		p.answer(map[string]int64{"waiting": waiting})
		return nil
	}
	p.tell("✓ %s would be taken", counted(int(waiting), "submission"))
	return nil
}

// endSync tells what a sync came to.
func (p *program) endSync(sum synced) error {
	if sum.Submissions == 0 {
		p.tell("✓ nothing is waiting to be taken")
	}
	if p.json {
		p.answer(sum)
	}
	if sum.Rejected+sum.Failed == 0 {
		return nil
	}
	return &codedError{
		code: exitRejected, err: errors.New(sum.refused()),
		hint: "SELECT id, error, rejects FROM civgrid.inbox tells why; submit them again, corrected",
	}
}

// syncError says what can be done about an error.
func syncError(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return &codedError{code: exitInterrupted, err: err, hint: "run sync again: what was not taken still waits"}
	case errors.Is(err, fs.ErrPermission):
		return &codedError{code: exitStore, err: err, hint: "sync runs as a writer: civgrid migrate --print-roles"}
	}
	return err
}

// synced is what came of submissions.
type synced struct {
	Submissions int               `json:"submissions"`
	Facts       int               `json:"facts"`
	Accepted    int               `json:"accepted"`
	Rejected    int               `json:"rejected"`
	Failed      int               `json:"failed"` // submissions that could not be imported at all
	Changes     data.Changes      `json:"changes"`
	Receipts    []postgis.Receipt `json:"receipts"`
	Doubts      []ingest.Doubt    `json:"doubts"`
}

// A syncing takes what is submitted and imports it.
type syncing struct {
	p        *program
	store    *postgis.Store
	stampers ingest.StamperCache
	each     func(delivery) // is told of every import; may be nil
}

// A delivery is submissions that were imported together, and what came of it.
type delivery struct {
	submissions []postgis.Submission
	receipts    []postgis.Receipt
	result      ingest.Result
}

// round takes all that waits.
func (y *syncing) round(ctx context.Context) (sum synced, err error) {
	sum.Receipts, sum.Doubts = []postgis.Receipt{}, []ingest.Doubt{}
	waiting, err := y.store.Waiting(ctx)
	if err != nil || waiting == 0 {
		return sum, err
	}
	err = y.store.TakeInbox(ctx, func(ctx context.Context, in *postgis.Inbox) error {
		for {
			submissions, err := in.Next(ctx)
			if err != nil || len(submissions) == 0 {
				return err
			}
			if err := y.take(ctx, in, submissions, &sum); err != nil {
				return err
			}
		}
	})
	return sum, err
}

// take imports submissions of one dataset and source and settles them. Where
// they cannot be imported together each is tried alone, and an error that is of
// one is its receipt: those behind it do not wait for it.
func (y *syncing) take(ctx context.Context, in *postgis.Inbox, submissions []postgis.Submission, sum *synced) error {
	done, err := y.deliver(ctx, submissions)
	if err != nil {
		if !postgis.Lasting(err) {
			return err
		}
		if unwell := y.wellness(ctx, submissions[0].Dataset); unwell != nil {
			return unwell
		}
		if len(submissions) > 1 {
			for i := range submissions {
				if err := y.take(ctx, in, submissions[i:i+1], sum); err != nil {
					return err
				}
			}
			return nil
		}
		done = delivery{submissions: submissions, receipts: []postgis.Receipt{{ID: submissions[0].ID, Error: err.Error()}}}
	}
	if err := in.Settle(ctx, done.receipts); err != nil {
		return err
	}
	sum.add(done, y.p.json)
	if y.each != nil {
		y.each(done)
	}
	return nil
}

// wellness returns why nothing at all can be imported into a dataset, nil if
// that is not so.
func (y *syncing) wellness(ctx context.Context, d data.Dataset) error {
	if !slices.Contains(data.Datasets(), d) {
		return nil // it is no dataset
	}
	settings, err := y.store.Settings(ctx)
	if err != nil {
		return err
	}
	communities, err := y.store.Communities(ctx)
	if err != nil {
		return err
	}
	if _, err := y.stampers.Stamper(communities, settings.Resolutions); err != nil {
		return err
	}
	_, err = ingest.Assess(ctx, y.store, d, y.p.now())
	return err
}

// deliver imports submissions of one dataset and source as one file.
func (y *syncing) deliver(ctx context.Context, submissions []postgis.Submission) (delivery, error) {
	d := delivery{submissions: submissions}
	parcel, err := packed(submissions)
	if err != nil {
		return d, err
	}
	d.receipts = parcel.receipts
	if len(parcel.lines) == 0 {
		return d, nil
	}
	var rejects bytes.Buffer
	options := ingest.Options{Mapping: parcel.mapping, Now: y.p.now(), Rejects: &rejects, Stampers: &y.stampers, IgnoreDoubts: true}
	if d.result, err = ingest.Import(ctx, y.store, parcel.input, options, nil); err != nil {
		return d, err
	}
	for i := range d.receipts {
		d.receipts[i].Import = d.result.Import.ID
	}
	return d, parcel.read(&rejects)
}

// add counts a delivery. The words are kept where they are asked for.
func (s *synced) add(d delivery, words bool) {
	for _, r := range d.receipts {
		s.Submissions++
		s.Facts += r.Accepted + r.Rejected
		s.Accepted += r.Accepted
		s.Rejected += r.Rejected
		if r.Error != "" {
			s.Failed++
		}
	}
	s.Changes.Add(d.result.Changes)
	if words {
		s.Receipts = append(s.Receipts, d.receipts...)
		s.Doubts = append(s.Doubts, d.result.Reading.Doubts...)
	}
}
