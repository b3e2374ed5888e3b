package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/spelling"
)

// wordsTold is how many of the words that facts have are told where one is not
// among them.
const wordsTold = 8

// tellUnknown says which categories, channels and sources that were asked for no
// fact has, and which there are. It reads all facts, so it is for layers without
// any.
func tellUnknown(ctx context.Context, source data.Source, layer *analytics.Layer, d data.Dataset, values analytics.Values) error {
	for _, column := range narrowings() {
		asked := values.Text(column)
		if _, err := data.Pick(source.Schema(d), column); asked == "" || err != nil {
			continue // it has no such column, and is not narrowed by it
		}
		known, err := wordsOf(ctx, source, d, column)
		if err != nil {
			return err
		}
		for word := range strings.SplitSeq(asked, "|") {
			if !slices.Contains(known, word) {
				layer.Caveats = append(layer.Caveats, unknownWord(d, column, word, known))
			}
		}
	}
	return nil
}

func unknownWord(d data.Dataset, column, word string, known []string) string {
	if len(known) == 0 {
		return fmt.Sprintf("None of the %s has a %s.", d, column)
	}
	text := fmt.Sprintf("None of the %s is of %s %q.", d, column, word)
	if near := spelling.Nearest(word, known); near != "" {
		text += fmt.Sprintf(" Did you mean %q?", near)
	}
	told := known[:min(wordsTold, len(known))]
	text += " There are " + strings.Join(told, ", ")
	if left := len(known) - len(told); left > 0 {
		text += fmt.Sprintf(" and %d others", left)
	}
	return text + "."
}

// wordsOf returns the words of a column, the most frequent first.
func wordsOf(ctx context.Context, source data.Source, d data.Dataset, column string) ([]string, error) {
	count := map[string]int{}
	for b, err := range source.Scan(ctx, data.Query{Dataset: d, Columns: []string{column}}) {
		if err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", column, d, err)
		}
		codes := b.Codes(column)
		for row := range b.Len() {
			count[codes.At(row)]++
		}
	}
	delete(count, "")
	return slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	}), nil
}
