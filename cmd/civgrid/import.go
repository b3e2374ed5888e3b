package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/geo/crs"
)

// importFlags are what import and check take about a file.
type importFlags struct {
	mappingFile, profile, source, zone, crs, dataset string
	maps, keep, times                                []string
	rejects                                          string
	maxErrors                                        int64
	allOrNothing, dryRun, ignoreDoubts               bool
}

// mapFlags adds the flags that say what a file means.
func (f *importFlags) mapFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.maps, "map", nil, "what a column is read from, as column=source: reported_at=open_dt; repeat for more")
	flags.StringVar(&f.mappingFile, "mapping", "", "YAML file that says what the columns mean")
	flags.StringVar(&f.profile, "profile", "", "built-in mapping: "+strings.Join(profileNames(), ", ")+" (default: the one that fits the header)")
	completeChoice(cmd, "profile", profileNames()...)
	flags.StringVar(&f.source, "source", "", "name of the system the rows come from; ids are unique within it")
	flags.StringVar(&f.zone, "zone", "", "time zone of times without an offset, such as Asia/Shanghai")
	flags.StringArrayVar(&f.times, "time-format", nil, "form of times, by name or as a Go layout; repeat for more (default: guessed)")
	flags.StringVar(&f.crs, "crs", "", "coordinate system: wgs84, cgcs2000, gcj02, bd09 or epsg:3857")
	completeChoice(cmd, "crs", "wgs84", "cgcs2000", "gcj02", "bd09", "epsg:3857")
	flags.StringArrayVar(&f.keep, "keep", nil, "column to keep as an attribute though it has no other use; * for all")
}

func profileNames() []string {
	var names []string
	for _, p := range ingest.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

// options turns flags into what ingest takes.
func (f *importFlags) options(p *program) (ingest.Options, error) {
	o := ingest.Options{
		Now: p.now(), MaxErrors: f.maxErrors, AllOrNothing: f.allOrNothing, DryRun: f.dryRun, IgnoreDoubts: f.ignoreDoubts,
	}
	if f.dataset != "" {
		var err error
		if o.Dataset, err = data.ParseDataset(f.dataset); err != nil {
			return o, usageError(err)
		}
	}
	if f.mappingFile != "" {
		file, err := os.Open(f.mappingFile)
		if err != nil {
			return o, fmt.Errorf("open mapping: %w", err)
		}
		defer file.Close()
		if o.Mapping, err = ingest.ReadMapping(file); err != nil {
			return o, usageError(fmt.Errorf("%s: %w", f.mappingFile, err))
		}
	}
	if o.Dataset != "" {
		o.Mapping.Dataset = o.Dataset
	}
	set := func(to *string, value string) {
		if value != "" {
			*to = value
		}
	}
	set(&o.Mapping.Profile, f.profile)
	set(&o.Mapping.Source, f.source)
	set(&o.Mapping.Zone, f.zone)
	set(&o.Mapping.CRS, f.crs)
	o.Mapping.Times = append(o.Mapping.Times, f.times...)
	o.Mapping.Keep = append(o.Mapping.Keep, f.keep...)
	if err := o.Mapping.ParseMap(f.maps...); err != nil {
		return o, usageError(err)
	}
	if err := o.Mapping.Check(); err != nil {
		return o, usageError(err)
	}
	return o, nil
}

func (p *program) importCommand() *cobra.Command {
	cmd := p.group(&cobra.Command{
		Use: "import", Short: "Read files into the store: boundaries, incidents, resources, inspections",
		Long: "Reads CSV (any delimiter and usual encoding, gzip too) and GeoJSON. What the\n" +
			"columns mean is known for many portals and guessed for others; civgrid check\n" +
			"FILE shows how a file would be read. Importing a file twice changes nothing, a\n" +
			"later version of a case replaces the earlier one, and an interrupted import is\n" +
			"taken up where it stopped. Rows that cannot be read are written to a rejects\n" +
			"file with the reason; correct them there and import that file.",
		Example: "  civgrid import boundaries districts.geojson --level district\n" +
			"  civgrid import incidents 311.csv\n" +
			"  civgrid import incidents cases.csv --zone Asia/Shanghai --crs gcj02 --map reported_at=创建时间",
	})
	for _, dataset := range data.Datasets() {
		cmd.AddCommand(p.importFactsCommand(dataset))
	}
	cmd.AddCommand(p.importBoundariesCommand())
	return cmd
}

func (p *program) importFactsCommand(dataset data.Dataset) *cobra.Command {
	f := importFlags{dataset: string(dataset)}
	cmd := &cobra.Command{
		Use: string(dataset) + " FILE…", Short: "Read " + string(dataset), Args: someArgs("file"),
		Example: fmt.Sprintf("  civgrid import %[1]s FILE.csv.gz\n  civgrid import %[1]s FILE.csv --dry-run", dataset),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.importFiles(cmd.Context(), args, f)
		},
	}
	f.mapFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.rejects, "rejects", "", "file for rejected rows (default: FILE.rejects.csv beside the file)")
	flags.Int64Var(&f.maxErrors, "max-errors", 0, "write nothing if more rows are rejected; 0 for no limit")
	flags.BoolVar(&f.allOrNothing, "all-or-nothing", false, "write nothing if any row is rejected")
	flags.BoolVar(&f.dryRun, "dry-run", false, "read and check everything, write nothing")
	flags.BoolVar(&f.ignoreDoubts, "ignore-doubts", false, "import even where coordinates look misread, points lie outside every boundary or the cases are there from another source")
	return cmd
}

// importFiles imports files one after the other and goes on after rejected
// rows, but not after an error.
func (p *program) importFiles(ctx context.Context, paths []string, f importFlags) error {
	inputs, err := inputsOf(paths)
	if err != nil {
		return err
	}
	store, err := p.openOrRehearse(ctx, f.dryRun)
	if err != nil {
		return err
	}
	defer store.Close()
	var results []ingest.Result
	var rejected int64
	var stampers ingest.StamperCache
	for i, path := range paths {
		result, err := p.importFile(ctx, store, inputs[i], path, f, &stampers)
		if err != nil {
			return err
		}
		results = append(results, result)
		rejected += result.Rejected
	}
	if !f.dryRun {
		if err := ingest.Refresh(ctx, store); err != nil {
			return err
		}
	}
	if p.json {
		p.answer(importAnswers(results))
	}
	if rejected > 0 {
		return &codedError{
			code: exitRejected, err: fmt.Errorf("%d rows were rejected", rejected), details: rejectDetails(paths, results),
			hint: "the rejects file holds them with the reason; correct them there and import that file",
		}
	}
	return nil
}

// inputsOf finds the files before anything else is done.
func inputsOf(paths []string) ([]ingest.Input, error) {
	inputs := make([]ingest.Input, len(paths))
	for i, path := range paths {
		var err error
		if inputs[i], err = ingest.File(path); err != nil {
			return nil, err
		}
	}
	return inputs, nil
}

func (p *program) importFile(ctx context.Context, store data.Store, in ingest.Input, path string, f importFlags, stampers *ingest.StamperCache) (ingest.Result, error) {
	options, err := f.options(p)
	if err != nil {
		return ingest.Result{}, err
	}
	rejects := newLateFile(f.rejectsPath(path), f.rejects != "")
	options.Rejects, options.Stampers = rejects, stampers
	if f.dryRun {
		options.Rejects = nil
	}
	meter := p.meter(filepath.Base(path), "rows")
	result, err := ingest.Import(ctx, store, in, options, func(at ingest.Progress) { show(meter, at) })
	meter.done()
	if closing := rejects.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return result, importError(err)
	}
	if !p.json {
		zone, err := cityZone(ctx, store)
		if err != nil {
			return result, err
		}
		p.tellImport(path, result, f, rejects, zone)
	}
	return result, nil
}

// show shows the progress of an import on a meter. How many rows a file has is
// estimated from its bytes until it is known.
func show(m *meter, at ingest.Progress) {
	stage := map[ingest.Stage]string{
		ingest.StageCheck: "checking", ingest.StageImport: "importing",
		ingest.StageAssess: "assessing quality", ingest.StageStamp: "placing facts anew",
	}[at.Stage]
	total := at.Total
	if total == 0 && at.Bytes > 0 && at.Size > 0 {
		total = max(at.Rows, int64(float64(at.Rows)*float64(at.Size)/float64(at.Bytes)))
	}
	note := ""
	if at.Rejected > 0 {
		note = fmt.Sprintf("%d rejected", at.Rejected)
	}
	m.at(stage, at.Rows, total, note)
}

// importError gives the errors of an import their exit codes.
func importError(err error) error {
	var doubt *ingest.DoubtError
	var unsupported *crs.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		return &codedError{code: exitRefused, err: err}
	case errors.As(err, &doubt):
		return &codedError{code: exitRefused, err: err, hint: "or --ignore-doubts to import it as it is"}
	case errors.Is(err, ingest.ErrTooManyRejects):
		return &codedError{code: exitRefused, err: err}
	case errors.Is(err, postgis.ErrPermission):
		return &codedError{code: exitStore, err: err, hint: "it takes a role that may write: civgrid doctor tells what this one may, civgrid migrate --print-roles what there are"}
	case errors.Is(err, context.Canceled):
		return &codedError{code: exitInterrupted, err: err, hint: "run the same import again to go on where it stopped"}
	}
	return err
}

// tellImport tells people what an import did.
func (p *program) tellImport(path string, r ingest.Result, f importFlags, rejects *lateFile, zone *time.Location) {
	name := filepath.Base(path)
	verb := "imported"
	switch {
	case f.dryRun:
		verb = "would be imported"
	case r.Already && len(r.Since) > 0:
		verb = "were imported from this very file before, and later files changed some since"
	case r.Already:
		verb = "were there already, from this very file"
	}
	p.tell("✓ %s: %d of %d rows %s as %s of %q (profile %s)", name, r.Accepted, r.Read, verb, r.Reading.Dataset, r.Reading.Source, r.Reading.Profile)
	if !f.dryRun && !r.Already {
		p.tell("  %d new, %d replaced, %d unchanged, %d older than what is there", r.Changes.Inserted, r.Changes.Replaced, r.Changes.Unchanged, r.Changes.Stale)
	}
	if r.Reading.SourceGuessed {
		p.tell("  source %q is taken from the file name; --source NAME sets it", r.Reading.Source)
	}
	for _, note := range r.Notes {
		p.tell("  %d: %s", note.Rows, note.Title)
	}
	for _, line := range doubtLines(r.Reading.Doubts) {
		p.tell("%s", line)
	}
	if f.dryRun {
		p.tell("  civgrid check %s shows the first rows as they are understood", path)
	}
	if r.Rejected > 0 {
		p.tellRejects(r, rejects.path, f.dryRun)
	}
	if r.Report != nil && !p.quiet {
		p.sayReport(*r.Report, zone)
	}
}

// An importAnswer is what --json says of an imported file.
type importAnswer struct {
	Import   data.Import    `json:"import"`
	Accepted int64          `json:"accepted"`
	Repeated int64          `json:"repeated"`
	Already  bool           `json:"already"`
	Changes  data.Changes   `json:"changes"`
	Notes    []ingest.Note  `json:"notes"`
	Doubts   []ingest.Doubt `json:"doubts"`
	Report   *data.Report   `json:"report"`
}

func importAnswers(results []ingest.Result) []importAnswer {
	answers := make([]importAnswer, len(results))
	for i, r := range results {
		answers[i] = importAnswer{r.Import, r.Accepted, r.Repeated, r.Already, r.Changes, r.Notes, r.Reading.Doubts, r.Report}
	}
	return answers
}
