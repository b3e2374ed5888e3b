package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/spelling"
)

// A shell completes commands, flags and values by a script.
type shell struct {
	name, load string
	write      func(root *cobra.Command, w io.Writer) error
}

var shells = []shell{
	{"bash", "source <(civgrid completion bash)", func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) }},
	{"zsh", "source <(civgrid completion zsh)", func(root *cobra.Command, w io.Writer) error { return root.GenZshCompletion(w) }},
	{"fish", "civgrid completion fish | source", func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) }},
	{"powershell", "civgrid completion powershell | Out-String | Invoke-Expression", func(root *cobra.Command, w io.Writer) error { return root.GenPowerShellCompletionWithDesc(w) }},
}

func (p *program) completionCommand() *cobra.Command {
	var names, loading []string
	for _, s := range shells {
		names = append(names, s.name)
		loading = append(loading, fmt.Sprintf("  %-11s %s", s.name, s.load))
	}
	return &cobra.Command{
		Use: "completion SHELL", Short: "Print the script by which a shell completes commands and values", Args: oneArg("shell"),
		Long: "Prints a script for " + strings.Join(names, ", ") + ". With it the shell completes\n" +
			"commands, flags and values: codes of indicators and communities are those of the\n" +
			"store. To load it, now or in the file that the shell reads when it starts:\n\n" +
			strings.Join(loading, "\n"),
		Example: "  civgrid completion bash > ~/.local/share/bash-completion/completions/civgrid\n" +
			"  civgrid completion fish > ~/.config/fish/completions/civgrid.fish",
		ValidArgsFunction: oneOfWords(names...),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, s := range shells {
				if s.name == args[0] {
					return p.sayScript(cmd.Root(), s)
				}
			}
			return usageError(fmt.Errorf("shell %q: want one of %s%s", args[0], strings.Join(names, ", "), didYouMean(args[0], names)))
		},
	}
}

func (p *program) sayScript(root *cobra.Command, s shell) error {
	if !p.json {
		return buffered(p.out, func(w io.Writer) error { return s.write(root, w) })
	}
	var script strings.Builder
	err := s.write(root, &script)
	p.answer(map[string]string{"shell": s.name, "script": script.String()})
	return err
}

// didYouMean suggests the nearest of known words, "" where there is none.
func didYouMean(word string, known []string) string {
	if near := spelling.Nearest(word, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// oneOfWords completes a single argument or flag that is one of some words.
func oneOfWords(words ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFlag completes a flag by a function that does not ask for arguments.
func completeFlag(cmd *cobra.Command, name string, words func(*cobra.Command) []string) {
	err := cmd.RegisterFlagCompletionFunc(name, func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return words(cmd), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic("BUG: " + err.Error())
	}
}

// completeChoice completes a flag that is one of some words.
func completeChoice(cmd *cobra.Command, name string, words ...string) {
	completeFlag(cmd, name, func(*cobra.Command) []string { return words })
}

// completeParam completes the flag of a parameter of an analysis.
func (p *program) completeParam(cmd *cobra.Command, param analytics.Param) {
	switch param.Name {
	case indicator.Code:
		completeFlag(cmd, param.Name, p.indicatorCodes)
	case "within":
		completeFlag(cmd, param.Name, p.communityCodes)
	default:
		completeChoice(cmd, param.Name, param.Choices...)
	}
}

// completeCommands completes the path of a command or topic.
func completeCommands(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	under, _, err := cmd.Root().Find(args)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, c := range under.Commands() {
		if c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand() {
			names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeIndicator completes a single argument that is the code of an indicator.
func (p *program) completeIndicator(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return p.indicatorCodes(cmd), cobra.ShellCompDirectiveNoFileComp
}

// indicatorCodes returns the codes of all indicators, with their titles. An error
// is no completion.
func (p *program) indicatorCodes(cmd *cobra.Command) []string {
	if p.configure(cmd) != nil {
		return nil
	}
	around, err := p.surroundings(cmd.Context())
	if err != nil {
		return nil
	}
	var codes []string
	for _, d := range around.Library.Definitions() {
		codes = append(codes, cobra.CompletionWithDesc(d.Code, d.Title("en")))
	}
	return codes
}

// communityCodes returns the codes of all communities, with their names.
func (p *program) communityCodes(cmd *cobra.Command) []string {
	communities, err := p.communitiesOf(cmd)
	if err != nil {
		return nil
	}
	var codes []string
	for _, c := range communities {
		codes = append(codes, cobra.CompletionWithDesc(c.Code, c.Names.In("en")))
	}
	return codes
}

func (p *program) communitiesOf(cmd *cobra.Command) (communities []data.Community, err error) {
	if err := p.configure(cmd); err != nil {
		return nil, err
	}
	store, err := p.openToGlance(cmd.Context())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return store.Communities(cmd.Context())
}
