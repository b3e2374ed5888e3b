package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/indicator/pack"
)

func (p *program) indicatorsCalendarsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "calendars", Short: "List the calendars of the program and of the store, and the years they have data for", Args: noArgs,
		Long: "Definitions name a calendar by its id, which means the version published last,\n" +
			"or for good, as id@version. Where several versions are listed, the last one is\n" +
			"what the id alone means.",
		Example: "  civgrid indicators calendars\n  civgrid indicators show cn-work",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.listCalendars(cmd.Context())
		},
	}
}

func (p *program) listCalendars(ctx context.Context) error {
	library, published, err := p.calendars(ctx)
	if err != nil {
		return err
	}
	type line struct {
		ID        string    `json:"id"`
		Version   string    `json:"version"`
		Zone      string    `json:"zone"`
		Years     string    `json:"years"`
		Published time.Time `json:"published,omitzero"`
	}
	var lines []line
	for _, c := range library.Calendars() {
		lines = append(lines, line{c.ID(), c.Version(), c.File().Zone, c.Covers(), published[calendarName(c.File())]})
	}
	if p.json {
		p.answer(lines)
		return nil
	}
	for _, l := range lines {
		years, from := "years "+l.Years, "comes with the program"
		switch l.Years {
		case "any":
			years = "any year"
		case "":
			years = "no year"
		}
		if !l.Published.IsZero() {
			from = "published " + l.Published.Format(time.DateOnly)
		}
		p.say("%-24s %-20s %-32s %s", l.ID+"@"+l.Version, l.Zone, years, from)
	}
	return nil
}

// calendars returns what surroundings returns, and when the store was given each
// calendar.
func (p *program) calendars(ctx context.Context) (*indicator.Library, map[string]time.Time, error) {
	store, err := p.openToRead(ctx)
	if codeOf(err) == exitNotFound && p.config.get("store") == defaultStore {
		shipped, err := pack.Library()
		return shipped, nil, err
	}
	if err != nil {
		return nil, nil, err
	}
	defer store.Close()
	e := engine.New(store, engine.Options{Now: p.now})
	library, err := e.Library(ctx)
	if err != nil {
		return nil, nil, err
	}
	published, err := e.CalendarsPublished(ctx)
	return library, published, err
}

// calendarName names one version of a calendar.
func calendarName(f clock.File) string { return f.ID + "@" + f.Version }

// calendar returns a calendar by "id" or "id@version".
func calendar(l *indicator.Library, name string) (*clock.Calendar, error) {
	c, err := l.Calendar(name)
	if err != nil {
		return nil, &codedError{code: exitNotFound, err: err, hint: "civgrid indicators calendars tells which there are"}
	}
	return c, nil
}

// showCalendar prints a calendar as a file, and of which years it has holidays.
func (p *program) showCalendar(c *clock.Calendar) error {
	if p.json {
		p.answer(map[string]any{"file": c.File(), "holidays": c.Holidays()})
		return nil
	}
	text, err := indicator.WriteCalendar(c.File())
	if err != nil {
		return err
	}
	var years []string
	for _, h := range c.Holidays() {
		years = append(years, fmt.Sprint(h.Year))
	}
	if years != nil {
		text = fmt.Appendf(text, "# with the holiday files of %s\n", strings.Join(years, ", "))
	}
	_, err = p.out.Write(text)
	return err
}

// errNoYears says that a calendar would count no working time at all.
var errNoYears = errors.New("its years are those of holiday files, and none was given")

// covered refuses calendars of the files at paths that would have no data, and
// holidays that no calendar is there for.
func covered(paths []string, calendars []clock.File, years []clock.Holidays) error {
	if len(calendars) == 0 && len(years) > 0 {
		return &codedError{
			code: exitUsage, err: errors.New("--holidays goes with the file of a calendar, and there is none"),
			hint: "civgrid indicators show ID prints a calendar; with a higher version, and the holidays of all its years, it can be published",
		}
	}
	for _, f := range calendars {
		c, err := clock.Build(f, years...)
		if err != nil {
			return &codedError{code: exitRefused, err: err}
		}
		if c.Covers() == "" {
			return &codedError{
				code: exitRefused, err: fmt.Errorf("calendar %s: %w", calendarName(f), errNoYears),
				hint: fmt.Sprintf("civgrid indicators publish %s --holidays 2026.json; or, in the file, years: any, where public holidays do not matter", strings.Join(paths, " ")),
			}
		}
	}
	return nil
}

// lintCalendars looks over the calendars of files.
func lintCalendars(calendars []clock.File, l *indicator.Library) (issues []indicator.Issue, err error) {
	for _, f := range calendars {
		c, err := l.Calendar(calendarName(f))
		if err != nil {
			return nil, err
		}
		if c.Covers() == "" {
			issues = append(issues, indicator.Issue{
				Severity: indicator.Doubtful, ID: calendarName(f), Field: "years",
				Text: errNoYears.Error() + ": publish refuses it without --holidays",
			})
		}
	}
	return issues, nil
}

// mostNamed is how many indicators are named where more may be concerned.
const mostNamed = 8

// tellMoved tells which of the indicators of a library go by a new version of a
// calendar from now on, because they name none.
func (p *program) tellMoved(l *indicator.Library, f clock.File) {
	before, err := l.Calendar(f.ID)
	if err != nil {
		return // there was none to go by
	}
	var names []string
	for _, d := range l.GoBy(f.ID) {
		names = append(names, d.ID())
	}
	if names == nil {
		return
	}
	if more := len(names) - mostNamed; more > 0 {
		names = append(names[:mostNamed:mostNamed], fmt.Sprintf("%d more", more))
	}
	p.tell("  numbers of %s will be computed by it from now on, no longer by version %s, and so will those made of them;\n"+
		"  figures that were kept before still come out by what was published then (civgrid numbers check)", strings.Join(names, ", "), before.Version())
}

// uncoveredHint says how a calendar comes by the data that it has not.
func uncoveredHint(gap *clock.NoDataError) string {
	switch {
	case gap.File > 0:
		hint := fmt.Sprintf("the holidays of %[1]d are missing: civgrid indicators show %[2]s > %[2]s.yaml, give it a higher version,\n"+
			"  and civgrid indicators publish %[2]s.yaml --holidays %[1]d.json, with a --holidays for every other year it has", gap.File, gap.Calendar)
		if gap.File > gap.Year {
			hint += ";\n  or year_end: own_file, where the next year's holidays never begin in December"
		}
		return hint
	case gap.Why == "":
		return fmt.Sprintf("calendar %s declares its years: civgrid indicators publish a higher version with years that reach to %d", gap.Calendar, gap.Year)
	}
	return ""
}
