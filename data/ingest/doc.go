// Package ingest reads files into a store: what a file is, what its columns
// mean, which rows are good, where each fact lies.
//
// It does not keep anything itself and knows nothing of any store but the
// contract of [data.Store]. What the facts mean is left to analytics.
//
// # The way of a row
//
// A [Format] splits the bytes of a file into records. A [Mapping] says which
// column means what, in which time zone and coordinate system. A row that
// cannot be read is a [Reject]: it is reported with line, column, value and
// reason, and never stops the file. Good rows become batches, a [Stamper] adds
// the cells and the community, and the store appends them in chunks.
//
// # Conventions
//
// Local times without an offset follow RFC 5545, section 3.3.5: a time that
// occurs twice, when clocks go back, means its first occurrence; a time that
// does not occur, when clocks go forward, is read with the offset before the
// gap. Both are counted in [Result.Notes].
//
// Whether 02/05/2024 is in February or in May follows from the other dates of
// the column and of the file, and where these do not tell, from what makes
// sense, the separator and the time zone. Then it is a [Doubt], in
// [Reading.Doubts], as is a file of which no time zone is known.
//
// A fact is known by its source and id, so a file that comes again under
// another source would double its cases. Where that seems so it is refused.
//
// Coordinates of exactly (0, 0) count as none. The row is kept, with x_given
// and y_given zero, so that the quality report can tell.
//
// A file without an id column gets ids made from the content of each row: the
// first 16 hexadecimal digits of the SHA-256 of its values, and "-2", "-3" …
// for the second and third row of the same content. They do not depend on the
// order of the rows or on the mapping.
//
// # Design
//
// A file is read twice. The first pass reads every row and writes nothing: it
// finds the rejects, the rows that repeat an id, and the digest that names the
// import. The second pass appends. So a limit on errors is known before the
// first row is kept, of rows with one id only the one that counts reaches the
// store, and an import can be resumed: chunk n of a file is the same rows every
// time. The price is parsing twice; both passes use every core. Memory is a few
// blocks of rows, and some 70 bytes for each id of the file.
package ingest
