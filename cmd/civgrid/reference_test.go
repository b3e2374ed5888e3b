package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestReferenceIsWhole: the manual has every command with every flag of its own.
func TestReferenceIsWhole(t *testing.T) {
	root := (&program{}).root()
	text := reference(root) + "\n"
	var look func(cmd *cobra.Command)
	look = func(cmd *cobra.Command) {
		if !cmd.IsAvailableCommand() {
			return
		}
		_, part, found := strings.Cut(text, "# "+cmd.CommandPath()+"\n")
		if !found {
			t.Errorf("the manual has no %s", cmd.CommandPath())
		}
		part, _, _ = strings.Cut(part, "\n#")
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !strings.Contains(part, "--"+f.Name) {
				t.Errorf("the manual has no --%s of %s", f.Name, cmd.CommandPath())
			}
		})
		for _, below := range cmd.Commands() {
			look(below)
		}
	}
	for _, command := range root.Commands() {
		look(command)
	}
	for _, e := range meanings {
		if e.meaning == "" || !strings.Contains(text, e.meaning) {
			t.Errorf("the manual does not say what exit code %d means", e.code)
		}
	}
	if _, help, _ := run(t, "help", "json"); !strings.Contains(text, jsonHelp) || !strings.Contains(help, jsonHelp) {
		t.Error("the manual and civgrid help json differ")
	}
}
