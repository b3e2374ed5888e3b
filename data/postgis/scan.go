package postgis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/where"
)

// batchRows is the number of rows of a batch that is not the last.
const batchRows = 16384

// errStop ends a reading whose reader has had enough.
var errStop = errors.New("stop")

// A part is the rows of one table that meet a condition.
type part struct {
	from string
	// where writes the condition, "" where all rows meet it.
	where func(st *statement) string
}

// whole returns the parts that hold the rows as of a frontier: the present
// rows, and those that only batches beyond it replaced.
func (t table) whole(f frontier) []part {
	if f.exact {
		return []part{{t.present(), func(*statement) string { return "" }}}
	}
	return []part{
		{t.present(), func(st *statement) string { return f.holds(st, "recorded") }},
		{t.past(), func(st *statement) string { return f.holds(st, "recorded") + " AND " + f.lacks(st, "replaced") }},
	}
}

// since returns the parts of whole that changed after an earlier frontier.
func (t table) since(earlier, f frontier) []part {
	parts := t.whole(f)
	for i, p := range parts {
		parts[i].where = func(st *statement) string { return both(p.where(st), earlier.lacks(st, "changed")) }
	}
	return parts
}

// both joins two conditions, either of which may be "".
func both(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " AND " + b
}

// Scan implements [data.Source]: the rows of the batches that are published.
func (s *Store) Scan(ctx context.Context, q data.Query) data.Batches {
	return s.scan(ctx, q, s.published)
}

// AsOf implements [data.Historian]. The moment is one of the server's clock.
func (s *Store) AsOf(at time.Time) data.Source { return moment{s, at} }

// A moment is a store as it was.
type moment struct {
	store *Store
	at    time.Time
}

// Schema implements [data.Source].
func (m moment) Schema(d data.Dataset) []data.Column { return m.store.Schema(d) }

// Scan implements [data.Source].
func (m moment) Scan(ctx context.Context, q data.Query) data.Batches {
	return m.store.scan(ctx, q, func(ctx context.Context, tx pgx.Tx) (frontier, error) { return asOf(ctx, tx, m.at) })
}

// scan answers a query as of a frontier.
func (s *Store) scan(ctx context.Context, q data.Query, at func(context.Context, pgx.Tx) (frontier, error)) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		err := s.scanTo(ctx, q, at, func(b data.Batch) bool { return yield(b, nil) })
		if err != nil && !errors.Is(err, errStop) {
			yield(data.Batch{}, fmt.Errorf("scan %q: %w", q.Dataset, err))
		}
	}
}

func (s *Store) scanTo(ctx context.Context, q data.Query, at func(context.Context, pgx.Tx) (frontier, error), yield func(data.Batch) bool) error {
	t, err := s.tableOf(q.Dataset)
	if err != nil {
		return err
	}
	q = q.Live()
	needs, err := q.Needs(t.columns)
	if err != nil {
		return err
	}
	return s.read(ctx, func(tx pgx.Tx) error {
		f, err := at(ctx, tx)
		if err != nil {
			return err
		}
		words, err := s.vocabulary(ctx, tx)
		if err != nil {
			return err
		}
		part, inSQL := where.Part(q.Where, t.columns, words.dialect())
		condition, _ := words.condition(part, t)
		w := walker{decoder: newDecoder(words, needs), yield: yield}
		if inSQL && len(q.Columns) > 0 {
			if needs, err = data.Pick(t.columns, q.Columns...); err != nil {
				return err
			}
			w.decoder = newDecoder(words, needs)
		}
		if !inSQL {
			w.filter = q.Filter
		}
		if q.Ordered {
			if err := w.ordered(ctx, tx, t.whole(f), condition, words); err != nil {
				return err
			}
			return w.flush()
		}
		for _, p := range t.whole(f) {
			if err := w.part(ctx, tx, p, condition); err != nil {
				return err
			}
		}
		return w.flush()
	})
}

// condition returns what writes a checked condition into a statement, or
// false where Go decides it better.
func (v *vocabulary) condition(c data.Condition, t table) (func(*statement) string, bool) {
	if _, ok := where.Write(c, t.columns, v.dialect(), 0); !ok {
		return nil, false
	}
	return func(st *statement) string {
		clause, _ := where.Write(c, t.columns, v.dialect(), len(st.args))
		st.args = append(st.args, clause.Args...)
		return clause.Text
	}, true
}

// maxTerms is the most terms of a condition that the server is given: it
// walks over them by recursion.
const maxTerms = 250

// dialect is how PostgreSQL writes conditions. Words are compared by their
// ids, of which those that no row has are left out.
func (v *vocabulary) dialect() where.Dialect {
	return where.Dialect{
		True: "TRUE", False: "FALSE", MaxTerms: maxTerms, MaxArgs: maxTerms,
		Quote: quote,
		Arg:   func(n int) string { return "$" + strconv.Itoa(n) },
		Words: func(c data.Column, words []string, add func(any) string) (string, bool) {
			if c.Type == data.Code {
				return quote(c.Name) + " = ANY (" + add(v.idsOf(words)) + "::int[])", true
			}
			stored := make([]string, len(words))
			for i, w := range words {
				stored[i] = encodeText(w)
				if c.Name == "id" {
					stored[i], _ = keyOf(stored[i])
				}
			}
			return quote(c.Name) + " = ANY (" + add(stored) + "::text[])", true
		},
		Matching: func(c data.Column, match func(string) bool, add func(any) string) (string, bool) {
			return quote(c.Name) + " = ANY (" + add(v.idsMatching(match)) + "::int[])", true
		},
	}
}

// expression returns what selects a column.
func expression(c data.Column) string {
	if c.Name == "id" {
		return "coalesce(long_id, id)"
	}
	return quote(c.Name)
}

// A walker gathers rows in batches.
type walker struct {
	decoder *decoder
	filter  func(data.Batch) (data.Batch, error) // nil: none
	yield   func(data.Batch) bool
}

// part walks over the rows of one table.
func (w *walker) part(ctx context.Context, tx pgx.Tx, p part, condition func(*statement) string) error {
	names := make([]string, len(w.decoder.columns))
	for i, c := range w.decoder.columns {
		names[i] = expression(c)
	}
	var st statement
	st.text = p.selects(&st, names, condition)
	return each(ctx, tx, st, w.row)
}

// selects writes the query for expressions on the rows of a part.
func (p part) selects(st *statement, names []string, condition func(*statement) string) string {
	text := "SELECT " + strings.Join(names, ", ") + " FROM " + p.from
	if limit := both(p.where(st), condition(st)); limit != "" {
		text += " WHERE " + limit
	}
	return text
}

// row adds a row as the server sends it.
func (w *walker) row(values [][]byte) error {
	if err := w.decoder.add(values); err != nil {
		return err
	}
	if w.decoder.rows == batchRows {
		return w.flush()
	}
	return nil
}

// flush yields what has been gathered, if anything.
func (w *walker) flush() error {
	if w.decoder.rows == 0 {
		return nil
	}
	b, err := w.decoder.build()
	if err == nil && w.filter != nil {
		b, err = w.filter(b)
	}
	if err != nil {
		return err
	}
	if b.Len() > 0 && !w.yield(b) {
		return errStop
	}
	return nil
}

// each calls use with the values of every row of an answer, in the server's
// binary format. The values are overwritten by the next row. When use fails
// the statement is cancelled.
func each(ctx context.Context, tx pgx.Tx, st statement, use func(values [][]byte) error) error {
	var query pgx.ExtendedQueryBuilder
	if err := query.Build(tx.Conn().TypeMap(), nil, st.args); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answer := tx.Conn().PgConn().ExecParams(ctx, st.text, query.ParamValues, nil, query.ParamFormats, []int16{pgx.BinaryFormatCode})
	for answer.NextRow() {
		if err := use(answer.Values()); err != nil {
			cancel()
			_, _ = answer.Close() // ends with the cancellation
			return err
		}
	}
	_, err := answer.Close()
	return err
}
