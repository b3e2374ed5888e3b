// Package memory keeps facts in memory: a [data.Store] for tests and for runs
// that read files, compute and end. Nothing outlives the process.
//
// # Design
//
// A table holds the batches it was given, reduced to the rows that were
// written, and for each fact the place of its present row. Reading takes the
// places under a lock and gathers the rows outside of it, so that a scan sees
// one moment and nobody waits for its reader. Each store is a history of its
// own, so its lineage is one random word.
package memory
