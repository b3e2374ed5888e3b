package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/civgrid/civgrid/data/spelling"
)

// helpTemplate is what --help prints: what a command is for, examples to copy,
// and the rest for those who read on.
const helpTemplate = `{{.Short}}.
{{if .HasExample}}
Examples:
{{.Example}}
{{end}}{{with .Long}}
{{. | trimTrailingWhitespaces}}
{{end}}{{if or .Runnable .HasSubCommands}}
{{.UsageString}}{{end}}`

// usageTemplate is the part of it that says what can be given.
const usageTemplate = `Usage:{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{else}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasHelpSubCommands}}

Topics of civgrid help:{{range .Commands}}{{if .IsAdditionalHelpTopicCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsagesWrapped 100 | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Flags of every command:
{{.InheritedFlags.FlagUsagesWrapped 100 | trimTrailingWhitespaces}}{{end}}
`

// teach makes help and mistakes in flags what they are for all commands.
func (p *program) teach(root *cobra.Command) {
	root.SetHelpTemplate(helpTemplate)
	root.SetUsageTemplate(usageTemplate)
	root.SetHelpCommand(p.helpCommand())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usageError(unknownFlag(cmd, err)) })
	root.AddCommand(topics()...)
}

// unknownFlag adds to the error of a flag that there is not the one that was
// probably meant.
func unknownFlag(cmd *cobra.Command, err error) error {
	unknown := (*pflag.NotExistError)(nil)
	if !errors.As(err, &unknown) {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := spelling.Nearest(unknown.GetSpecifiedName(), names); near != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	return err
}

func (p *program) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND | TOPIC]", Short: "Explain a command, or a topic such as exit-codes",
		Example: "  civgrid help import incidents\n" +
			"  civgrid help exit-codes",
		ValidArgsFunction: completeCommands,
		RunE: func(cmd *cobra.Command, args []string) error {
			asked, left, err := cmd.Root().Find(args)
			if err == nil && len(left) > 0 {
				err = asked.ValidateArgs(left)
			}
			if err != nil {
				return usageError(fmt.Errorf("no command or topic %q%s", strings.Join(args, " "), didYouMean(args[len(args)-1], helped(asked))))
			}
			asked.InitDefaultHelpFlag()
			if !p.json {
				return asked.Help()
			}
			var text strings.Builder
			asked.SetOut(&text)
			err = asked.Help()
			p.answer(map[string]string{"command": asked.CommandPath(), "help": text.String()})
			return err
		},
	}
}

// helped returns the names of what there is help for under a command.
func helped(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return names
}

// jsonHelp says what --json prints.
const jsonHelp = "With --json a command prints one object to standard output, whatever happens:\n\n" +
	"  ok        true where the exit code is 0\n" +
	"  data      the result; beside an error too, where there is one\n" +
	"  error     code (that of the exit), message, hint, and details: what is wrong,\n" +
	"            each with file, line, name, value, code and message, as far as known\n" +
	"  warnings  what should be known of a run that ended well\n" +
	"  timing    when it started (UTC), and how many seconds it took\n\n" +
	"Names and codes are never translated, and messages are for people: read codes.\n" +
	"Progress goes to standard error, with --progress json as an object a line. Where\n" +
	"a result is written to a file by --output, data names the format and the files.\n" +
	"Commands that go on until they are ended (serve, watch, sync --follow) print no\n" +
	"object. civgrid schema prints the JSON schema."

// topics are what civgrid help explains besides commands.
func topics() []*cobra.Command {
	var codes strings.Builder
	for _, e := range meanings {
		fmt.Fprintf(&codes, "  %3d  %s\n", e.code, strings.TrimSpace(wrap(e.meaning, "       ")))
	}
	return []*cobra.Command{
		{
			Use: "exit-codes", Short: "What exit codes mean",
			Long: "Every command ends with one of these. Treat a code that is not listed as a\n" +
				"failure.\n\n" + codes.String(),
			Example: "  civgrid import incidents cases.csv || echo \"exit code $?\"",
		},
		{
			Use: "json", Short: "What --json prints",
			Long: jsonHelp,
			Example: "  civgrid analyze compliance --level district --json | jq '.data.rows[] | {id, share}'\n" +
				"  civgrid import incidents cases.csv --json | jq '.error.details'",
		},
	}
}
