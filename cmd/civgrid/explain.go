package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

func (p *program) explainCommand() *cobra.Command {
	cmd := p.group(&cobra.Command{
		Use: "explain", Short: "Say why a case is judged as it is",
		Example: "  civgrid explain case 2026-000123\n" +
			"  civgrid explain case 2026-000123 --indicator gbt30428_4.on_time_disposal",
	})
	cmd.AddCommand(p.explainCaseCommand())
	return cmd
}

func (p *program) explainCaseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "case ID", Short: "Say why the deadline of a case is what it is, and how it counts", Args: oneArg("id"),
		Long: "Prints each interval that the clock of an indicator counted or skipped, and\n" +
			"the rule: office hours, lunch breaks, holidays, working weekends, pauses.",
		Example: "  civgrid explain case 2026-000123 --indicator gbt30428_4.on_time_disposal\n" +
			"  civgrid explain case 2026-000123 --as-of 2026-10-01T00:00",
	}
	given := p.paramFlags(cmd, engine.Params(indicator.Analysis))
	source := cmd.Flags().String("from-source", "", "system the case comes from, where several have the id")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.explainCase(cmd.Context(), *source, args[0], given())
	}
	return cmd
}

func (p *program) explainCase(ctx context.Context, source, id string, given map[string]string) error {
	store, err := p.openToRead(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	facts, err := engine.New(store, engine.Options{Now: p.now}).ExplainFact(ctx, source, id, given)
	if errors.Is(err, indicator.ErrNoClock) {
		return &codedError{code: exitUsage, err: err, hint: "civgrid indicators explain CODE says what an indicator counts"}
	}
	if err != nil {
		return err
	}
	if p.json {
		p.answer(facts)
		return nil
	}
	asked := given["from"] != "" || given["to"] != "" || given[indicator.Named] != ""
	for _, f := range facts {
		p.sayExplained(f, asked)
	}
	return nil
}

// momentLayout is how times of a case are told.
const momentLayout = "Mon 2006-01-02 15:04:05 -0700"

// sayExplained tells how a case is judged, and whether it belongs to the period,
// if one was asked for.
func (p *program) sayExplained(f engine.ExplainedFact, periodAsked bool) {
	p.say("%s %s by %s, as of %s", f.Source, f.ID, f.Indicator, f.AsOf.Format(momentLayout))
	line := func(what, text string) { p.say("  %-9s %s", what, text) }
	moment := func(what string, at time.Time, column, none string) {
		text := none
		if !at.IsZero() {
			text = at.Format(momentLayout)
		}
		if column != "" {
			text += " (" + column + ")"
		}
		line(what, text)
	}
	moment("started", f.Start, f.Began, "not yet")
	if f.Start.IsZero() {
		return
	}
	moment("ended", f.Stop, f.Ended, "not yet")
	moment("deadline", f.Deadline, "", "none")
	line("because", f.Rule)
	if f.Trace != nil {
		for step := range strings.Lines(f.Trace.String()) {
			p.say("    %s", strings.TrimRight(step, "\n"))
		}
	}
	switch {
	case f.Gap != "":
		line("took", "not to be told: "+f.Gap)
	case f.Unit != "":
		line("took", time.Duration(f.Elapsed*float64(time.Second)).String()+" of "+runsIn(f.Unit))
	}
	counts := f.Counts
	if counts == data.VerdictOnTime || counts == data.VerdictLate {
		counts = "as " + counts
	}
	if f.Applies {
		counts += "; it is one of " + f.Population
	}
	line("counts", counts)
	if periodAsked && !f.Member {
		p.say("  It is not of the period from %s to %s, by its %s.", f.From.Format(momentLayout), f.To.Format(momentLayout), f.By)
	}
}

// runsIn says in which time a clock runs that counts in a unit.
func runsIn(unit string) string {
	switch unit {
	case clock.WorkHour.String(), clock.WorkDay.String():
		return "working time"
	case clock.NaturalDay.String():
		return "natural days"
	}
	return "real time"
}
