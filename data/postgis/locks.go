package postgis

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// The classes of advisory locks, the first of the two numbers that name one.
// The second is what is locked. They belong to connections, so that a writer
// that dies lets go of them.
const (
	lockMigration = 0x0C17_0001 + iota
	lockSettings  // shared by writers of facts, exclusive for who changes columns
	lockIncidents // by source, while a writer adds to it
	lockResources
	lockInspections
	lockBatch // by batch, while its writer lives
	lockInbox // while somebody takes what was submitted
	lockDocuments
)

func lock(ctx context.Context, conn *pgx.Conn, class, key int32) error {
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1, $2)", class, key); err != nil {
		return fmt.Errorf("wait for other writers: %w", err)
	}
	return nil
}

func lockShared(ctx context.Context, conn *pgx.Conn, class, key int32) error {
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock_shared($1, $2)", class, key); err != nil {
		return fmt.Errorf("wait for a change of settings: %w", err)
	}
	return nil
}

// unlockTimeout bounds how long letting go may take.
const unlockTimeout = 5 * time.Second

// unlock lets go of all locks of a connection. Where that fails the connection
// is closed, which lets go of them too.
func unlock(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), unlockTimeout)
	defer cancel()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_unlock_all()"); err != nil {
		_ = conn.Close(ctx)
	}
}
