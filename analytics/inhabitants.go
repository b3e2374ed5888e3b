package analytics

import (
	"fmt"

	"github.com/civgrid/civgrid/data"
)

// NoPopulation is the reason of a row of which nobody knows how many live there.
const NoPopulation = "no_population"

// Inhabitants are how many people live in each row, as far as that is known.
type Inhabitants struct {
	People []float64
	// Known says whether it is known of some place of the row.
	Known []bool
	// Partly is how many rows hold places of which it is known, and others.
	Partly int
}

// CountInhabitants asks for the inhabitants of each row. Analyses that do want Places.
func CountInhabitants(key data.Key) data.Rollup {
	return data.Rollup{
		Name: "people", Dataset: Places, Keys: []data.Key{key},
		Counts: []data.Count{{Name: "places"}, {Name: "known", Where: data.Not{Condition: data.Missing{Column: PlacePeople}}}},
		Sums:   []data.Sum{{Name: "people", Column: PlacePeople}},
	}
}

// InhabitantsOf reads the answer to CountInhabitants.
func InhabitantsOf(t *Tally, rows int) Inhabitants {
	i := Inhabitants{People: make([]float64, rows), Known: make([]bool, rows)}
	places, known := t.Dense("places", rows), t.Dense("known", rows)
	for row, thousandths := range t.Dense("people", rows) {
		i.People[row], i.Known[row] = float64(thousandths)/1000, known[row] > 0
		if known[row] > 0 && known[row] < places[row] {
			i.Partly++
		}
	}
	return i
}

// Caveats says what is not known of inhabitants.
func (i Inhabitants) Caveats() []string {
	if i.Partly == 0 {
		return nil
	}
	return []string{fmt.Sprintf("In %d rows it is known of some places only how many live there: what is told by inhabitants is too high there.", i.Partly)}
}
