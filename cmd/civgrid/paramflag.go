package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics"
)

// A paramFlag is a parameter of an analysis as a flag.
type paramFlag struct {
	param analytics.Param
	value string
}

// String implements pflag.Value.
func (f *paramFlag) String() string { return f.value }

// Set implements pflag.Value.
func (f *paramFlag) Set(value string) error {
	f.value = value
	return nil
}

// Type implements pflag.Value: what help shows behind the flag.
func (f *paramFlag) Type() string {
	switch {
	case f.param.Kind == analytics.Switch:
		return ""
	case f.param.Unit != "":
		return f.param.Unit
	}
	return string(f.param.Kind)
}

// paramFlags adds a flag for each parameter and returns the values given, by
// name, once the command runs.
func (p *program) paramFlags(cmd *cobra.Command, params []analytics.Param) func() map[string]string {
	flags := cmd.Flags()
	for _, param := range params {
		usage := param.Title
		if len(param.Choices) > 0 {
			usage += ": " + strings.Join(param.Choices, ", ")
		}
		flag := flags.VarPF(&paramFlag{param, param.Default}, param.Name, "", usage)
		if param.Kind == analytics.Switch {
			flag.NoOptDefVal = "true"
		}
		p.completeParam(cmd, param)
	}
	return func() map[string]string {
		given := map[string]string{}
		for _, param := range params {
			if flag := flags.Lookup(param.Name); flag.Changed {
				given[param.Name] = flag.Value.String()
			}
		}
		return given
	}
}

// paramNotes tells what parameters mean where their titles leave questions
// open, for the long help.
func paramNotes(params []analytics.Param) string {
	var notes strings.Builder
	for _, param := range params {
		if param.Doc != "" {
			notes.WriteString("\n  --" + param.Name + "\n" + wrap(param.Doc, "      "))
		}
	}
	return notes.String()
}

// wrap breaks text into lines that fit a terminal of 80 columns, each behind
// an indent.
func wrap(text, indent string) string {
	const width = 78
	var lines strings.Builder
	line := indent
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > width && line != indent {
			lines.WriteString(line + "\n")
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	return lines.String() + line + "\n"
}
