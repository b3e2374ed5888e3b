package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/civgrid/civgrid/data"
)

// A session is a connection in use by one goroutine, inside a transaction. It
// speaks to the driver directly: rows have dozens of columns, and database/sql
// converts each value of them.
type session struct{ conn driver.Conn }

// A value is what SQLite stores: nil, int64, float64, string or []byte.
type value = driver.Value

// transact runs do in a transaction that begins with the given statement and
// is committed unless do fails or the context ends.
func transact(ctx context.Context, db *sql.DB, begin string, do func(session) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return known(err)
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		s := session{c.(driver.Conn)}
		if err := s.exec(begin); err != nil {
			return known(err)
		}
		committed := false
		defer func() {
			if !committed { // also when do panics, or stops its goroutine
				_ = s.exec("ROLLBACK") // there may be nothing left to roll back
			}
		}()
		if err := do(s); err != nil {
			return known(err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.exec("COMMIT"); err != nil {
			return known(err)
		}
		committed = true
		return nil
	})
}

// known translates an error of the database for which callers know a name.
func known(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%w: %w", data.ErrBusy, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w: the file or its folder cannot be written to: %w", fs.ErrPermission, err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("the file is not a civgrid store: %w", err)
	}
	return err
}

// exec runs one statement, or several without arguments.
func (s session) exec(query string, args ...value) error {
	st, err := s.prepare(query)
	if err != nil {
		return err
	}
	defer st.close()
	return st.exec(args)
}

// each calls use with every row of an answer. The row is overwritten by the
// next; its strings and blobs are not.
func (s session) each(query string, args []value, use func(row []value) error) error {
	st, err := s.prepare(query)
	if err != nil {
		return err
	}
	defer st.close()
	return st.each(args, use)
}

// one returns the first row of an answer, nil where there is none.
func (s session) one(query string, args ...value) ([]value, error) {
	var first []value
	err := s.each(query, args, func(row []value) error {
		if first == nil {
			first = append([]value{}, row...)
		}
		return nil
	})
	return first, err
}

// number returns the first value of an answer, 0 where it is no integer.
func (s session) number(query string, args ...value) (int64, error) {
	row, err := s.one(query, args...)
	if err != nil || len(row) == 0 {
		return 0, err
	}
	n, _ := row[0].(int64)
	return n, nil
}

// A statement is prepared once and run often.
type statement struct {
	stmt driver.Stmt
	args []driver.NamedValue
	row  []value
}

func (s session) prepare(query string) (*statement, error) {
	stmt, err := s.conn.Prepare(query)
	if err != nil {
		return nil, err
	}
	return &statement{stmt: stmt}, nil
}

func (st *statement) close() { _ = st.stmt.Close() }

func (st *statement) bind(args []value) []driver.NamedValue {
	if cap(st.args) < len(args) {
		st.args = make([]driver.NamedValue, len(args))
	}
	st.args = st.args[:len(args)]
	for i, v := range args {
		st.args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return st.args
}

func (st *statement) exec(args []value) error {
	// Without the caller's context, which would cost a goroutine a statement:
	// statements are short and the loops around them look at it.
	_, err := st.stmt.(driver.StmtExecContext).ExecContext(context.Background(), st.bind(args))
	return err
}

func (st *statement) each(args []value, use func(row []value) error) error {
	rows, err := st.stmt.(driver.StmtQueryContext).QueryContext(context.Background(), st.bind(args))
	if err != nil {
		return err
	}
	defer rows.Close()
	if n := len(rows.Columns()); len(st.row) != n {
		st.row = make([]value, n)
	}
	for {
		if err := rows.Next(st.row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := use(st.row); err != nil {
			return err
		}
	}
}
