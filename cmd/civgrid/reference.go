package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// reference returns the page of the manual about the command line, made of the commands
// that there are.
func reference(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# Command line\n\nEvery command with its flags, as `--help` prints them, and the exit codes.\n\n## Exit codes\n\n| code | meaning |\n|---|---|\n")
	for _, e := range meanings {
		fmt.Fprintf(&b, "| %d | %s |\n", e.code, e.meaning)
	}
	b.WriteString("\n## What --json prints\n")
	fenced(&b, jsonHelp)
	b.WriteString("\n## Flags of every command\n\n")
	flagTable(&b, root.PersistentFlags())
	for _, command := range root.Commands() {
		describe(&b, command, 2)
	}
	return b.String()
}

// describe writes a command and those below it.
func describe(b *strings.Builder, cmd *cobra.Command, level int) {
	if !cmd.IsAvailableCommand() {
		return
	}
	fmt.Fprintf(b, "\n%s %s\n\n%s.\n", strings.Repeat("#", min(level, 4)), cmd.CommandPath(), strings.TrimSuffix(cmd.Short, "."))
	if cmd.Runnable() {
		fenced(b, cmd.UseLine())
	}
	if cmd.Long != "" {
		fenced(b, cmd.Long)
	}
	if cmd.Example != "" {
		b.WriteString("\nExamples:\n")
		fenced(b, cmd.Example)
	}
	if cmd.HasAvailableLocalFlags() {
		b.WriteString("\n")
		flagTable(b, cmd.LocalNonPersistentFlags())
	}
	for _, below := range cmd.Commands() {
		describe(b, below, level+1)
	}
}

func fenced(b *strings.Builder, text string) {
	fmt.Fprintf(b, "\n```text\n%s\n```\n", strings.Trim(text, "\n"))
}

// flagTable writes flags with what they mean, and what holds where they are not given.
func flagTable(b *strings.Builder, flags *pflag.FlagSet) {
	b.WriteString("| flag | meaning |\n|---|---|\n")
	cell := strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "*", `\*`, "_", `\_`)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		names := "--" + f.Name
		if f.Shorthand != "" {
			names = "-" + f.Shorthand + ", " + names
		}
		word, usage := pflag.UnquoteUsage(f)
		if word != "" {
			names += " " + word
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && !strings.Contains(usage, "(default") {
			usage += " (default: " + f.DefValue + ")"
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", names, cell.Replace(usage))
	})
}
