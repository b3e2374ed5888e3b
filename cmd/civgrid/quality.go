package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/data"
)

func (p *program) qualityCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "quality [DATASET]", Short: "Print the quality report of a dataset",
		Example: "  civgrid quality\n  civgrid quality inspections --json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError(fmt.Errorf("quality takes one dataset, got %d", len(args)))
			}
			return nil
		},
		ValidArgs: []string{"incidents", "resources", "inspections"},
		RunE: func(cmd *cobra.Command, args []string) error {
			dataset := data.Incidents
			if len(args) == 1 {
				var err error
				if dataset, err = data.ParseDataset(args[0]); err != nil {
					return usageError(err)
				}
			}
			return p.quality(cmd.Context(), dataset)
		},
	}
	cmd.AddCommand(p.effectCommand())
	return cmd
}

func (p *program) quality(ctx context.Context, dataset data.Dataset) error {
	store, err := p.openToRead(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	report, err := store.Report(ctx, dataset)
	if errors.Is(err, data.ErrNotFound) {
		return &codedError{code: exitNotFound, err: fmt.Errorf("there are no %s", dataset), hint: fmt.Sprintf("civgrid import %s FILE reads some", dataset)}
	}
	if err != nil {
		return fmt.Errorf("quality of %s: %w", dataset, err)
	}
	if p.json {
		p.answer(report)
		return nil
	}
	zone, err := cityZone(ctx, store)
	if err != nil {
		return err
	}
	p.sayReport(report, zone)
	return nil
}

// cityZone returns the time zone of the city, in which people are told days.
func cityZone(ctx context.Context, store data.Catalog) (*time.Location, error) {
	settings, err := store.Settings(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the time zone of the store: %w", err)
	}
	return settings.Location()
}

// sayReport prints a quality report for people, with days of the city's zone.
func (p *program) sayReport(r data.Report, zone *time.Location) {
	p.say("%s: %d rows", r.Dataset, r.Rows)
	if !r.First.IsZero() {
		day := func(t time.Time) string { return t.In(zone).Format(time.DateOnly) }
		p.say("  from %s to %s, known until %s", day(r.First), day(r.Last), day(r.Horizon))
	}
	for _, place := range []struct {
		n    int64
		text string
	}{
		{r.Located, "with a point in a community"},
		{r.Outside, "with a point outside every boundary"},
		{r.AreaOnly, "with a community and no point"},
		{r.Unplaced, "without a place"},
	} {
		p.say("%9d  %s%s", place.n, place.text, percent(place.n, r.Rows))
	}
	p.say("  rules")
	for _, rule := range r.Rules {
		if rule.Rows > 0 {
			p.say("%9d  %s%s", rule.Rows, rule.Title, percent(rule.Rows, r.Rows))
		}
	}
	p.sayUnknown(r)
	for _, d := range r.Defaults {
		p.say("  default location %v, %v (latitude, longitude): %d rows, %.1f %% of those with a point", d.Lat, d.Lon, d.Rows, 100*d.Share)
		p.say("    %s", d.Reason)
		for _, trait := range d.Traits {
			value := trait.Value
			if value == "" {
				value = "(none)"
			}
			p.say("    %s is %s in %.0f %% of these rows, in %.0f %% of the others", trait.Column, value, 100*trait.Share, 100*trait.Others)
		}
	}
}

// shownUnknown is how many words of no community are told one by one.
const shownUnknown = 10

// sayUnknown tells which communities rows name that there are not.
func (p *program) sayUnknown(r data.Report) {
	if len(r.Unknown) == 0 {
		return
	}
	rest := int64(0)
	for _, rule := range r.Rules {
		if rule.Rule == "community_unknown" {
			rest = rule.Rows
		}
	}
	p.say("  communities named that are not known (a mapping file gives their codes: values: {community_given: {WORD: CODE}})")
	for _, u := range r.Unknown[:min(shownUnknown, len(r.Unknown))] {
		note := ""
		if u.Several {
			note = ", the name of several communities"
		}
		if u.Unplaced > 0 && u.Unplaced < u.Rows {
			note += fmt.Sprintf(", %d of them without a point", u.Unplaced)
		}
		p.say("%9d  %q%s", u.Rows, u.Word, note)
		rest -= u.Rows
	}
	if rest > 0 {
		p.say("%9d  others", rest)
	}
}

// percent tells a part of a whole, "" where there is no whole.
func percent(part, whole int64) string {
	if whole == 0 {
		return ""
	}
	return fmt.Sprintf(" (%.3f %%)", 100*float64(part)/float64(whole))
}
