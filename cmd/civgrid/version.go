package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version of the program", Args: noArgs,
		Example: "  civgrid version\n" +
			"  civgrid version --json",
		RunE: func(*cobra.Command, []string) error {
			if p.json {
				p.answer(map[string]string{"version": programVersion(), "revision": revision(), "go": runtime.Version()})
				return nil
			}
			p.say("civgrid %s %s %s %s/%s", programVersion(), revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}

// programVersion returns the version the program was built as, "devel" for a
// build of a checkout.
func programVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// revision returns the commit the program was built from, "" if unknown.
func revision() string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
