package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sort"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
)

func (p *program) checkCommand() *cobra.Command {
	f := importFlags{}
	cmd := &cobra.Command{
		Use: "check FILE", Short: "Show what a file would be read as, without writing", Args: oneArg("file"),
		Example: "  civgrid check 311.csv\n  civgrid check cases.csv --crs gcj02 --zone Asia/Shanghai",
		RunE:    func(cmd *cobra.Command, args []string) error { return p.check(cmd.Context(), args[0], f) },
	}
	f.mapFlags(cmd)
	cmd.Flags().StringVar(&f.dataset, "dataset", "", "what the rows are: incidents, resources or inspections (default: what the profile says)")
	return cmd
}

func (p *program) check(ctx context.Context, path string, f importFlags) error {
	options, err := f.options(p)
	if err != nil {
		return err
	}
	in, err := ingest.File(path)
	if err != nil {
		return err
	}
	store, err := p.storeToLookAt(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	reading, err := ingest.Check(ctx, store, in, options)
	if err != nil {
		return importError(err)
	}
	if p.json {
		p.answer(reading)
		return nil
	}
	p.sayReading(reading)
	return nil
}

// storeToLookAt opens the store if it is there, and an empty one in memory
// where it is not.
func (p *program) storeToLookAt(ctx context.Context) (data.Store, error) {
	if _, err := os.Stat(p.config.get("store")); errors.Is(err, fs.ErrNotExist) {
		return memory.New(), nil
	}
	return p.openToRead(ctx)
}

// sayReading prints for people how a file is read.
func (p *program) sayReading(r ingest.Reading) {
	form := r.Format
	if r.Delimiter != "" {
		form += fmt.Sprintf(", fields parted by %q", r.Delimiter)
	}
	if r.Gzip {
		form += ", gzip"
	}
	p.say("%s: %s as %s", r.File, form, r.Dataset)
	zone := r.Zone
	if zone == "" {
		zone = "UTC"
	}
	p.say("  encoding %s, profile %s, source %q, ids from %s, times in %s, coordinates %s", r.Encoding, r.Profile, r.Source, r.IDs, zone, r.CRS)
	if r.SourceGuessed {
		p.say("  the source is taken from the file name; --source NAME sets it")
	}
	p.say("")
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  column\tis read as\texample")
	for _, c := range r.Columns {
		use := strings.Join(c.Targets, ", ")
		switch {
		case c.Use == ingest.UseKept:
			use = "(kept)"
		case c.Use == ingest.UseIgnored:
			use = "–"
		case c.Times != "":
			use += " (" + c.Times + ")"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", c.Name, use, shorten(c.Example))
	}
	w.Flush()
	for i, row := range r.Rows {
		p.say("\n  row %d", i+1)
		names := make([]string, 0, len(row))
		for name := range row {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			p.say("    %-16s %s", name, shorten(row[name]))
		}
	}
	p.say("\n  %d of the first %d rows would be rejected", r.Rejected, r.Sampled)
	for i, reject := range r.Rejects {
		if i == shownRejects {
			p.say("    and %d more", r.Rejected-shownRejects)
			break
		}
		p.say("    %s", reject.Error())
	}
	for _, line := range doubtLines(r.Doubts) {
		p.say("%s", line)
	}
}

// doubtLines tells doubts, with what to try.
func doubtLines(doubts []ingest.Doubt) []string {
	var lines []string
	for _, d := range doubts {
		lines = append(lines, "! "+d.Message)
		if hint := d.Hint.String(); hint != "" {
			lines = append(lines, "  try "+hint)
		}
	}
	return lines
}

// shorten cuts a value to what fits beside others.
func shorten(s string) string {
	const most = 48
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}
