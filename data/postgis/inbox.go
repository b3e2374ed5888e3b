package postgis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/civgrid/civgrid/data"
)

// A Submission is facts that a job has handed in by the SQL function
// civgrid.submit, and that nobody has taken yet.
type Submission struct {
	ID      int64
	Dataset data.Dataset // as the job named it
	Source  string
	Facts   []byte // a JSON array of objects, numbers as they were written
}

// A Receipt says what became of a submission. Who handed it in finds it in the
// table civgrid.inbox.
type Receipt struct {
	ID       int64    `json:"id"`
	Import   string   `json:"import,omitempty"` // "" where nothing came to be imported
	Accepted int      `json:"accepted"`         // facts
	Rejected int      `json:"rejected"`
	Rejects  []Reject `json:"rejects,omitempty"`
	Error    string   `json:"error,omitempty"` // why it was not imported at all; "" if it was
}

// A Reject says why a fact was not taken.
type Reject struct {
	Fact    int    `json:"fact"`             // its place in the array, from 0
	Column  string `json:"column,omitempty"` // "" for the whole fact
	Value   string `json:"value,omitempty"`  // what stands there, or its beginning
	Code    string `json:"code"`
	Message string `json:"message"`
}

// An Inbox is what jobs have handed in and nobody has taken, at the moment when
// one program got hold of it.
type Inbox struct {
	store *Store
	last  int64 // number of the last submission that waited
}

// Waiting returns how many submissions nobody has taken yet.
func (s *Store) Waiting(ctx context.Context) (submissions int64, err error) {
	err = s.pool.QueryRow(ctx, "SELECT count(*) FROM civgrid.inbox WHERE taken IS NULL").Scan(&submissions)
	if err != nil {
		return 0, fmt.Errorf("look into the inbox: %w", known(ctx, err))
	}
	return submissions, nil
}

// TakeInbox waits until no other program has the inbox, and calls take with it.
// The context of take ends when the connection that holds the inbox is lost:
// another program may have it then, and what was submitted first must not be
// imported last.
func (s *Store) TakeInbox(ctx context.Context, take func(ctx context.Context, in *Inbox) error) error {
	if s.options.ReadOnly {
		return data.ErrReadOnly
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("take the inbox: %w", known(ctx, err))
	}
	defer conn.Release()
	defer unlock(conn.Conn())
	if err := lock(ctx, conn.Conn(), lockInbox, 0); err != nil {
		return fmt.Errorf("take the inbox: %w", known(ctx, err))
	}
	in := &Inbox{store: s}
	if err := s.pool.QueryRow(ctx, "SELECT coalesce(max(id), 0) FROM civgrid.inbox WHERE taken IS NULL").Scan(&in.last); err != nil {
		return fmt.Errorf("look into the inbox: %w", known(ctx, err))
	}
	held, end := context.WithCancelCause(ctx)
	defer end(nil)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		_, err := conn.Conn().WaitForNotification(context.WithoutCancel(ctx)) // none comes
		end(fmt.Errorf("%w: the connection that holds the inbox was lost: %w", data.ErrUnavailable, err))
	}()
	err = take(held, in)
	if err != nil && ctx.Err() == nil && held.Err() != nil {
		err = context.Cause(held)
	}
	_ = conn.Conn().PgConn().Conn().Close() // who watches would not hear of anything else
	<-watched
	return err
}

// The most that one call of Next returns: about as much as one append.
const (
	nextSubmissions = 1000
	nextFacts       = 10_000
	nextBytes       = 16 << 20 // of JSON
)

// Next returns the submission that waits longest and those after it of the same
// dataset and source, in the order of their numbers, as many as one import can
// well be made of; none when all that waited at the beginning is settled. A
// number says nothing about when a submission came to be seen: it is taken
// because it waits, and not because its number is higher than another.
func (in *Inbox) Next(ctx context.Context) ([]Submission, error) {
	rows, err := in.store.pool.Query(ctx, `WITH eldest AS (SELECT dataset, source FROM civgrid.inbox WHERE taken IS NULL AND id <= $4::bigint ORDER BY id LIMIT 1),
		waiting AS (
			SELECT i.id, row_number() OVER w AS place, sum(i.size) OVER w AS facts, sum(i.bytes) OVER w AS bytes
			FROM civgrid.inbox i JOIN eldest e ON i.dataset = e.dataset AND i.source = e.source
			WHERE i.taken IS NULL AND i.id <= $4::bigint WINDOW w AS (ORDER BY i.id ROWS UNBOUNDED PRECEDING) ORDER BY i.id LIMIT $1::int)
		SELECT i.id, i.dataset, i.source, i.facts::text FROM waiting w JOIN civgrid.inbox i ON i.id = w.id
		WHERE w.place = 1 OR w.facts <= $2::int AND w.bytes <= $3::int ORDER BY i.id`,
		nextSubmissions, nextFacts, nextBytes, in.last)
	if err != nil {
		return nil, fmt.Errorf("look into the inbox: %w", known(ctx, err))
	}
	submissions, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Submission])
	if err != nil {
		return nil, fmt.Errorf("look into the inbox: %w", known(ctx, err))
	}
	return submissions, nil
}

// Settle says of submissions that they are taken, and what became of them.
// Those that were settled before stay as they are.
func (in *Inbox) Settle(ctx context.Context, receipts []Receipt) error {
	n := len(receipts)
	ids, imports, rejects, errs := make([]int64, n), make([]string, n), make([]*string, n), make([]string, n)
	accepted, rejected := make([]int, n), make([]int, n)
	for i, r := range receipts {
		ids[i], imports[i], accepted[i], rejected[i] = r.ID, r.Import, r.Accepted, r.Rejected
		errs[i] = encodeText(r.Error)
		if len(r.Rejects) == 0 {
			continue
		}
		list, err := json.Marshal(r.Rejects)
		if err != nil {
			return fmt.Errorf("settle submission %d: %w", r.ID, err)
		}
		text := string(list)
		rejects[i] = &text
	}
	err := in.store.write(ctx, "settle submissions", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE civgrid.inbox i SET taken = clock_timestamp(), import = nullif(r.import, ''),
			accepted = r.accepted, rejected = r.rejected, rejects = r.rejects::jsonb, error = nullif(r.error, '')
			FROM unnest($1::bigint[], $2::text[], $3::int[], $4::int[], $5::text[], $6::text[]) AS r (id, import, accepted, rejected, rejects, error)
			WHERE i.id = r.id AND i.taken IS NULL`, ids, imports, accepted, rejected, rejects, errs)
		if err != nil {
			return err
		}
		return forget(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("settle submissions: %w", err)
	}
	return nil
}

// recordedImports is how many imports of submissions stay on record for each
// source of a dataset. There may be thousands a day, and whoever asks for the
// imports reads them all; the inbox tells of every submission for good.
const recordedImports = 100

// forget takes the older imports of submissions off the record, but for the
// last one that replaced something: who imports an older file of the source
// again is told of it.
func forget(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `WITH submitted AS (
			SELECT d.name, d.body->>'dataset' AS dataset, d.body->>'source' AS source, d.position, (d.body->'changes'->>'replaced')::bigint > 0 AS replaced
			FROM civgrid.document d WHERE d.kind = $1::text AND EXISTS (SELECT FROM civgrid.inbox i WHERE i.import = d.name)),
		ranked AS (
			SELECT name, replaced, row_number() OVER (PARTITION BY dataset, source ORDER BY position DESC) AS age,
				row_number() OVER (PARTITION BY dataset, source, replaced ORDER BY position DESC) AS age_among_equals
			FROM submitted)
		DELETE FROM civgrid.document d USING ranked r
		WHERE d.kind = $1::text AND d.name = r.name AND r.age > $2::int AND NOT (r.replaced AND r.age_among_equals = 1)`, importKind, recordedImports)
	if err != nil {
		return fmt.Errorf("shorten the record of imports: %w", err)
	}
	return nil
}

// Classes of errors (PostgreSQL 15, appendix A) that are of what was sent.
const (
	classData  = "22" // data exception
	classLimit = "54" // program limit exceeded
)

// Lasting reports whether an error comes again however often the same facts
// are sent: it is of what they say, and not of the server, the connection, the
// role, the program or the time that was given.
func Lasting(err error) bool {
	for _, passing := range []error{
		context.Canceled, context.DeadlineExceeded, data.ErrUnavailable, data.ErrBusy, data.ErrVersion, ErrOutdated, fs.ErrPermission, data.ErrReadOnly,
	} {
		if errors.Is(err, passing) {
			return false
		}
	}
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
		return e.Code[:2] == classData || e.Code[:2] == classLimit
	}
	return err != nil && !lost(err)
}
