package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// group makes a command that holds others and prints help on its own. An
// unknown one among them is answered with the nearest there are.
func (p *program) group(cmd *cobra.Command) *cobra.Command {
	cmd.SuggestionsMinimumDistance = 2
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !p.json {
			return cmd.Help()
		}
		p.answer(subcommands(cmd))
		return nil
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		hint := ""
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			hint = "; did you mean " + strings.Join(near, " or ") + "?"
		}
		return usageError(fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), hint))
	}
	return cmd
}

// subcommands tells programs which commands a command holds.
func subcommands(cmd *cobra.Command) map[string]string {
	held := map[string]string{}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			held[c.CommandPath()] = c.Short
		}
	}
	return held
}

// noArgs, oneArg and someArgs are what commands take besides flags, as usage
// errors where it is something else.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError(fmt.Errorf("%s takes no argument, got %q", cmd.CommandPath(), args[0]))
	}
	return nil
}

func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError(fmt.Errorf("%s takes one %s, got %d", cmd.CommandPath(), what, len(args)))
		}
		return nil
	}
}

func someArgs(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError(fmt.Errorf("%s takes one %s or more", cmd.CommandPath(), what))
		}
		return nil
	}
}
