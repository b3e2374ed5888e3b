package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/indicator/pack"
	"github.com/civgrid/civgrid/data"
)

func (p *program) indicatorsPublishCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "publish [FILE …]", Short: "Keep definitions and calendars in the store, for good",
		Long: "What is published does not change: a number that was told under a version can\n" +
			"be computed again. A changed definition needs a higher version. A calendar file\n" +
			"takes the public holidays of each year from --holidays files; a new version of a\n" +
			"calendar needs those of all its years again.",
		Example: "  civgrid indicators publish mine.yaml\n" +
			"  civgrid indicators publish --pack hotline12345 --set response_weight=0.2\n" +
			"  civgrid indicators publish office.yaml --holidays 2026.json --holidays 2027.json",
	}
	given := settings(cmd)
	packs := cmd.Flags().StringArray("pack", nil, "pack of the program, with the settings given; may be given several times")
	holidays := holidayFlag(cmd)
	dryRun := dryRunFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args)+len(*packs) == 0 {
			return usageError(errors.New("publish takes a file or a --pack"))
		}
		return p.publish(cmd.Context(), args, *packs, *holidays, *given, *dryRun)
	}
	return cmd
}

func (p *program) publish(ctx context.Context, paths, names, holidays []string, given map[string]string, dryRun bool) error {
	packs, calendars, err := readFiles(paths, given)
	if err != nil {
		return err
	}
	for _, name := range names {
		shipped, err := pack.Read(name, given)
		if err != nil {
			return &codedError{code: exitUsage, err: err}
		}
		packs = append(packs, shipped)
	}
	years, err := readHolidays(holidays)
	if err != nil {
		return err
	}
	if err := covered(paths, calendars, years); err != nil {
		return err
	}
	store, err := p.openOrRehearse(ctx, dryRun)
	if err != nil {
		return err
	}
	defer store.Close()
	e := engine.New(store, engine.Options{Now: p.now})
	around, err := e.Surroundings(ctx)
	if err != nil {
		return err
	}
	before := around.Library
	if around.Library, err = joined(around.Library, packs, calendars, years); err != nil {
		return err
	}
	if err := p.fit(packs, around); err != nil {
		return err
	}
	return p.keepAll(ctx, e, packs, calendars, years, before, dryRun)
}

// A published is a definition or calendar that is in the store.
type published struct {
	ID   string `json:"id"`
	Kept bool   `json:"kept"` // now; false where it was there already
}

// keepAll publishes calendars and definitions, and tells of each.
func (p *program) keepAll(ctx context.Context, e *engine.Engine, packs []*indicator.Pack, calendars []clock.File, years []clock.Holidays, before *indicator.Library, dryRun bool) error {
	all := []published{}
	for _, f := range calendars {
		kept, err := e.PublishCalendar(ctx, f, years)
		if err != nil {
			return publishError(err)
		}
		all = append(all, published{calendarName(f), kept})
		p.tellPublished("calendar "+calendarName(f), kept, dryRun)
		if kept {
			p.tellMoved(before, f)
		}
	}
	for _, pack := range packs {
		for _, d := range pack.Indicators {
			kept, err := e.Publish(ctx, d)
			if err != nil {
				return publishError(err)
			}
			all = append(all, published{d.ID(), kept})
			p.tellPublished(d.ID(), kept, dryRun)
		}
	}
	if p.json {
		p.answer(all)
	}
	return nil
}

// publishError says what to do where something else was published before.
func publishError(err error) error {
	if !errors.Is(err, data.ErrConflict) {
		return err
	}
	return &codedError{code: exitRefused, err: err, hint: "what was published does not change: give the new text a higher version"}
}

// fit tells the warnings on definitions and refuses them on errors.
func (p *program) fit(packs []*indicator.Pack, around indicator.Surroundings) error {
	fatal := false
	for _, pack := range packs {
		for _, i := range indicator.LintPack(pack, around) {
			p.tell("%s", i)
			fatal = fatal || i.Severity == indicator.Fatal
		}
	}
	if fatal {
		return &codedError{code: exitRefused, err: errDefinitions}
	}
	return nil
}

func (p *program) tellPublished(what string, kept, dryRun bool) {
	switch {
	case !kept:
		p.tell("✓ %s was published already", what)
	case dryRun:
		p.tell("✓ %s would be published", what)
	default:
		p.tell("✓ %s published", what)
	}
}

// holidayFlag adds the flag for files of public holidays.
func holidayFlag(cmd *cobra.Command) *[]string {
	return cmd.Flags().StringArray("holidays", nil, "JSON file with the public holidays of one year, for calendar files; may be given several times")
}

func readHolidays(paths []string) ([]clock.Holidays, error) {
	var years []clock.Holidays
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fileError(path, err)
		}
		year, err := clock.ParseHolidays(text)
		if err != nil {
			return nil, fileError(path, err)
		}
		years = append(years, year)
	}
	return years, nil
}
