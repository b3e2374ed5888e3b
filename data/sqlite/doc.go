// Package sqlite keeps facts in one file: the record of a city that needs no
// database server. The file is a GeoPackage, so QGIS and GDAL open it as it is;
// FORMAT.md draws its tables.
//
// The package does not answer analyses fast. It is the record; columns for
// arithmetic are a cache in front of it that may be deleted at any time.
//
// # Conventions
//
// Times are stored as microseconds since 1970 UTC, cells as the H3 index,
// words of code columns as their number in civgrid_word, a missing value as
// NULL. The readable views incidents, resources and inspections turn them back
// into text and leave out private columns.
//
// A file belongs to one writing process at a time. Others may read it: with
// Options.ReadOnly, with GDAL, with sqlite3.
//
// # Design
//
// SQLite, through a driver without cgo, because an upsert by key is native to
// it, its durability is the best tested there is, and the file can be read by
// anything. Commits wait for the disk (WAL with synchronous=FULL); a killed
// import loses the chunk under way and nothing else, because a chunk's rows and
// its mark share a transaction.
//
// What becomes of a row is decided in Go by data.Settle, from the digests that
// are stored with each row, and not by an ON CONFLICT clause: every store then
// decides alike, and a row that is the same costs no write. The rows there are
// looked up by their ids, 200 at a time, in the order of the index.
//
// Rows go through the driver's own interface. database/sql converts each value
// twice, which for rows of three dozen columns costs more than SQLite does.
// With 36 columns, 20 rows in a statement are about a fifth faster than one,
// and 400 are no faster than 20. Words as numbers make the file 1.6 times
// smaller (56 instead of 92 MB for 200,000 rows), writing 1.4 and reading 1.35
// times faster than words as text.
//
// The sum of all rows' digests is kept in the same transaction as the rows, so
// the version of the content is a look at a few numbers, and equals that of any
// other store with the same content.
//
// Scans cut the table into ranges of its key inside one read transaction: the
// content is that of one moment, and a scan that finds nothing still notices
// that its context has ended. Conditions are written in SQL term by term such
// that none is ever NULL, which makes SQL's three-valued logic two-valued, as
// data.Condition wants it; conditions of hundreds of terms are decided in Go.
//
// Replaced versions move to a table of the same columns, with the numbers of
// the changes that brought and replaced them, so that AsOf is two plain scans.
// Change numbers, not times, give the order; times only find the number.
//
// A number of a change alone does not name it: a copy of the file that is put
// back and written to numbers other changes alike. Hence the sessions, one row
// for each opening that changed something, with a random nonce, from which
// Lineage tells histories apart. One nonce for each opening is enough, because
// a copy is not written to before it is opened. They are drawn at random, not
// from content or the clock: equal imports into two copies are two histories,
// whose rows may have been given different numbers.
//
// The lock against a second writer is SQLite's own, on an empty database
// beside the file (civgrid.gpkg-lock). The system drops it when the process
// ends, however it ends, and readers are not locked out, as they would be by
// locking the file itself.
package sqlite
