// Package pgtest starts private PostgreSQL servers with PostGIS for tests, and
// breaks them: servers can be killed and started again, and a proxy in front
// of one cuts connections in several ways. It is for tests only; nothing here
// is fit for data one wants to keep.
//
// Most tests want an empty database of their own on the server that all tests
// of a package share:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
//	func TestStore(t *testing.T) {
//		url := pgtest.Shared(t).Database(t)
//		…
//	}
//
// A test that kills its server, or wants it with other settings, starts one of
// its own with [Start].
//
// # Conventions
//
// A machine without PostgreSQL or PostGIS skips these tests and says why.
// Programs are looked for in the folder that the environment variable
// CIVGRID_TEST_PGBIN names, then where pg_config says, then in the newest
// /usr/lib/postgresql/*/bin. With CIVGRID_TEST_PGBIN set nothing is skipped:
// what is missing is an error.
//
// A server listens on 127.0.0.1 alone, at a port that was free, and lets in
// everybody as the superuser civgrid_test. Its locale is C with UTF-8, its time
// zone UTC. What it writes is in one temporary folder that goes with it.
//
// Functions that take a [testing.TB] end the test when something goes wrong,
// and so belong to the goroutine that runs it.
//
// # Design
//
// The server is a direct child of the test binary, and not of pg_ctl. Its end
// can then be waited for, which matters after SIGKILL: a postmaster that nobody
// waits for stays a zombie, and its process number keeps the lock file valid.
//
// On Linux the kernel kills the server when the test binary dies. The folder
// then stays behind, until a server is started a minute or more later: each
// test binary removes the folders that nobody holds locked any more.
//
// The server refuses to run as root. Root therefore runs it as user postgres,
// or else nobody.
//
// The disk is not waited for (fsync=off): the machine is not what crashes here.
// Pages still go whole into the log after a checkpoint (full_page_writes is
// on), because a SIGKILL can tear the write of a page in two, and commits still
// reach the log before they are acknowledged (synchronous_commit is on). A
// killed server thus keeps what it promised.
package pgtest
