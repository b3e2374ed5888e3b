package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
)

// errDefinitions says that definitions are not fit for use; what is wrong has
// been told.
var errDefinitions = errors.New("the definitions cannot be used as they are")

func (p *program) indicatorsLintCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "lint [FILE …]", Short: "Find what is wrong with definitions, or probably meant otherwise",
		Long: "Finds unknown keys, missing empty policies, unnamed denominators, weights that\n" +
			"do not sum, targets in another unit or the wrong direction, and versions that\n" +
			"are in force at the same time, and calendars without data. Without files it\n" +
			"looks over what is there.",
		Example: "  civgrid indicators lint mine.yaml\n" +
			"  civgrid indicators lint office.yaml mine.yaml --holidays 2026.json\n" +
			"  civgrid indicators lint",
	}
	given := settings(cmd)
	holidays := holidayFlag(cmd)
	strict := cmd.Flags().Bool("strict", false, "fail on warnings as well")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.lint(cmd.Context(), args, *holidays, *given, *strict)
	}
	return cmd
}

func (p *program) lint(ctx context.Context, paths, holidays []string, given map[string]string, strict bool) error {
	around, err := p.surroundings(ctx)
	if err != nil {
		return err
	}
	packs, calendars, err := readFiles(paths, given)
	if err != nil {
		return err
	}
	years, err := readHolidays(holidays)
	if err != nil {
		return err
	}
	if around.Library, err = joined(around.Library, packs, calendars, years); err != nil {
		return err
	}
	issues, err := lintCalendars(calendars, around.Library)
	if err != nil {
		return err
	}
	for _, pack := range packs {
		issues = append(issues, indicator.LintPack(pack, around)...)
	}
	if len(paths) == 0 {
		issues = indicator.Lint(around.Library.Definitions(), around)
	}
	wrong := 0
	for _, i := range issues {
		if strict || i.Severity == indicator.Fatal {
			wrong++
		}
		if !p.json {
			p.say("%s", i)
		}
	}
	if p.json {
		p.answer(append([]indicator.Issue{}, issues...)) // [] where there are none
	}
	if wrong > 0 {
		return &codedError{code: exitRefused, err: errDefinitions}
	}
	p.tell("✓ no errors, %s", counted(len(issues), "warning"))
	return nil
}

// joined returns a library with more definitions and calendars.
func joined(l *indicator.Library, packs []*indicator.Pack, files []clock.File, years []clock.Holidays) (*indicator.Library, error) {
	definitions, calendars := l.Definitions(), l.Calendars()
	for _, p := range packs {
		definitions = append(definitions, p.Indicators...)
	}
	for _, f := range files {
		c, err := clock.Build(f, years...)
		if err != nil {
			return nil, &codedError{code: exitRefused, err: err}
		}
		calendars = append(calendars, c)
	}
	return indicator.NewLibrary(definitions, calendars), nil
}

func (p *program) indicatorsTestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "test [FILE | CODE …]", Short: "Work out the examples of definitions and compare",
		Long: "Every definition may have examples: a few facts, and what they come to. This\n" +
			"works them out. Without arguments it does so for all that is there.",
		Example: "  civgrid indicators test\n  civgrid indicators test mine.yaml",
	}
	given := settings(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.testExamples(cmd.Context(), args, *given)
	}
	return cmd
}

func (p *program) testExamples(ctx context.Context, args []string, given map[string]string) error {
	around, err := p.surroundings(ctx)
	if err != nil {
		return err
	}
	definitions, err := p.named(&around, args, given)
	if err != nil {
		return err
	}
	type tested struct {
		ID string `json:"id"`
		engine.ExampleResult
	}
	results := []tested{}
	wrong := 0
	for _, d := range definitions {
		c, err := indicator.Compile(d, around)
		if err != nil {
			return err
		}
		for _, x := range d.Examples {
			r, err := engine.Example(ctx, c, x)
			if err != nil {
				return fmt.Errorf("%s: %w", d.ID(), err)
			}
			results = append(results, tested{d.ID(), r})
			if len(r.Wrong) > 0 {
				wrong++
			}
		}
	}
	if p.json {
		p.answer(results)
	} else {
		for _, r := range results {
			p.sayExample(r.ID, r.ExampleResult)
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d examples do not come out as they say", wrong, len(results))
	}
	p.tell("✓ %s of %s: every one comes out as it says", counted(len(results), "example"), counted(len(definitions), "definition"))
	return nil
}

func (p *program) sayExample(id string, r engine.ExampleResult) {
	mark := "✓"
	if len(r.Wrong) > 0 {
		mark = "✗"
	}
	p.say("%s %s: %s", mark, id, r.Title)
	for _, w := range r.Wrong {
		p.say("    %s", w)
	}
}

// named returns the definitions of files and codes, all for none. Those of
// files are put into the library.
func (p *program) named(around *indicator.Surroundings, args []string, given map[string]string) ([]*indicator.Definition, error) {
	if len(args) == 0 {
		return around.Library.Definitions(), nil
	}
	var definitions []*indicator.Definition
	for _, arg := range args {
		if _, err := os.Stat(arg); err != nil && arg != "-" {
			d, err := definition(around.Library, arg)
			if err != nil {
				return nil, err
			}
			definitions = append(definitions, d)
			continue
		}
		packs, calendars, err := readFiles([]string{arg}, given)
		if err != nil {
			return nil, err
		}
		if around.Library, err = joined(around.Library, packs, calendars, nil); err != nil {
			return nil, err
		}
		for _, p := range packs {
			definitions = append(definitions, p.Indicators...)
		}
	}
	return definitions, nil
}
