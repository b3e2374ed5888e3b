package postgis_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// A hold keeps appends from going on while they send their rows, after these
// have taken their numbers: another transaction has put a fact of the same name
// and not committed.
type hold struct{ conn *pgx.Conn }

// holdBack holds back any append that is to insert a fact of this name. The
// source must be known to the store.
func holdBack(t *testing.T, url string, f fact) hold {
	t.Helper()
	h := hold{connect(t, url)}
	if err := h.take(f); err != nil {
		t.Fatal(err)
	}
	return h
}

// take holds back, once it has let go, appends of another fact.
func (h hold) take(f fact) error {
	_, err := h.conn.Exec(context.Background(), fmt.Sprintf(`BEGIN; INSERT INTO civgrid.incident
		(seq, source, id, location, status, reported_at, content, stamped, recorded, changed)
		SELECT -1, id, '%s', id, id, 0, 0, 0, 0, 0 FROM civgrid.word WHERE key = '%s'`, f.id, f.source))
	return err
}

// letGo lets appends go on.
func (h hold) letGo() error {
	_, err := h.conn.Exec(context.Background(), "ROLLBACK")
	return err
}

// holds reports whether an append is held back at the moment.
func (h hold) holds() (held bool, err error) {
	err = h.conn.QueryRow(context.Background(),
		"SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid)").Scan(&held)
	return held, err
}

// wait waits until an append is held back.
func (h hold) wait(t *testing.T) {
	t.Helper()
	var err error
	held := false
	if !await(t.Context(), 10*time.Second, func() bool { held, err = h.holds(); return held || err != nil }) || err != nil {
		t.Fatalf("no append is held back: %v", err)
	}
}
