package main

import (
	"regexp"
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
