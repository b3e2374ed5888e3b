package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// A program is one run of civgrid: where it writes, what time it is, and its
// settings.
type program struct {
	in       io.Reader // who can be asked; nil for nobody
	out, err io.Writer
	now      func() time.Time
	terminal bool // err is a terminal, so that progress may be drawn on it
	config   config
	json     bool
	quiet    bool
	colours  bool     // marks on err are drawn in them
	plain    bool     // but not if they are not wanted
	result   any      // what --json prints of the command
	warnings []string // and what beside it
}

func newProgram(out, err *os.File) *program {
	p := &program{
		out: out, err: err, now: time.Now,
		terminal: term.IsTerminal(int(err.Fd())) && os.Getenv("TERM") != "dumb",
	}
	p.colours = p.terminal && os.Getenv("NO_COLOR") == ""
	if term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(err.Fd())) {
		p.in = os.Stdin
	}
	return p
}

// run runs civgrid with arguments and returns its exit code.
func (p *program) run(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	root.SetOut(p.out)
	root.SetErr(p.err)
	began := p.now()
	err := root.ExecuteContext(ctx)
	switch {
	case p.json || err != nil && slices.Contains(args, "--json"): // which is not read behind a flag that there is not
		p.print(began, err)
	case err != nil:
		p.fail(err)
	}
	return codeOf(err)
}

func (p *program) root() *cobra.Command {
	root := p.group(&cobra.Command{
		Use:   "civgrid",
		Short: "Compliance, hot spots and response times of a city, by hexagon and by community",
		Long: "Civgrid turns complaints, inspections and resources of a city into layers\n" +
			"by H3 hexagon and by community: share on time, hot and cold spots, waiting\n" +
			"times. One program, one file, nothing else to install.",
		Example: "  civgrid demo                                  a synthetic city to look at\n" +
			"  civgrid init                                  settings and indicators to start from\n" +
			"  civgrid import boundaries districts.geojson   your own areas\n" +
			"  civgrid import incidents 311.csv              your own cases\n" +
			"  civgrid serve                                 maps, GeoJSON, QGIS",
		Version:      programVersion(),
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return p.configure(cmd) },
	})
	flags := root.PersistentFlags()
	flags.String("store", defaultStore, "what keeps everything: a file (created if it is not there) or postgres://user@host/database")
	flags.String("config", "", "settings file, before civgrid.yaml in this folder and in the user's configuration folder")
	flags.String("log-level", "warn", "what is logged to standard error: debug, info, warn or error")
	flags.String("log-format", "text", "how it is logged: text, or json, one object a line; with --quiet nothing else is told")
	flags.String("progress", "auto", "how progress is shown on standard error: auto, bar, plain (a line every 5 s), json (an object a line) or none")
	flags.BoolVar(&p.json, "json", false, "print one JSON object instead of text")
	flags.BoolVar(&p.plain, "no-color", false, "leave colours away, as the environment variable NO_COLOR does")
	flags.BoolVarP(&p.quiet, "quiet", "q", false, "print errors only")
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(p.demoCommand(), p.initCommand(), p.importCommand(), p.checkCommand(), p.analyzeCommand(), p.reportCommand(), p.indicatorsCommand(), p.explainCommand(), p.numbersCommand(), p.qualityCommand(),
		p.reconcileCommand(), p.planCommand(), p.sitesCommand(), p.backtestCommand(), p.serveCommand(), p.keysCommand(), p.doctorCommand(), p.migrateCommand(), p.syncCommand(), p.watchCommand(), p.configCommand(), p.schemaCommand(), p.completionCommand(), p.versionCommand())
	p.teach(root)
	for name, words := range choices() {
		if root.PersistentFlags().Lookup(name) != nil {
			completeChoice(root, name, words...)
		}
	}
	return root
}

// logger returns the logger that libraries are handed.
func (p *program) logger() *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(p.config.get("log-level"))); err != nil {
		level = slog.LevelWarn
	}
	options := &slog.HandlerOptions{Level: level}
	if p.config.get("log-format") == "json" {
		return slog.New(slog.NewJSONHandler(p.err, options))
	}
	return slog.New(slog.NewTextHandler(p.err, options))
}

// tell prints a line for people, to standard error.
func (p *program) tell(format string, args ...any) {
	if !p.quiet {
		fmt.Fprintln(p.err, p.painted(strings.TrimRight(fmt.Sprintf(format, args...), "\n")))
	}
}

// painted returns a line with the mark that it begins with in colour, which says
// nothing that the mark does not.
func (p *program) painted(line string) string {
	if !p.colours || p.plain {
		return line
	}
	for _, paint := range [][2]string{{"✓", "32"}, {"!", "33"}, {"✗", "31"}} {
		if rest, ok := strings.CutPrefix(line, paint[0]); ok {
			return "\x1b[" + paint[1] + "m" + paint[0] + "\x1b[0m" + rest
		}
	}
	return line
}

// warn tells people a line that begins with a mark, or programs with --json.
func (p *program) warn(format string, args ...any) {
	if p.json {
		p.warnings = append(p.warnings, fmt.Sprintf(format, args...))
		return
	}
	p.tell("! "+format, args...)
}

// say prints a line of output.
func (p *program) say(format string, args ...any) {
	fmt.Fprintf(p.out, format+"\n", args...)
}
