package postgis

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// bytesOfID writes the bytes of a stored id, which [encodeText] made: what stands
// between two escapes, after the two digits of the first.
const bytesOfID = `CASE WHEN strpos(place, chr(16)) = 0 THEN convert_to(place, 'UTF8') ELSE (
  SELECT string_agg(CASE WHEN at = 1 THEN convert_to(part, 'UTF8') ELSE decode(left(part, 2), 'hex') || convert_to(substr(part, 3), 'UTF8') END, ''::bytea ORDER BY at)
  FROM unnest(string_to_array(place, chr(16))) WITH ORDINALITY AS parts(part, at)) END`

// ordered walks over the rows of all parts by source and id.
func (w *walker) ordered(ctx context.Context, tx pgx.Tx, parts []part, condition func(*statement) string, words *vocabulary) error {
	var st statement
	inner, outer := make([]string, len(w.decoder.columns)), make([]string, len(w.decoder.columns))
	for i, c := range w.decoder.columns {
		outer[i] = "c" + strconv.Itoa(i)
		inner[i] = expression(c) + " AS " + outer[i]
	}
	sources, err := sourcesOf(ctx, tx, parts, words)
	if err != nil {
		return err
	}
	inner = append(inner, "source AS origin", "coalesce(long_id, id) AS place")
	selects := make([]string, len(parts))
	for i, p := range parts {
		selects[i] = p.selects(&st, inner, condition)
	}
	st.text = "SELECT " + strings.Join(outer, ", ") + " FROM (" + strings.Join(selects, " UNION ALL ") + ") AS facts ORDER BY array_position(" +
		st.arg(sources) + "::int[], origin), " + bytesOfID
	return each(ctx, tx, st, w.row)
}

// sourcesOf returns the ids of the sources of facts, in the order of their words.
func sourcesOf(ctx context.Context, tx pgx.Tx, parts []part, words *vocabulary) ([]int32, error) {
	var st statement
	every := func(*statement) string { return "" }
	selects := make([]string, len(parts))
	for i, p := range parts {
		selects[i] = p.selects(&st, []string{"DISTINCT source"}, every)
	}
	st.text = strings.Join(selects, " UNION ")
	rows, err := tx.Query(ctx, st.text, st.args...)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		return nil, err
	}
	names := make(map[int32]string, len(ids))
	for _, id := range ids {
		if names[id], err = words.word(id); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(ids, func(a, b int32) int { return strings.Compare(names[a], names[b]) })
	return ids, nil
}
