// Package postgis keeps facts in a PostgreSQL database with PostGIS: the record
// of a city that many processes write to and read from at one time, and, where
// the database is the coordinator of a Citus cluster, of one that has outgrown
// a machine. Everything is in the schema civgrid; SCHEMA.md draws its tables.
//
// # Conventions
//
// Times are stored as microseconds since 1970 UTC, cells as the H3 index in a
// bigint, words of code columns as their number in civgrid.word, a missing
// value as NULL. The readable views civgrid.incidents, resources and
// inspections turn them back into timestamps and text, add a geometry, and
// leave out private columns. Text that PostgreSQL cannot keep, the byte 0 and
// bytes that are no UTF-8, is escaped.
//
// Advisory locks belong to connections. A pooler in between has to keep a
// client on its connection (pgbouncer: pool_mode = session).
//
// # Design
//
// Batches. Every append is a batch: it is opened (numbered, in a transaction of
// its own), its rows are written and the batch marked as committed in one
// transaction, and then, in a third, it is published: it gets the next mark.
// Readers see the rows of published batches only. A sequence alone would not
// do, because transactions do not become visible in the order in which they
// took their numbers: a reader that goes by "number > last" loses rows, and one
// that waits a little loses fewer. And on Citus a transaction becomes visible
// on one worker before another, so that a batch may only be read once its
// commit has returned. Marks are given under the lock of one row, so they
// become visible in their order.
//
// Frontiers. What is published at a moment is a set of batches, nearly all up
// to a number: a frontier. A row as of a frontier is the present one if a batch
// of the frontier brought it, else the past one that a batch beyond it
// replaced. On one server a transaction sees all or nothing of a batch, and
// there is mostly none between its commit and its publication; then a scan
// reads the present rows alone, without a condition.
//
// Stamps are no part of that: those of a row are the last it got, and may be seen
// a moment before the batch that brought them is published.
//
// Writers. What becomes of a row is decided by data.Settle, in Go, as in every
// store, and not by ON CONFLICT. So one writer at a time adds to a source of a
// dataset, by an advisory lock; writers of different sources do not wait. Rows
// that are replaced are copied to the past and deleted, and all rows of the
// batch are sent by one binary COPY straight into the table. There is no
// staging table to copy from, and an import of half new, half known rows writes
// each row once.
//
// Crashes. An append is repeated when the connection is lost: the batch's row
// tells whether it had been committed. Whoever writes next publishes what dead
// writers committed and forgets what they did not; a batch whose writer lives
// is locked by it.
//
// Other writers. SQL jobs cannot write facts: digests, cells and communities are
// computed here, and bad rows are rejected with a reason. They submit facts as
// JSON to an inbox, by a function that is all they may call, and what waits
// there is imported as a file would be. It is taken by its state and not by its
// number, so that none is missed whatever order the jobs commit in.
//
// Rollups. A rollup is one GROUP BY over integers, in a subset of SQL that
// Citus hands to its workers: no function that PostgreSQL's version or time
// zone data could change is in it. Offsets of a time zone are handed to the
// server as an array, so that an hour of the week is what Go says it is.
//
// Tables are not partitioned by time: the primary key would need the time in
// it, and a corrected time would make a second row of a case. A block range
// index (BRIN) over all times finds a period; it takes some kilobytes.
package postgis
