package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
)

// A doctor examines stores whose name begins with prefix. The error says that
// there is no store to look at, or that it cannot be reached; the findings up
// to there tell why.
type doctor struct {
	prefix  string
	examine func(ctx context.Context, p *program, name string, deep bool) ([]postgis.Finding, error)
}

// doctors lists the doctor of every kind of store, as stores does.
var doctors = []doctor{
	{"memory:", examineMemory},
	{"postgres://", examinePostgres},
	{"postgresql://", examinePostgres},
	{"", examineFile},
}

func (p *program) doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "doctor", Short: "Look whether the store, and what it stands on, is in order", Args: noArgs,
		Long: "Looks at the store of the settings and at what it stands on, and changes\n" +
			"nothing: a file's lock, format, columns and disk; of a PostgreSQL server whether\n" +
			"it answers, its versions, workers, settings, clock and room, and of the store in\n" +
			"it the tables, indexes, privileges and what imports that died have left. Of both\n" +
			"the calendars, and the address and secret that a service would have. What is\n" +
			"wrong comes first.\n\n" +
			"  ✓  in order\n" +
			"  !  works, and may not for long or not well\n" +
			"  ✗  does not work, or is damaged\n\n" +
			"With --deep every row is read as well and held against its digest, and the sums\n" +
			"against what was counted when the rows came in. That takes about as long as\n" +
			"reading everything, and hinders nobody.\n\n" +
			"The exit code is 0 where nothing has a ✗, 1 where something has, 4 where there\n" +
			"is no store yet, and 5 where it cannot be reached or is of another version.",
		Example: "  civgrid doctor\n" +
			"  civgrid doctor --store postgres://civgrid@db.example/city\n" +
			"  civgrid doctor --deep --json      for a nightly job",
	}
	deep := cmd.Flags().Bool("deep", false, "read all rows and hold them against their digests")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return p.doctor(cmd.Context(), *deep) }
	return cmd
}

func (p *program) doctor(ctx context.Context, deep bool) error {
	d, err := p.doctorOf()
	if err != nil {
		return err
	}
	findings, err := d.examine(ctx, p, p.config.get("store"), deep)
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	findings = append(findings, p.setupOf()...)
	worstFirst(findings)
	verdict := verdictOf(findings, err)
	if p.json {
		p.answer(findings)
	} else {
		p.sayChecks(findings)
	}
	if verdict != nil {
		return verdict
	}
	p.tell("✓ %s in order%s", p.storeName(), warnings(findings))
	return nil
}

// doctorOf returns the doctor for the store of the settings.
func (p *program) doctorOf() (doctor, error) {
	if _, err := p.storeKind(); err != nil {
		return doctor{}, err
	}
	for _, d := range doctors {
		if strings.HasPrefix(p.config.get("store"), d.prefix) {
			return d, nil
		}
	}
	panic("BUG: no doctor for store " + p.storeName())
}

// storeName returns the name of the store as it may be shown.
func (p *program) storeName() string {
	name := p.config.get("store")
	if strings.Contains(name, "://") {
		return postgis.Redact(name)
	}
	return name
}

// verdictOf returns the error that problems come to, nil where there are none.
func verdictOf(findings []postgis.Finding, err error) error {
	var problems []postgis.Finding
	for _, f := range findings {
		if f.State == postgis.Problem {
			problems = append(problems, f)
		}
	}
	code := exitFailure
	switch {
	case err != nil:
		code = exitOf(err)
	case len(problems) == 0:
		return nil
	}
	if len(problems) == 0 {
		return &codedError{code: code, err: err}
	}
	first := problems[0]
	message := first.Check + ": " + first.Text
	if n := len(problems) - 1; n > 0 {
		message += fmt.Sprintf(" (and %d more)", n)
	}
	details := make([]detail, len(problems))
	for i, f := range problems {
		details[i] = detail{Name: f.Check, Message: f.Text}
	}
	return &codedError{code: code, err: errors.New(message), hint: first.Hint, details: details}
}

// warnings counts the findings that are warnings.
func warnings(findings []postgis.Finding) string {
	n := 0
	for _, f := range findings {
		if f.State == postgis.Warning {
			n++
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "; 1 warning"
	}
	return fmt.Sprintf("; %d warnings", n)
}

// marks tell the state of a finding by its shape.
var marks = map[postgis.State]string{postgis.OK: "✓", postgis.Warning: "!", postgis.Problem: "✗"}

// sayChecks prints a line for each finding, and under it what to do.
func (p *program) sayChecks(findings []postgis.Finding) {
	for _, f := range findings {
		p.say("%s %-12s %s", marks[f.State], f.Check, f.Text)
		if f.Hint != "" {
			p.say("  %-12s → %s", "", f.Hint)
		}
	}
}

// The findings that doctors make.
func fine(check, format string, args ...any) postgis.Finding {
	return postgis.Finding{Check: check, State: postgis.OK, Text: fmt.Sprintf(format, args...)}
}

func doubtful(check, hint, format string, args ...any) postgis.Finding {
	return postgis.Finding{Check: check, State: postgis.Warning, Text: fmt.Sprintf(format, args...), Hint: hint}
}

func broken(check, hint, format string, args ...any) postgis.Finding {
	return postgis.Finding{Check: check, State: postgis.Problem, Text: fmt.Sprintf(format, args...), Hint: hint}
}

func examineMemory(context.Context, *program, string, bool) ([]postgis.Finding, error) {
	return []postgis.Finding{fine("store", "kept in memory, empty at the start and gone at the end")}, nil
}

// examinePostgres looks at a database.
func examinePostgres(ctx context.Context, p *program, url string, deep bool) ([]postgis.Finding, error) {
	findings, err := postgis.Inspect(ctx, url, postgis.InspectOptions{Now: p.now})
	if err != nil {
		return findings, err
	}
	store, err := postgis.Open(ctx, url, postgis.Options{ReadOnly: true, Logger: p.logger()})
	if err != nil {
		return append(findings, broken("content", "", "cannot be read: %v", err)), nil
	}
	defer store.Close()
	findings = append(findings, p.calendarsOf(ctx, store)...)
	if deep {
		findings = append(findings, contentOf(ctx, store)...)
	}
	return findings, nil
}

// contentOf reads all that a store holds.
func contentOf(ctx context.Context, store interface {
	data.Store
	Verify(context.Context) ([]string, error)
},
) []postgis.Finding {
	damages, err := store.Verify(ctx)
	var findings []postgis.Finding
	for _, damage := range damages {
		findings = append(findings, broken("content", "", "%s", damage))
	}
	if len(damages) > 0 {
		findings[len(damages)-1].Hint = "put the store back from a backup, or import the files of these rows again"
	}
	switch {
	case err != nil:
		findings = append(findings, broken("content", "", "cannot be read to the end: %v", err))
	case len(damages) == 0:
		findings = append(findings, fine("content", "every row and community is as it was written"))
	}
	return findings
}
