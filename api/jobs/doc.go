// Package jobs does what takes long: it runs analyses as processes of OGC API -
// Processes Part 1: Core (18-062r2), and reads files into the store.
//
// It neither computes nor reads files itself: those are the businesses of an
// [Engine] and of data/ingest. A [Runner] does the work, some at once and the rest
// in turn; [Register] adds routes to a router. One runner may serve several sets of
// routes, such as one for each part of a city, whose engines see no more than it.
//
// # Conventions
//
// A job belongs to the caller who began it. Others do not learn that it is there,
// but for administrators of the whole city.
//
// A process is an analysis; its inputs are the parameters of the analysis, its one
// output is the layer. Executed at once, the answer comes with the job as a link of
// relation monitor; with Prefer: respond-async (RFC 7240, section 4.1) the answer is
// the job.
//
// Nothing is fetched from an address that a request names: inputs by reference
// (/req/core/process-execute-inputs, B) and callbacks (/req/callback) are refused,
// because a service that fetches whatever it is told reaches where its callers do
// not (OWASP Top 10 2021, A10).
//
// A file is imported as civgrid import does it, one at a time. It waits in a
// temporary file without a name. The same file again changes nothing; with an
// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07) it does not even
// make another job, as long as the first is kept.
package jobs
