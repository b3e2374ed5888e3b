package ingest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/civgrid/civgrid/data"
)

// replacedSince returns the imports of the same source that began after one
// ended and replaced rows, the earliest first.
func replacedSince(imports []data.Import, one data.Import) []data.Import {
	var since []data.Import
	for _, i := range imports {
		if i.ID != one.ID && i.Dataset == one.Dataset && i.Source == one.Source && i.Changes.Replaced > 0 && !i.Started.Before(one.Finished) {
			since = append(since, i)
		}
	}
	slices.SortFunc(since, func(a, b data.Import) int {
		return cmp.Or(a.Started.Compare(b.Started), strings.Compare(a.ID, b.ID))
	})
	return since
}

// sinceNote says that the rows of an import may have been replaced.
func sinceNote(one data.Import, since []data.Import) Note {
	n := Note{Code: noteSince}
	var files []string
	for _, i := range since {
		n.Rows += i.Changes.Replaced
		if !slices.Contains(files, i.File) {
			files = append(files, i.File)
		}
	}
	n.Title = fmt.Sprintf("rows replaced by what was imported after this file of %s (%s): the later rows were kept",
		one.Finished.Format(time.DateOnly), strings.Join(files, ", "))
	return n
}
