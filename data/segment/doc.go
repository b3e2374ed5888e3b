// Package segment is the columnar cache beside any store that tells what
// changed: the facts of each dataset as sorted, checksummed, memory-mapped
// column files, so that a scan costs no more than reading the columns it needs.
//
// It is not a record. The folder may be deleted at any time, and what is in it
// is believed only where its checksums hold and it is of the store's present
// state; anything else is built anew from the store. When files cannot be
// written the store answers by itself.
//
// A [Cache] is a [data.Store]: scans are answered here, everything else passes
// through to the store beneath.
//
// # Design
//
// Layers. A dataset is a list of tables, oldest first: segment files of up to
// 1,048,576 rows, then small tables in memory. A row is named by its seq; the
// table that has it last is right, and in all earlier ones a bitmap marks it
// dead. So what changed since the last scan is fetched with Feed.Since, becomes
// one more table and is never sorted into the old ones on the way to an answer.
// Tables in memory are written when they exceed [Options.DeltaRows], together
// with files that are small beside them or more than a quarter dead: every row
// is written a number of times that grows with the logarithm of the rows, and an
// import costs what it brings, not what is there. Each table is sorted by
// itself, because sorting a whole dataset would need all of it in memory;
// files in order of arrival also keep the times of a file together.
//
// Marks. A scan compares the feed's mark with that of the newest view. The mark
// is read before the rows are fetched, and the view gets that mark though it may
// hold later changes: those are fetched once more, which changes nothing, and
// none is missed.
//
// Histories. A store may be put back to an earlier state, by a copy of its file
// or a backup, and move on from there past the mark of the cache. The view
// therefore keeps the lineage of its reach, which is a mark that no change it
// holds is above. Where the store gives that mark another lineage, or has not
// come so far, the cache is built anew. The reach and not the mark, because of
// the rows that are later than the mark: a store that was put back to just the
// mark does not have them. Lineages are compared when the files are opened and
// before anything is fetched, not when a scan finds the mark it knows: a store
// is not put back while it is open.
//
// One moment. A view is immutable; a scan reads one view to its end while the
// next is made. A lock for each dataset lets one caller catch up and the others
// wait for it, only if there is something to catch up with.
//
// Kept batches. Batches share the mapped memory. The slices and strings taken
// from them point into it, and a slice does not keep its batch alive: a batch
// that is last used in "times := b.Ints(…)" is garbage in the loop over times.
// A cleanup or finaliser on the batch, its buffers or the mapping would unmap
// memory in use, and so would counting references. Hence a mapping that a scan
// has touched stays until the process ends; when it is retired its physical
// memory is let go of, and the address space and, as the file is removed, its
// blocks on disk are all that it costs. The cost is bounded by how seldom files
// are replaced (see Layers). Mappings that no scan has touched are unmapped.
//
// Checksums. Header and directory are checked on opening, a column when it is
// first used in an opened cache. For a million rows (203 MB) opening takes
// 0.1 ms, the first scan of 5 columns 6 ms, and checking all columns 29 ms: too
// long for a command that needs five, and it grows with the city. A file that
// another program cuts short while it is mapped ends the process, as with every
// memory-mapped database; a new file never overwrites an old one.
//
// Pruning. Each 65,536 rows of a column have a least and a greatest value, so
// that conditions on cells, times and numbers skip blocks that cannot meet
// them; the run directory finds the rows of one finest cell at once.
//
// The bytes are described in FORMAT.md.
package segment
