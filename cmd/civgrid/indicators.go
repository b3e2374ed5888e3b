package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/indicator/pack"
	"github.com/civgrid/civgrid/data"
)

func (p *program) indicatorsCommand() *cobra.Command {
	cmd := p.group(&cobra.Command{
		Use: "indicators", Short: "List, show, check, test and publish definitions of indicators",
		Long: "An indicator is declared in a YAML file: what counts, of what, by which clock,\n" +
			"in which period, what is to be reached. Packs of them come with the program;\n" +
			"what is published in the store is kept for good and adds to them.",
		Example: "  civgrid indicators list\n" +
			"  civgrid indicators show hotline12345.composite\n" +
			"  civgrid indicators lint mine.yaml\n" +
			"  civgrid indicators publish --pack hotline12345 --set response_weight=0.2 --set solution_weight=0.4\n" +
			"  civgrid analyze indicator --indicator hotline12345.composite --level street",
	})
	cmd.AddCommand(p.indicatorsListCommand(), p.indicatorsShowCommand(), p.indicatorsExplainCommand(),
		p.indicatorsLintCommand(), p.indicatorsTestCommand(), p.indicatorsPublishCommand(), p.indicatorsCalendarsCommand())
	return cmd
}

// surroundings returns what definitions may speak of: what the store has, or,
// where none is named and there is none, what the program brings.
func (p *program) surroundings(ctx context.Context) (indicator.Surroundings, error) {
	store, err := p.openToRead(ctx)
	if codeOf(err) == exitNotFound && p.config.get("store") == defaultStore {
		shipped, err := pack.Library()
		return indicator.Surroundings{Library: shipped}, err
	}
	if err != nil {
		return indicator.Surroundings{}, err
	}
	defer store.Close()
	return engine.New(store, engine.Options{Now: p.now}).Surroundings(ctx)
}

func (p *program) indicatorsListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the indicators of the program and of the store", Args: noArgs,
		Example: "  civgrid indicators list\n" +
			"  civgrid indicators list --store postgres://civgrid@db.example/city",
		RunE: func(cmd *cobra.Command, _ []string) error {
			around, err := p.surroundings(cmd.Context())
			if err != nil {
				return err
			}
			type line struct {
				ID        string              `json:"id"`
				Title     string              `json:"title"`
				Kind      string              `json:"kind"`
				Dataset   data.Dataset        `json:"dataset"`
				Effective indicator.Effective `json:"effective"`
			}
			var lines []line
			for _, d := range around.Library.Definitions() {
				lines = append(lines, line{d.ID(), d.Title("en"), d.Kind, d.Counts(), d.Effective})
			}
			if p.json {
				p.answer(lines)
				return nil
			}
			for _, l := range lines {
				p.say("%-44s %-13s %s%s", l.ID, l.Kind, l.Title, inForce(l.Effective))
			}
			return nil
		},
	}
}

func inForce(e indicator.Effective) string {
	if e == (indicator.Effective{}) {
		return ""
	}
	return fmt.Sprintf(" (in force %s)", e)
}

// definition returns a definition by "code" or "code@version".
func definition(l *indicator.Library, name string) (d *indicator.Definition, err error) {
	code, version, ok := strings.Cut(name, "@")
	if !ok {
		d, err = l.InForce(code, time.Time{})
	} else {
		n, wrong := strconv.Atoi(version)
		if wrong != nil {
			return nil, usageError(fmt.Errorf("version %q: want a number", version))
		}
		d, err = l.Version(code, n)
	}
	if err != nil {
		return nil, &codedError{code: exitNotFound, err: err, hint: "civgrid indicators list tells which there are"}
	}
	return d, nil
}

func (p *program) indicatorsShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show CODE[@VERSION]", Short: "Print a definition or a calendar as a file to start one's own from", Args: oneArg("code"),
		ValidArgsFunction: p.completeIndicator,
		Example:           "  civgrid indicators show general.on_time\n  civgrid indicators show cn-work > office.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			around, err := p.surroundings(cmd.Context())
			if err != nil {
				return err
			}
			d, err := definition(around.Library, args[0])
			id, _, _ := strings.Cut(args[0], "@")
			if _, none := around.Library.Calendar(id); err != nil && none == nil {
				c, err := calendar(around.Library, args[0])
				if err != nil {
					return err
				}
				return p.showCalendar(c)
			}
			if err != nil {
				return err
			}
			if p.json {
				p.answer(d)
				return nil
			}
			text, err := indicator.Write(d)
			if err != nil {
				return err
			}
			_, err = p.out.Write(text)
			return err
		},
	}
}

func (p *program) indicatorsExplainCommand() *cobra.Command {
	return &cobra.Command{
		Use: "explain CODE[@VERSION]", Short: "Say in words what an indicator counts, and how", Args: oneArg("code"),
		Example: "  civgrid indicators explain general.on_time\n" +
			"  civgrid indicators explain hotline12345.composite@1",
		ValidArgsFunction: p.completeIndicator,
		RunE: func(cmd *cobra.Command, args []string) error {
			around, err := p.surroundings(cmd.Context())
			if err != nil {
				return err
			}
			d, err := definition(around.Library, args[0])
			if err != nil {
				return err
			}
			text, err := indicator.Describe(d, around)
			if err != nil {
				return err
			}
			if p.json {
				p.answer(map[string]any{"id": d.ID(), "words": text})
				return nil
			}
			p.say("%s", text[0])
			for _, sentence := range text[1:] {
				fmt.Fprint(p.out, wrap(sentence, "  "))
			}
			return nil
		},
	}
}

// settings adds the flag that overrides settings of packs.
func settings(cmd *cobra.Command) *map[string]string {
	return cmd.Flags().StringToString("set", nil, "setting of a pack, as name=value; may be given several times")
}

// readFiles reads files of definitions, "-" being standard input.
func readFiles(paths []string, given map[string]string) (packs []*indicator.Pack, calendars []clock.File, err error) {
	for _, path := range paths {
		file, err := readDefinitions(path, given)
		if err != nil {
			return nil, nil, fileError(path, err)
		}
		if file.Calendar != nil {
			calendars = append(calendars, *file.Calendar)
			continue
		}
		packs = append(packs, file.Pack)
	}
	return packs, calendars, nil
}

// fileError says of which file every one of some joined errors is.
func fileError(path string, err error) error {
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return fmt.Errorf("%s: %w", path, failed.Err)
	}
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for i := range all {
		all[i] = fmt.Errorf("%s: %w", path, all[i])
	}
	return &codedError{code: exitRefused, err: errors.Join(all...)}
}

func readDefinitions(path string, given map[string]string) (indicator.File, error) {
	var r io.Reader = os.Stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return indicator.File{}, err
		}
		defer file.Close()
		r = file
	}
	return indicator.Read(r, given)
}
