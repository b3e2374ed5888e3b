// Package spelling finds the word that was probably meant by one that is not
// there.
//
// It knows words and nothing else: who asks says what they are names of.
package spelling

import "strings"

// Edits returns the Levenshtein distance of two words: the fewest letters to
// insert, delete or replace that turn a into b (Levenshtein 1966). It takes time
// in proportion to the product of their lengths.
func Edits(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, letter := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j := range to {
			cost := diagonal
			if to[j] != letter {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(to)]
}

// Nearest returns the known word that is the fewest edits away from word,
// whatever the case of letters, and the first of several: at most two edits or a
// third of word's letters, and less than half of the longer word. It is "" where
// there is none.
func Nearest(word string, known []string) string {
	letters := len([]rune(word))
	best, least := "", max(2, letters/3)+1
	for _, k := range known {
		length := len([]rune(k))
		if length-letters >= least || letters-length >= least {
			continue // a word of any length is refused soon
		}
		if d := Edits(strings.ToLower(word), strings.ToLower(k)); d < least && 2*d < max(letters, length) {
			best, least = k, d
		}
	}
	return best
}
