package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
)

func (p *program) explainCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "explain", Short: "Say why a case is judged as it is"})
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
	given := paramFlags(cmd.Flags(), engine.Params(indicator.Analysis))
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
	if err != nil {
		return err
	}
	if p.json {
		p.answer(facts)
		return nil
	}
	for _, f := range facts {
		p.sayExplained(f)
	}
	return nil
}

func (p *program) sayExplained(f engine.ExplainedFact) {
	p.say("%s %s, judged by %s as of %s", f.Source, f.ID, f.Indicator, f.AsOf.Format(time.RFC3339))
	for _, line := range []struct {
		what string
		at   time.Time
		none string
	}{{"started", f.Start, "not yet"}, {"ended", f.Stop, "not yet"}, {"deadline", f.Deadline, "none"}} {
		text := line.none
		if !line.at.IsZero() {
			text = line.at.Format(time.RFC3339)
		}
		p.say("  %-10s %s", line.what, text)
	}
	p.say("  %-10s %s", "because", f.Rule)
	if f.Trace != nil {
		p.say("%s", f.Trace.String())
	}
	p.say("  %-10s %s in %ss of the clock", "took", time.Duration(f.Elapsed*float64(time.Second)), f.Unit)
	p.say("  %-10s %s; counts as %s", "population", f.Population, f.Counts)
	switch {
	case !f.Applies:
		p.say("  The indicator does not apply to it: see its where.")
	case !f.Member:
		p.say("  It does not belong to the period.")
	}
}
