package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

func (p *program) numbersCommand() *cobra.Command {
	cmd := p.group(&cobra.Command{
		Use: "numbers", Short: "Keep figures that are told the public, and compute them again as they were",
		Long: "A figure that was published is kept with the version of its definition, its\n" +
			"period, and the moment as of which facts were known. Whatever comes in or is\n" +
			"corrected later, it can be computed again as it was.",
		Example: "  civgrid numbers keep 2026-09-on-time --indicator general.on_time --period 2026-09 --level district\n" +
			"  civgrid numbers list\n" +
			"  civgrid numbers check",
	})
	cmd.AddCommand(p.numbersKeepCommand(), p.numbersListCommand(), p.numbersCheckCommand())
	return cmd
}

func (p *program) numbersKeepCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "keep NAME", Short: "Compute an indicator and keep the result for good", Args: oneArg("name"),
		Example: "  civgrid numbers keep 2026-09-on-time --indicator general.on_time --period 2026-09 --level district\n" +
			"  civgrid numbers keep q3-alpha --indicator general.cases --period 2026-Q3 --within A",
	}
	given := p.paramFlags(cmd, engine.Params(indicator.Analysis))
	dryRun := dryRunFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.keepNumber(cmd.Context(), args[0], given(), *dryRun)
	}
	return cmd
}

func (p *program) keepNumber(ctx context.Context, name string, given map[string]string, dryRun bool) error {
	store, err := p.openOrRehearse(ctx, dryRun)
	if err != nil {
		return err
	}
	defer store.Close()
	n, err := engine.New(store, engine.Options{Now: p.now}).KeepNumber(ctx, name, given, p.now())
	if errors.Is(err, engine.ErrNoNumber) || errors.Is(err, data.ErrConflict) {
		return &codedError{code: exitRefused, err: err}
	}
	if err != nil {
		return err
	}
	if p.json {
		p.answer(n)
		return nil
	}
	p.sayNumber(n)
	if dryRun {
		p.tell("✓ it would be kept as %s", name)
		return nil
	}
	p.tell("✓ kept as %s", name)
	return nil
}

func (p *program) sayNumber(n engine.Number) {
	value := "no value"
	if n.Value != nil {
		value = api.Show(*n.Value, n.Unit, api.UnitWords{})
	}
	in := func(t time.Time) string { return api.ShowMoment(t, n.Provenance.Zone) }
	p.say("%-28s %-40s %-16s n=%d %s", n.Name, n.Provenance.Indicator, value, n.N, n.Status)
	p.say("%-28s by %s, %s to %s, as of %s, recorded by %s (%s)", "", n.Provenance.Unit, in(n.Provenance.From), in(n.Provenance.To),
		in(n.Provenance.AsOf), in(n.Provenance.Recorded), n.Provenance.Zone)
}

func (p *program) numbersListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the figures that are kept", Args: noArgs,
		Example: "  civgrid numbers list\n" +
			"  civgrid numbers list --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := p.openToRead(cmd.Context())
			if err != nil {
				return err
			}
			defer store.Close()
			all, err := engine.New(store, engine.Options{Now: p.now}).Numbers(cmd.Context())
			if err != nil {
				return err
			}
			if p.json {
				p.answer(append([]engine.Number{}, all...)) // [] where there are none
				return nil
			}
			for _, n := range all {
				p.sayNumber(n)
			}
			return nil
		},
	}
}

func (p *program) numbersCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check [NAME …]", Short: "Compute kept figures again and say what differs, and why",
		Example: "  civgrid numbers check\n" +
			"  civgrid numbers check 2026-09-on-time",
		RunE: func(cmd *cobra.Command, args []string) error { return p.checkNumbers(cmd.Context(), args) },
	}
}

func (p *program) checkNumbers(ctx context.Context, names []string) error {
	store, err := p.openToRead(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	e := engine.New(store, engine.Options{Now: p.now})
	numbers, err := e.Numbers(ctx)
	if err != nil {
		return err
	}
	if len(names) > 0 {
		numbers = nil
		for _, name := range names {
			n, err := e.FindNumber(ctx, name)
			if err != nil {
				return err
			}
			numbers = append(numbers, n)
		}
	}
	checks := []engine.NumberCheck{}
	differ := 0
	for _, n := range numbers {
		check, err := e.CheckNumber(ctx, n)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			check.Number = n
			check.Differs = append(check.Differs, "it cannot be computed again: "+err.Error())
		}
		checks = append(checks, check)
		if len(check.Differs) > 0 {
			differ++
		}
	}
	if p.json {
		p.answer(checks)
	} else {
		for _, c := range checks {
			p.sayCheck(c)
		}
	}
	if differ > 0 {
		return fmt.Errorf("%d of %d figures do not come out as they were told", differ, len(checks))
	}
	if len(checks) == 0 {
		p.tell("no figures are kept: civgrid numbers keep NAME keeps one")
		return nil
	}
	p.tell("✓ %s, each as it was told", counted(len(checks), "figure"))
	return nil
}

func (p *program) sayCheck(c engine.NumberCheck) {
	if len(c.Differs) == 0 {
		now := "no value"
		if c.Now.Value != nil {
			now = api.Show(*c.Now.Value, c.Now.Unit, api.UnitWords{})
		}
		if c.Now.Digest == c.Digest {
			now = "the same"
		}
		p.say("✓ %s; of the facts as they are now: %s, n=%d", c.Name, now, c.Now.N)
	} else {
		p.say("✗ %s", c.Name)
	}
	for _, d := range c.Differs {
		p.say("    %s", d)
	}
	for _, b := range c.Because {
		p.say("    because: %s", b)
	}
}
