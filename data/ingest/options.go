package ingest

import (
	"errors"
	"io"
	"time"

	"github.com/civgrid/civgrid/data"
)

// DefaultChunkRows is the number of records of a file that are kept in one
// transaction.
const DefaultChunkRows = 10_000

// ErrTooManyRejects is returned when more rows were rejected than allowed.
// Nothing was written.
var ErrTooManyRejects = errors.New("too many rejected rows")

// Options say how a file is imported. The zero value imports incidents, guesses
// the mapping and keeps every good row.
type Options struct {
	// Dataset is what the rows are. "" means what the profile says, else
	// incidents.
	Dataset data.Dataset
	// Mapping is what is known of the file; the rest is guessed.
	Mapping Mapping
	// Now is the moment of the import, for the record and for the rules about
	// the future. The zero time leaves those rules out.
	Now time.Time
	// Rejects receives the rejected rows, see [RejectWriter]. Nothing is
	// written to it when there are none. Nil drops them.
	Rejects io.Writer
	// Rejected is told of every rejected row, in the order of the file. Nil tells
	// nobody.
	Rejected func(Reject)
	// MaxErrors is the most rejected rows an import may have; with more nothing
	// is written. Zero means no limit.
	MaxErrors int64
	// AllOrNothing writes nothing when any row is rejected.
	AllOrNothing bool
	// DryRun reads and checks everything and writes nothing to the store.
	DryRun bool
	// ChunkRows is the number of records in one transaction. Zero means
	// DefaultChunkRows.
	ChunkRows int
	// Stampers saves time where several files are imported one after the other.
	// Nil saves none.
	Stampers *StamperCache
	// IgnoreDoubts imports a file even where it looks misread, or where its
	// cases are there already under another source.
	IgnoreDoubts bool
}

func (o Options) chunkRows() int {
	if o.ChunkRows <= 0 {
		return DefaultChunkRows
	}
	return o.ChunkRows
}

// A Stage is a part of an import.
type Stage string

// The stages in the order they come.
const (
	StageCheck  Stage = "check"  // the file is read and nothing is written
	StageImport Stage = "import" // the rows are stamped and kept
	StageAssess Stage = "assess" // the quality report is made
	StageStamp  Stage = "stamp"  // facts get new cells and communities
)

// Progress says how far an import is.
type Progress struct {
	Stage    Stage
	Rows     int64 // records read in this stage
	Total    int64 // records in all; 0 while unknown
	Bytes    int64 // bytes of the file read in this stage, as stored
	Size     int64 // bytes of the file; 0 when unknown
	Rejected int64 // rows rejected so far
}

// A Result says what an import did.
type Result struct {
	Import   data.Import
	Reading  Reading // how the file was read
	Changes  data.Changes
	Read     int64 // records in the file, good and bad
	Accepted int64 // records that became a fact
	Repeated int64 // good records that another one of the same id, updated later or else further down, replaced
	Rejected int64
	// Rejects are the first rejected rows, at most a hundred, in the order of
	// the file.
	Rejects []Reject
	Notes   []Note
	// Report is the quality report of the dataset after the import; nil after a
	// dry run.
	Report *data.Report
	// Already is true when this very file was imported before in this very
	// way: nothing was kept again. All rows count as unchanged, unless Since
	// names files: then it is not known how many are, and Changes is zero.
	Already bool
	// Since are the later imports of the same source that replaced rows, the
	// earliest first. Where such a file has a case of this one, the store has
	// the case as that file gave it, and importing this one again does not put
	// it back. Set only where Already is.
	Since []data.Import
}

// A Note is something an import did with good rows that a reader of the data
// should know.
type Note struct {
	Code  string `json:"code"`
	Title string `json:"title"`
	Rows  int64  `json:"rows"`
}
