package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics/indicator/pack"
)

// TestHelpNamesIndicatorsThatThereAre: an example that is copied from the help
// of a command must not end in an error.
func TestHelpNamesIndicatorsThatThereAre(t *testing.T) {
	library, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, d := range library.Definitions() {
		there[d.Code] = true
	}
	named := regexp.MustCompile(`(?:--indicator|indicators (?:show|explain)) ([a-z0-9_]+\.[a-z0-9_.]+)`)
	found := 0
	var look func(*cobra.Command)
	look = func(cmd *cobra.Command) {
		for _, m := range named.FindAllStringSubmatch(cmd.Long+"\n"+cmd.Example, -1) {
			if found++; !there[m[1]] {
				t.Errorf("%s: the help names %s, which there is not", cmd.CommandPath(), m[1])
			}
		}
		for _, below := range cmd.Commands() {
			look(below)
		}
	}
	look((&program{}).root())
	if found == 0 {
		t.Error("no help names an indicator: the pattern is out of date")
	}
}

// TestHelpBeginsWithExamples: --help shows what a command is for and then two
// lines or more to copy, which the program takes as they are: the command is
// there and has the flags.
func TestHelpBeginsWithExamples(t *testing.T) {
	each((&program{}).root(), func(cmd *cobra.Command) {
		lines := exampleLines(cmd.Example)
		if len(lines) < 2 {
			t.Errorf("%s: help has %d examples, want 2 or more", cmd.CommandPath(), len(lines))
		}
		for _, line := range lines {
			root := (&program{}).root() // flags that are parsed stay set
			root.InitDefaultHelpCmd()
			shown, args, err := root.Find(line)
			if err == nil {
				err = shown.ParseFlags(args)
			}
			if err == nil {
				err = shown.ValidateArgs(shown.Flags().Args())
			}
			if err != nil {
				t.Errorf("%s: example %q: %v", cmd.CommandPath(), line, err)
			}
		}
		path := strings.Fields(cmd.CommandPath())[1:]
		code, out, _ := run(t, append(path, "--help")...)
		if want := cmd.Short + ".\n\nExamples:\n  civgrid "; code != exitOK || !strings.HasPrefix(out, want) {
			t.Errorf("%s --help exits with %d and begins %.120q, want %q", cmd.CommandPath(), code, out, want)
		}
	})
}

// exampleLines returns the arguments of each line of examples that calls the
// program.
func exampleLines(text string) [][]string {
	var lines [][]string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "  ") // what follows is a remark
		for _, end := range []string{" | ", " > ", " || "} {
			line, _, _ = strings.Cut(line, end)
		}
		line, ours := strings.CutPrefix(line, "civgrid ")
		if !ours {
			continue
		}
		var args []string
		for i, part := range strings.Split(line, "'") {
			if i%2 == 1 { // in quotes
				args = append(args, part)
			} else {
				args = append(args, strings.Fields(part)...)
			}
		}
		lines = append(lines, args)
	}
	return lines
}
