package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// starterIndicators is a file of indicators to start one's own from.
//
//go:embed starter/indicators.yaml
var starterIndicators string

func (p *program) initCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "init [FOLDER]", Short: "Write settings and indicators to start one's own from",
		Long: "Writes two files into a folder, which is made where it is not there:\n\n" +
			"  civgrid.yaml     every setting with what it means, none of them set; civgrid reads\n" +
			"                   it in the folder that it is run in\n" +
			"  indicators.yaml  an indicator with its examples, to change and to publish\n\n" +
			"Files that are there already are left as they are.",
		Example: "  civgrid init                 in this folder\n" +
			"  civgrid init town\n" +
			"  civgrid init town --dry-run",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError(fmt.Errorf("%s takes one folder, got %d", cmd.CommandPath(), len(args)))
			}
			return nil
		},
	}
	dryRun := dryRunFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.init(cmd.Root(), append(args, ".")[0], *dryRun)
	}
	return cmd
}

// A starter is a file that init writes, and whether it was there.
type starter struct {
	Path    string `json:"path"`
	Written bool   `json:"written"`
	text    string
}

func (p *program) init(root *cobra.Command, folder string, dryRun bool) error {
	files := []starter{
		{Path: filepath.Join(folder, settingsName), text: starterSettings(root)},
		{Path: filepath.Join(folder, "indicators.yaml"), text: starterIndicators},
	}
	if !dryRun {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("make the folder: %w", err)
		}
	}
	for i := range files {
		written, err := files[i].write(dryRun)
		if err != nil {
			return err
		}
		files[i].Written = written
		switch {
		case !written:
			p.warn("%s is there already and is left as it is", files[i].Path)
		case dryRun:
			p.tell("✓ %s would be written", files[i].Path)
		default:
			p.tell("✓ %s", files[i].Path)
		}
	}
	if p.json {
		p.answer(files)
	}
	return nil
}

// write writes the file unless it is there.
func (s starter) write(dryRun bool) (written bool, err error) {
	if dryRun {
		_, err := os.Stat(s.Path)
		return errors.Is(err, fs.ErrNotExist), nil
	}
	file, err := os.OpenFile(s.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("write %s: %w", s.Path, err)
	}
	_, err = io.WriteString(file, s.text)
	return true, errors.Join(err, file.Close())
}

// starterSettings writes a file of settings that sets none: each with what the
// flag of that name says, under the command that takes it.
func starterSettings(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# Settings of civgrid. A flag counts before the environment (CIVGRID_STORE and so\n" +
		"# on), that before the file of --config, that before this one, and this one before\n" +
		"# the user's. civgrid config show --origin tells what is in force, and from where.\n")
	left := map[string]bool{}
	for _, name := range settable() {
		left[name] = true
	}
	section := func(title string, flags *pflag.FlagSet) {
		fmt.Fprintf(&b, "\n# %s\n", title)
		flags.VisitAll(func(f *pflag.Flag) {
			if left[f.Name] {
				delete(left, f.Name)
				fmt.Fprintf(&b, "\n%s# %s:%s\n", wrap(f.Usage, "# "), f.Name, spaced(f.DefValue))
			}
		})
	}
	section("Every command", root.PersistentFlags())
	for _, cmd := range root.Commands() {
		if name := cmd.Name(); name == "serve" || name == "watch" {
			section("civgrid "+name, cmd.Flags())
		}
	}
	b.WriteString("\n# The secret that signs alerts is better kept in the file that webhook-secret-file\n" +
		"# names, or in CIVGRID_WEBHOOK_SECRET.\n# webhook-secret:\n")
	return b.String()
}

// spaced returns a value as it stands behind a colon.
func spaced(value string) string {
	if value == "" {
		return ""
	}
	return " " + value
}
