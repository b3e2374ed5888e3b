package postgis

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// Aggregate implements [data.Aggregator]: one GROUP BY a rollup on the server.
// Where a condition is too long for that it is an error, as Weigh foretells.
func (s *Store) Aggregate(ctx context.Context, rollups ...data.Rollup) data.Answers {
	return func(yield func(data.Answer, error) bool) {
		err := s.aggregateTo(ctx, rollups, func(a data.Answer) bool { return yield(a, nil) })
		if err != nil && !errors.Is(err, errStop) {
			yield(data.Answer{}, fmt.Errorf("add up: %w", err))
		}
	}
}

func (s *Store) aggregateTo(ctx context.Context, rollups []data.Rollup, yield func(data.Answer) bool) error {
	return s.read(ctx, func(tx pgx.Tx) error {
		f, err := s.published(ctx, tx)
		if err != nil {
			return err
		}
		words, err := s.vocabulary(ctx, tx)
		if err != nil {
			return err
		}
		for i, r := range rollups {
			answer := func(b data.Batch) bool { return yield(data.Answer{Rollup: i, Batch: b}) }
			if err := s.addUp(ctx, tx, f, words, r, answer); err != nil {
				return fmt.Errorf("%s: %w", r.Dataset, err)
			}
		}
		return nil
	})
}

// addUp answers one rollup as of a frontier.
func (s *Store) addUp(ctx context.Context, tx pgx.Tx, f frontier, words *vocabulary, r data.Rollup, yield func(data.Batch) bool) error {
	t, err := s.tableOf(r.Dataset)
	if err != nil {
		return err
	}
	if err := r.Check(t.columns); err != nil {
		return err
	}
	sum := newSummary(words, t, r)
	if !sum.inSQL {
		return errors.New("a condition has too many terms for the server")
	}
	for _, p := range t.whole(f) {
		err := each(ctx, tx, sum.statement(p), func(values [][]byte) error {
			if err := sum.add(values); err != nil {
				return err
			}
			if sum.builder.Len() == batchRows && !yield(sum.builder.Build()) {
				return errStop
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if sum.builder.Len() > 0 && !yield(sum.builder.Build()) {
		return errStop
	}
	return nil
}

// A summary is a rollup on its way to the server and back.
type summary struct {
	rollup  data.Rollup
	keys    []groupKey
	where   func(*statement) string
	counts  []func(*statement) string
	inSQL   bool
	builder *data.Builder
}

// A groupKey is one key of a rollup as the server knows it.
type groupKey struct {
	// columns are the expressions grouped by.
	columns func(st *statement) []string
	// width is the number of them.
	width int
	// set puts the key into column i of the answer.
	set func(b *data.Builder, i int, values [][]byte) error
}

func newSummary(words *vocabulary, t table, r data.Rollup) *summary {
	sum := &summary{rollup: r, inSQL: true, builder: data.NewBuilder(r.Columns())}
	for _, k := range r.Keys {
		sum.keys = append(sum.keys, words.groupKey(k))
	}
	conditions := []data.Condition{r.Where}
	for _, c := range r.Counts {
		conditions = append(conditions, c.Where)
	}
	for i, c := range conditions {
		write, ok := words.condition(c, t)
		if !ok {
			sum.inSQL = false
			return sum
		}
		if i == 0 {
			sum.where = write
		} else {
			sum.counts = append(sum.counts, write)
		}
	}
	return sum
}

// statement returns the GROUP BY over one part. Keys are grouped by position:
// Citus does not recognise an expression that is written out twice.
func (sum *summary) statement(p part) statement {
	var st statement
	var selected, positions []string
	for _, k := range sum.keys {
		selected = append(selected, k.columns(&st)...)
	}
	for i := range selected {
		positions = append(positions, fmt.Sprint(i+1))
	}
	for i, count := range sum.counts {
		text := "count(*)"
		if sum.rollup.Counts[i].Where != nil {
			text += " FILTER (WHERE " + count(&st) + ")"
		}
		selected = append(selected, text)
	}
	selected = append(selected, "count(*)")
	st.text = "SELECT " + strings.Join(selected, ", ") + " FROM " + p.from
	if limit := both(p.where(&st), sum.where(&st)); limit != "" {
		st.text += " WHERE " + limit
	}
	if len(positions) > 0 {
		st.text += " GROUP BY " + strings.Join(positions, ", ")
	}
	return st
}

// add takes in a row of the answer. Without keys there is one even where
// there are no facts.
func (sum *summary) add(values [][]byte) error {
	if n, err := number(values[len(values)-1]); err != nil || n == 0 {
		return err
	}
	at := 0
	for i, k := range sum.keys {
		if err := k.set(sum.builder, i, values[at:at+k.width]); err != nil {
			return err
		}
		at += k.width
	}
	for i := range sum.counts {
		n, err := number(values[at+i])
		if err != nil {
			return err
		}
		sum.builder.SetInt(len(sum.keys)+i, n)
	}
	return nil
}

// number reads a bigint.
func number(value []byte) (int64, error) {
	if len(value) != 8 {
		return 0, errWidth
	}
	return int64(binary.BigEndian.Uint64(value)), nil
}

func (v *vocabulary) groupKey(k data.Key) groupKey {
	switch k := k.(type) {
	case data.ByCell:
		return byCell(k)
	case data.ByCode:
		return v.byCode(k)
	case data.ByHourOfWeek:
		return byHourOfWeek(k)
	case data.ByWait:
		return byWait(k)
	}
	panic(fmt.Sprintf("BUG: key of type %T", k))
}

func byCell(k data.ByCell) groupKey {
	return groupKey{
		columns: func(*statement) []string { return []string{quote(k.Column)} },
		width:   1,
		set:     setNumber(func(b *data.Builder, i int, n int64) { b.SetCell(i, geo.Cell(n)) }),
	}
}

// setNumber returns what puts a bigint into an answer.
func setNumber(put func(b *data.Builder, i int, n int64)) func(b *data.Builder, i int, values [][]byte) error {
	return func(b *data.Builder, i int, values [][]byte) error {
		if values[0] == nil {
			b.Missing(i)
			return nil
		}
		n, err := number(values[0])
		put(b, i, n)
		return err
	}
}

// byCode groups by word and recodes what comes back: parts of equal keys are
// added by who asked.
func (v *vocabulary) byCode(k data.ByCode) groupKey {
	return groupKey{
		columns: func(*statement) []string { return []string{quote(k.Column)} },
		width:   1,
		set: func(b *data.Builder, i int, values [][]byte) error {
			if values[0] == nil {
				b.Missing(i)
				return nil
			}
			if len(values[0]) != 4 {
				return errWidth
			}
			word, err := v.word(int32(binary.BigEndian.Uint32(values[0])))
			if err != nil {
				return err
			}
			if k.Recode != nil {
				var ok bool
				if word, ok = k.Recode[word]; !ok {
					b.Missing(i)
					return nil
				}
			}
			b.SetText(i, word)
			return nil
		},
	}
}

const (
	hour = int64(time.Hour / time.Microsecond)
	week = 168 * hour
	// thursday is the hour of the week at which 1970 began.
	thursday = 72
	// aheadWeeks makes every local time from 1900 on positive, so that division
	// rounds down.
	aheadWeeks = 10_000
)

// offsetsFrom and offsetsTo bound the time for which a zone's offsets are given
// to the server. Facts of other times are grouped by instant, and their hour is
// told here.
var (
	offsetsFrom = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	offsetsTo   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
)

// byHourOfWeek hands the server the offsets of the zone, so that its own time
// zone data need not agree with ours.
func byHourOfWeek(k data.ByHourOfWeek) groupKey {
	starts, offsets := offsetsOf(k.Zone)
	at := quote(k.Column)
	return groupKey{
		columns: func(st *statement) []string {
			from, to := st.arg(offsetsFrom)+"::bigint", st.arg(offsetsTo)+"::bigint"
			inside := at + " >= " + from + " AND " + at + " < " + to
			offset := "(" + st.arg(offsets) + "::bigint[])[width_bucket(" + at + ", " + st.arg(starts) + "::bigint[]) + 1]"
			return []string{
				fmt.Sprintf("CASE WHEN %s THEN ((%s + %s + %d) / %d + %d) %% 168 END", inside, at, offset, aheadWeeks*week, hour, thursday),
				"CASE WHEN NOT (" + inside + ") THEN " + at + " END",
			}
		},
		width: 2,
		set: func(b *data.Builder, i int, values [][]byte) error {
			switch {
			case values[0] != nil:
				n, err := number(values[0])
				b.SetInt(i, n)
				return err
			case values[1] != nil:
				n, err := number(values[1])
				b.SetInt(i, hourOfWeek(n, k.Zone))
				return err
			}
			b.Missing(i)
			return nil
		},
	}
}

// offsetsOf returns when the offsets of a zone begin, but for the first, and
// all of them, in microseconds.
func offsetsOf(zone *time.Location) (starts, offsets []int64) {
	starts = []int64{}
	for at := time.UnixMicro(offsetsFrom).In(zone); at.UnixMicro() < offsetsTo; at = nextOffset(at) {
		_, east := at.Zone()
		if offset := int64(east) * 1e6; len(offsets) == 0 || offsets[len(offsets)-1] != offset {
			if len(offsets) > 0 {
				starts = append(starts, at.UnixMicro())
			}
			offsets = append(offsets, offset)
		}
	}
	return starts, offsets
}

// nextOffset returns when the offset in force at an instant may end. Beyond the
// transitions that are listed in the time zone data, Go 1.26 lets the last day
// of a leap year end where it begins.
func nextOffset(at time.Time) time.Time {
	_, end := at.ZoneBounds()
	switch {
	case end.IsZero():
		return time.UnixMicro(offsetsTo)
	case !end.After(at):
		return at.Add(time.Hour)
	}
	return end
}

// hourOfWeek returns the local hour of the week of one instant.
func hourOfWeek(micros int64, zone *time.Location) int64 {
	local := time.UnixMicro(micros).In(zone)
	return int64((int(local.Weekday())+6)%7*24 + local.Hour())
}

// longestAgo is so long ago that a wait since then is longer than any bound,
// and would not fit a bigint.
const longestAgo = math.MinInt64 / 2

func byWait(k data.ByWait) groupKey {
	from, to := quote(k.From), quote(k.To)
	return groupKey{
		columns: func(st *statement) []string {
			asOf := st.arg(k.AsOf.UnixMicro()) + "::bigint"
			bounds := k.Bounds
			if bounds == nil {
				bounds = []int64{}
			}
			// Of bounds below the wait: at most the wait less one microsecond.
			return []string{fmt.Sprintf(`CASE WHEN %[1]s < %[4]d THEN %[5]d
				WHEN least(%[2]s, %[3]s) >= %[1]s THEN width_bucket(least(%[2]s, %[3]s) - %[1]s - 1, %[6]s::bigint[]) END::bigint`,
				from, to, asOf, int64(longestAgo), len(bounds), st.arg(bounds))}
		},
		width: 1,
		set:   setNumber((*data.Builder).SetInt),
	}
}

// Weigh implements [data.Aggregator]: by what the server's planner expects.
func (s *Store) Weigh(ctx context.Context, rollups []data.Rollup) (choice data.Choice, err error) {
	if len(rollups) == 0 {
		return choice, nil
	}
	t, err := s.tableOf(rollups[0].Dataset)
	if err != nil {
		return choice, err
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		words, err := s.vocabulary(ctx, tx)
		if err != nil {
			return err
		}
		for i, r := range rollups {
			if err := r.Check(t.columns); err != nil {
				return err
			}
			sum := newSummary(words, t, r)
			if !sum.inSQL {
				choice.Why = "a condition has too many terms for the server"
				return nil
			}
			if i == 0 {
				if choice.Rows, err = s.rowsOf(ctx, tx, t, sum); err != nil {
					return err
				}
			}
			plan, groups, err := explainPlan(ctx, tx, sum.statement(part{t.present(), func(*statement) string { return "" }}))
			if err != nil {
				return err
			}
			choice.Groups += groups
			choice.Plan += plan
		}
		s.decide(&choice, len(rollups))
		return nil
	})
	if err != nil {
		return choice, fmt.Errorf("weigh how to add up %s: %w", t.dataset, err)
	}
	return choice, nil
}

// rowsOf estimates how many rows the rollups read.
func (s *Store) rowsOf(ctx context.Context, tx pgx.Tx, t table, sum *summary) (int64, error) {
	var st statement
	st.text = "SELECT source FROM " + t.present()
	if limit := sum.where(&st); limit != "" {
		st.text += " WHERE " + limit
	}
	_, rows, err := explainPlan(ctx, tx, st)
	return rows, err
}

// groupCost is how many rows can be read in the time that the server takes to
// send one group and to find it.
const groupCost = 2

func (s *Store) decide(c *data.Choice, rollups int) {
	c.PushDown = c.Groups*groupCost < c.Rows
	switch {
	case s.server.Distributed:
		c.PushDown = true
		c.Why = "each worker adds up its own rows"
	case c.PushDown:
		c.Why = fmt.Sprintf("about %d groups are fewer than about %d rows to send", c.Groups, c.Rows)
	default:
		c.Why = fmt.Sprintf("about %d rows are quicker to read than %d groups to make", c.Rows, c.Groups)
	}
}

// explainPlan returns the plan of a statement and how many rows its planner
// expects of it.
func explainPlan(ctx context.Context, tx pgx.Tx, st statement) (plan string, rows int64, err error) {
	var text string
	if err := tx.QueryRow(ctx, "EXPLAIN (FORMAT json) "+st.text, st.args...).Scan(&text); err != nil {
		return "", 0, err
	}
	var plans []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	if err := json.Unmarshal([]byte(text), &plans); err != nil || len(plans) == 0 {
		return "", 0, fmt.Errorf("read a plan: %w", err)
	}
	answer, err := tx.Query(ctx, "EXPLAIN "+st.text, st.args...)
	if err != nil {
		return "", 0, err
	}
	lines, err := pgx.CollectRows(answer, pgx.RowTo[string])
	return strings.Join(lines, "\n") + "\n", int64(plans[0].Plan.Rows), err
}
