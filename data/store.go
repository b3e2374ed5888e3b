package data

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/civgrid/civgrid/geo"
)

// A Source gives facts.
type Source interface {
	// Schema returns the columns of a dataset.
	Schema(d Dataset) []Column
	// Scan returns the rows q asks for, in any order where it asks for none, but for
	// the facts that were taken back, see [Withdrawn]. They are those of one moment.
	Scan(ctx context.Context, q Query) Batches
}

// An Aggregator is a Source that can add up where the rows are.
type Aggregator interface {
	// Aggregate answers rollups of one moment over the rows that Scan gives. Counts and sums equal those of a
	// scan bit for bit; a key may come in several parts, which are added, and
	// each of which has to fit 64 bits. It may be an error where Weigh advises
	// against it.
	Aggregate(ctx context.Context, rollups ...Rollup) Answers
	// Weigh says how rollups of the same dataset and condition are thought to be
	// answered sooner.
	Weigh(ctx context.Context, rollups []Rollup) (Choice, error)
}

// Answers is a stream of parts of the answers to rollups, in any order. It ends
// at the first error.
type Answers = iter.Seq2[Answer, error]

// An Answer is a part of the answer to one of some rollups, see
// [Rollup.Columns].
type Answer struct {
	Rollup int // which of them
	Batch
}

// A Choice says whether rollups are better added up where the rows are, or
// from a scan.
type Choice struct {
	PushDown bool
	Rows     int64  // estimate of the rows a scan has to fetch
	Groups   int64  // estimate of the rows of all answers
	Why      string // half a sentence
	Plan     string // how the store would go about it, in its own words; "" for none
}

// A Feed is a Source that can tell what changed.
type Feed interface {
	// Mark returns the mark of the newest change of a dataset, 0 before any.
	Mark(ctx context.Context, d Dataset) (int64, error)
	// Lineage names the history that a mark ends: while it stays the same, so
	// do all changes up to the mark. A store that goes back to an earlier state
	// and is written to gives the marks from there on another lineage. The
	// lineage of 0, and of a mark above the newest, is "". Content does not
	// depend on lineages, nor does Version.
	Lineage(ctx context.Context, d Dataset, mark int64) (string, error)
	// Since returns the present form of all rows that changed after a mark, with
	// all columns of the dataset, withdrawn ones too, and, last, an Int column "seq" that numbers the
	// rows of the dataset for good: a row that is replaced keeps its number.
	// Since(ctx, d, 0) returns every row.
	Since(ctx context.Context, d Dataset, mark int64) Batches
}

// A Historian is a Source that keeps what was replaced.
type Historian interface {
	// AsOf returns the facts as the store had them at a moment: what had been
	// kept by then and was not yet replaced or taken back. Stamps are not history: those of a
	// row are the last it got.
	AsOf(at time.Time) Source
}

// A Sink takes facts.
type Sink interface {
	// Append keeps the rows of a batch that has all the columns of the dataset.
	//
	// A row whose source and id are new is inserted. One that is known replaces
	// the row there is, unless it is the same (nothing happens) or its
	// updated_at is earlier (it is stale and ignored). Where only stamped
	// columns differ the stamps are renewed. The row that is replaced is kept
	// as history. The rows of a batch count as if they were appended one after
	// another; see [Settle]. A fact is taken back by a row that is [Withdrawn], for
	// which all of this holds too. Version depends on the rows that stay and on
	// nothing else.
	//
	// Chunk and rows are kept in one transaction: after a crash either both are
	// there or neither. A chunk that is already marked does nothing and returns
	// the changes it made then.
	Append(ctx context.Context, d Dataset, chunk Chunk, rows Batch) (Changes, error)
	// Replace keeps rows as Append does those of the zero Chunk, where the store has
	// of each fact what the writer expects: expected[i] is the revision of the fact of
	// row i before any of the rows, the zero Revision for a fact that the store never
	// had. A fact that was taken back has a revision too. This is tested in the
	// transaction that keeps the rows. Where one is another nothing is kept, and the
	// error is a [*ChangedError], which wraps [ErrChanged].
	//
	// So of writers who read the same state of a fact one comes first, and each other
	// learns that it was not: no change is lost, whoever else writes to the store.
	Replace(ctx context.Context, d Dataset, expected []Revision, rows Batch) (Changes, error)
}

// A Chunk names one part of an import, so that an interrupted import can be
// repeated. The zero Chunk is not marked.
type Chunk struct {
	Import string // names the import: a digest of what is imported and how
	Number int    // from 1
}

// Changes counts what became of appended rows.
type Changes struct {
	Inserted  int64 `json:"inserted"`
	Replaced  int64 `json:"replaced"`
	Restamped int64 `json:"restamped"`
	Unchanged int64 `json:"unchanged"`
	Stale     int64 `json:"stale"` // an older version of a row we have
}

// Add adds other to c.
func (c *Changes) Add(other Changes) {
	c.Inserted += other.Inserted
	c.Replaced += other.Replaced
	c.Restamped += other.Restamped
	c.Unchanged += other.Unchanged
	c.Stale += other.Stale
}

// Rows returns the number of rows counted.
func (c Changes) Rows() int64 {
	return c.Inserted + c.Replaced + c.Restamped + c.Unchanged + c.Stale
}

// A Catalog keeps what is known about the facts.
type Catalog interface {
	// Settings returns the store's settings; defaults before any were kept.
	Settings(ctx context.Context) (Settings, error)
	// PutSettings keeps the settings. Resolutions cannot change once there are
	// facts.
	PutSettings(ctx context.Context, s Settings) error

	// Communities returns every version of every community, by code and then
	// by ValidFrom.
	Communities(ctx context.Context) ([]Community, error)
	// PutCommunities keeps communities, replacing those of equal code and
	// ValidFrom, and returns how many changed.
	PutCommunities(ctx context.Context, communities []Community) (int64, error)

	// Report returns the last quality report of a dataset, or ErrNotFound.
	Report(ctx context.Context, d Dataset) (Report, error)
	// PutReport keeps the quality report of its dataset.
	PutReport(ctx context.Context, r Report) error

	// Imports returns what was imported, oldest first.
	Imports(ctx context.Context) ([]Import, error)
	// PutImport keeps a record of an import, replacing the one of equal ID.
	PutImport(ctx context.Context, i Import) error

	// Documents returns the documents of a kind in the order in which they were
	// kept.
	Documents(ctx context.Context, kind string) ([]Document, error)
	// PutDocument keeps a document for good, see [AcceptDocument], and sets when.
	// One of equal kind, name and body is not kept again; one of equal kind and
	// name and another body is refused with ErrConflict.
	PutDocument(ctx context.Context, d Document) (kept bool, err error)

	// Version identifies the content: all facts and communities, whatever the
	// order and number of writes they came by. Equal content has equal
	// versions.
	Version(ctx context.Context) (string, error)
}

// A Store keeps everything. Its methods are safe for concurrent use.
type Store interface {
	Source
	Sink
	Catalog
	Close() error
}

// Settings hold for a whole store.
type Settings struct {
	// Resolutions are the H3 resolutions facts are indexed at, ascending. None
	// means DefaultResolutions.
	Resolutions []geo.Resolution `json:"resolutions"`
	// Zone is the IANA name of the city's time zone, in which hours and days
	// are counted. "" means UTC.
	Zone string `json:"zone"`
}

// Location returns the time zone of s. "Local" is no zone: it would be another
// on every machine.
func (s Settings) Location() (*time.Location, error) {
	if s.Zone == "Local" {
		return nil, errors.New("time zone Local is none of IANA's")
	}
	return time.LoadLocation(s.Zone)
}

// An Import records that a file was read.
type Import struct {
	ID       string           `json:"id"` // equals Chunk.Import
	Dataset  string           `json:"dataset"`
	Source   string           `json:"source"`
	File     string           `json:"file"` // base name
	Started  time.Time        `json:"started"`
	Finished time.Time        `json:"finished"` // zero while unfinished
	Read     int64            `json:"read"`
	Changes  Changes          `json:"changes"`
	Rejected int64            `json:"rejected"`
	Reasons  map[string]int64 `json:"reasons"` // rejected rows by reason
}
