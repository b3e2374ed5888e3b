package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/targeting"
	"github.com/civgrid/civgrid/api"
)

func (p *program) backtestCommand() *cobra.Command {
	var to output
	params := engine.BacktestParams()
	cmd := &cobra.Command{
		Use: "backtest", Short: "Say how well rankings of cells would have foretold the reports of the past", Args: noArgs,
		Long: "Goes back to one cut-off after another, ranks cells by what was known then, and\n" +
			"looks how many of the reports that came next lay in the cells ranked first. Ours\n" +
			"is held against what came in last, the mean of all periods, a kernel density,\n" +
			"inhabitants and chance, in the same periods and on the same area. It is called\n" +
			"better only where the interval of the difference says so.\n\n" +
			"  hit rate  share of the reports that lay in the cells ranked first\n" +
			"  PAI       hit rate by the share of the area; 1 is what chance does\n" +
			"  PEI       PAI by that of the best cells there were, as many\n" +
			"  RRI       hit rate by that of the same cells in all periods before\n" +
			"  AUC       area under the whole curve of hit rate by area; 0.5 is chance\n\n" +
			"The area of a cell is the part of it within the boundary, where there is one.\n" +
			"Intervals are of a bootstrap that draws blocks of periods, each for itself. Cells\n" +
			"that a ranking holds equal are taken in the order of their numbers.\n\n" +
			"Inspectors find what lies where they are sent. Where their finds are among the\n" +
			"reports, --channel leaves them out.\n\n" +
			"Parameters that need a word more:" + paramNotes(params) +
			"\nMethod:\n" + wrap(targetingReference, "  "),
		Example: "  civgrid backtest --res 9 --step week --area 0.05\n" +
			"  civgrid backtest --step month --last 24 --category noise -o backtest.csv",
	}
	given := p.paramFlags(cmd, params)
	cmd.Flags().StringVar(&to.format, "format", "", "table, csv or json (default: by the ending of --output, else table)")
	cmd.Flags().StringVarP(&to.path, "output", "o", "", "file to write to (default: standard output)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return p.backtest(cmd.Context(), given(), to) }
	return cmd
}

const targetingReference = "Clayton and Kaldor 1987, Biometrics 43:671-681; Chainey, Tompson and Uhlig 2008, Security J. 21:4-28; " +
	"Levine 2008, Security J. 21:295-302; Hunt 2016; Künsch 1989, Ann. Statist. 17:1217-1241"

func (p *program) backtest(ctx context.Context, given map[string]string, to output) error {
	format, err := to.oneOf(p.json, formatTable, "csv", formatJSON)
	if err != nil {
		return usageError(err)
	}
	store, err := p.openToRead(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	meter := p.meter("backtest", "periods")
	options := engine.Options{Now: p.now, Progress: func(next string, done, of int) { meter.at(next, int64(done), int64(of), "") }}
	b, err := engine.New(store, options).Backtest(ctx, given)
	meter.done()
	if err != nil {
		return err
	}
	write := map[string]func(io.Writer) error{
		formatTable: func(w io.Writer) error { return writeBacktest(w, b) },
		"csv":       func(w io.Writer) error { return writeBacktestCSV(w, b) },
		formatJSON:  func(w io.Writer) error { return writeJSON(w, b) },
	}[format]
	err = p.put(to, format, write)
	if err == nil && !to.toStandard() {
		p.tell("✓ back-test of %s → %s", counted(b.Periods, "period"), to.path)
	}
	return err
}

// rankingWords say what each ranking goes by.
func rankingWords() map[string]string {
	return map[string]string{
		"rate":    "reports of the cell and around it, the recent ones more (empirical Bayes)",
		"last":    "what came in during the period before",
		"mean":    "reports of all periods before",
		"density": "kernel density of all reports before",
		"people":  "inhabitants",
		"random":  "chance",
	}
}

// writeBacktest writes a back-test for people.
func writeBacktest(w io.Writer, b *engine.Backtest) error {
	day := func(t time.Time) string { return api.ShowMoment(t, b.Provenance.Zone) }
	lines := []string{
		fmt.Sprintf("%s of a %s foretold, from %s to the one of %s (%s), after %d of history",
			counted(b.Periods, "period"), b.Step, day(b.First), day(b.Last), b.Provenance.Zone, b.History),
		fmt.Sprintf("%s cells of resolution %s, %s km²; each ranking picks %s of the area, and %s reports were to be foretold",
			api.ShowCount(int64(b.Rows)), strings.TrimPrefix(b.Provenance.Unit, "h3-"), number(b.SquareKm, 1), api.Show(b.Share, "share", api.UnitWords{}), api.ShowCount(b.Events)),
		"",
		fmt.Sprintf("%-8s  %-19s  %-17s  %-17s  %-5s  %-5s  %s", "ranking", "hit rate", "PAI", "PEI", "RRI", "AUC", "PAI of rate less its own"),
	}
	for _, r := range b.Rankings {
		line := fmt.Sprintf("%-8s  %-19s  %-17s  %-17s  %-5s  %-5s", r.Name,
			withInterval(r.Measures[targeting.HitRate], 100, 1, "%"), withInterval(r.Measures[targeting.AccuracyIndex], 1, 2, ""),
			withInterval(r.Measures[targeting.Efficiency], 1, 3, ""), one(r.Measures[targeting.Recapture], 1, 2, ""), one(r.Measures[targeting.UnderCurve], 1, 3, ""))
		if r.Lead != nil {
			line += "  " + withInterval(r.Lead[targeting.AccuracyIndex], 1, 2, "") + "  " + r.Verdict
		}
		lines = append(lines, line)
	}
	lines = append(lines, "")
	for _, r := range b.Rankings {
		lines = append(lines, fmt.Sprintf("%-8s  %s", r.Name, rankingWords()[r.Name]))
	}
	lines = append(append(lines, ""), backtestWords(b)...)
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// backtestWords says in sentences what a back-test shows, and what it rests on.
func backtestWords(b *engine.Backtest) []string {
	var paragraphs []string
	add := func(format string, args ...any) {
		paragraphs = append(paragraphs, strings.TrimRight(wrap(fmt.Sprintf(format, args...), ""), "\n"))
	}
	if b.Short > 0 {
		add("The data do not reach for %d periods, as many as usual: there are %d whole ones, and the first %d are history.",
			b.Periods+b.Short, b.History+b.Periods, b.History)
	}
	by := map[string][]string{}
	for _, r := range b.Rankings[1:] {
		by[r.Verdict] = append(by[r.Verdict], r.Name)
	}
	said := ""
	for _, v := range []struct{ verdict, words string }{
		{targeting.Better, "better than "}, {targeting.Worse, "worse than "}, {targeting.Undecided, "not shown to be better or worse than "},
	} {
		if names := by[v.verdict]; len(names) > 0 {
			said += map[bool]string{true: "rate is ", false: "; it is "}[said == ""] + v.words + strings.Join(names, ", ")
		}
	}
	add("%s, by the %s interval of the difference of PAI (%d draws of blocks of %s).", said, api.Show(b.Level, "share", api.UnitWords{}), b.Draws, counted(b.Block, "period"))
	switch b.Assumed {
	case "reported":
		add("Assumed: every report was known when it was made, with the place it has now.")
	case "recorded":
		add("A report counts as known from the first cut-off by which the store had it, as it was then: %s of %s were not there yet when the period ended that they were made in.",
			api.ShowCount(b.Known.Late), api.ShowCount(b.Known.Reports))
	default:
		add("A report counts as known from its last change on. Of %s, %s say nothing of changes and count as known when reported; %s were changed after the period they were made in, and count as unknown until then. If changes concern progress only, try --known reported.",
			api.ShowCount(b.Known.Reports), api.ShowCount(b.Known.Undated), api.ShowCount(b.Known.Late))
	}
	if b.Known.Corrected > 0 {
		add("%s reports were corrected since; what they said at first is what was known.", api.ShowCount(b.Known.Corrected))
	}
	if b.Known.Elsewhere > 0 {
		add("%s reports of the period lie in none of these cells and count nowhere.", api.ShowCount(b.Known.Elsewhere))
	}
	if b.Defaults {
		add("Reports at default locations are left out; which points are none was found with hindsight.")
	}
	if strings.Contains(b.Provenance.StudyArea, "cells with facts") {
		add("The cells are %s: which they are was not known before. With boundaries, and without observed cells, that is settled.", b.Provenance.StudyArea)
	}
	add("Reports are not problems: a ranking that foretells where people report does not see where nobody does.")
	return paragraphs
}

// withInterval writes a figure with its interval, each times a factor.
func withInterval(e targeting.Estimate, times float64, decimals int, unit string) string {
	text := one(e, times, decimals, unit)
	if e.Low == nil {
		return text
	}
	return fmt.Sprintf("%s [%s, %s]", text, number(*e.Low*times, decimals), number(*e.High*times, decimals))
}

func one(e targeting.Estimate, times float64, decimals int, unit string) string {
	if e.Value == nil {
		return "–"
	}
	return number(*e.Value*times, decimals) + unit
}

func number(x float64, decimals int) string { return strconv.FormatFloat(x, 'f', decimals, 64) }

// writeBacktestCSV writes one row for each ranking and measure.
func writeBacktestCSV(w io.Writer, b *engine.Backtest) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	cell := func(x *float64) string {
		if x == nil {
			return ""
		}
		return strconv.FormatFloat(*x, 'g', 9, 64)
	}
	rows := [][]string{{"ranking", "measure", "value", "low", "high", "lead", "lead_low", "lead_high", "verdict"}}
	for _, r := range b.Rankings {
		for _, name := range targeting.Measures() {
			m, lead, verdict := r.Measures[name], r.Lead[name], ""
			if name == targeting.AccuracyIndex {
				verdict = r.Verdict
			}
			rows = append(rows, []string{r.Name, name, cell(m.Value), cell(m.Low), cell(m.High), cell(lead.Value), cell(lead.Low), cell(lead.High), verdict})
		}
	}
	return out.WriteAll(rows)
}
