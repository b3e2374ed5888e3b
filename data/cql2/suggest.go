package cql2

import "strings"

// suggest returns the name that is at most two edits away from name, whatever
// its case, and shares more than half of it; "" where there is none.
func suggest(name string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		a, b := []rune(strings.ToLower(name)), []rune(strings.ToLower(k))
		if d := edits(a, b); d < least && 2*d < max(len(a), len(b)) {
			best, least = k, d
		}
	}
	return best
}

// edits returns the number of insertions, deletions and replacements that turn
// a into b (Levenshtein 1966), 3 where there are certainly more than two.
func edits(a, b []rune) int {
	if len(a)-len(b) > 2 || len(b)-len(a) > 2 {
		return 3
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
