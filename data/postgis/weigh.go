package postgis

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
)

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
				choice.Why = "a condition is not for the server to decide"
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
		distributed, err := s.distributed(ctx, tx)
		decide(&choice, distributed)
		return err
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

func decide(c *data.Choice, distributed bool) {
	c.PushDown = c.Groups*groupCost < c.Rows
	switch {
	case distributed:
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
