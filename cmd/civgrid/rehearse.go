package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

// A rehearsal is a store that is read as it is and takes documents without
// keeping them: a dry run does on it what it would do, and is refused what it
// would be.
type rehearsal struct {
	data.Store
	data.Historian // the same
}

func rehearse(store data.Store) rehearsal { return rehearsal{store, store.(data.Historian)} }

// PutDocument implements [data.Catalog], but for the keeping.
func (r rehearsal) PutDocument(ctx context.Context, d data.Document) (kept bool, err error) {
	if err := data.AcceptDocument(d); err != nil {
		return false, err
	}
	documents, err := r.Documents(ctx, d.Kind)
	if err != nil {
		return false, err
	}
	for _, old := range documents {
		switch {
		case old.Name != d.Name:
		case old.Body == d.Body:
			return false, nil
		default:
			return false, fmt.Errorf("keep %s %q: %w", d.Kind, d.Name, data.ErrConflict)
		}
	}
	return true, nil
}

// openToRehearse opens the store of the settings for a dry run: nothing is made
// or changed, and nobody is kept from writing.
func (p *program) openToRehearse(ctx context.Context) (data.Store, error) {
	store, err := p.openToGlance(ctx)
	if err != nil {
		return nil, err
	}
	return rehearse(store), nil
}

// openOrRehearse opens the store for writing, or for a dry run, for which an
// empty store stands in where there is none.
func (p *program) openOrRehearse(ctx context.Context, dryRun bool) (data.Store, error) {
	if !dryRun {
		return p.openStore(ctx)
	}
	store, err := p.openToRehearse(ctx)
	if codeOf(err) == exitNotFound {
		return rehearse(memory.New()), nil
	}
	return store, err
}

// dryRunFlag adds the flag of commands that write.
func dryRunFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("dry-run", false, "say what would be done, and do nothing")
}

// yesFlag adds the flag of commands that do what cannot be undone.
func yesFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("yes", false, "do not ask; needed where nobody can be asked")
}

// confirm asks people whether to do what cannot be undone. Where there is
// nobody to ask it is an error.
func (p *program) confirm(yes bool, what string) error {
	if yes {
		return nil
	}
	if p.in == nil {
		return &codedError{code: exitUsage, err: fmt.Errorf("%s: it cannot be undone, and there is nobody to ask", what), hint: "--yes does it without asking"}
	}
	fmt.Fprintf(p.err, "! %s: it cannot be undone. Do it? [y/N] ", what)
	line, _ := bufio.NewReader(p.in).ReadString('\n') // what was typed up to the end is an answer too
	if answer := strings.ToLower(strings.TrimSpace(line)); answer != "y" && answer != "yes" {
		return &codedError{code: exitFailure, err: errors.New("nothing was done")}
	}
	return nil
}
