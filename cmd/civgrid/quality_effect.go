package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/hotspot"
)

// The parameters that the comparison sets itself.
const (
	keepDefaults = "keep-default-locations"
	testParam    = "test"
)

func (p *program) effectCommand() *cobra.Command {
	shared := []string{"res", "level", "within", "from", "to", "category", "channel", "source", "fill", "rings"}
	var params []analytics.Param
	for _, param := range engine.Params(hotspot.Analysis) {
		if !slices.Contains(shared, param.Name) {
			continue
		}
		if param.Name == "fill" {
			param.Default = "centre+observed"
		}
		params = append(params, param)
	}
	cmd := &cobra.Command{
		Use: "effect", Short: "What facts at default locations do to the map of hot spots", Args: noArgs,
		Long: "What facts at default locations do to the map of hot spots.\n\n" +
			wrap("Maps the reports twice, with the facts at default locations kept and with them left out, and tests each map twice: as ArcGIS and spdep do, by the normal approximation with false discovery rate, and as Civgrid does, by exact permutation.", "") +
			"\nThe study area is, unless --fill says otherwise, the cells whose centre lies inside\nthe boundary and those with facts. --json names every row that is of another class.",
		Example: "  civgrid quality effect\n  civgrid quality effect --res 8 --json",
	}
	given := p.paramFlags(cmd, params)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		values := given()
		if values["fill"] == "" && values["level"] == "" {
			values["fill"] = "centre+observed"
		}
		return p.effect(cmd.Context(), values)
	}
	return cmd
}

// An effect is the map with facts at default locations kept, or left out.
type effect struct {
	Kept   bool     `json:"kept"`
	Rows   int      `json:"rows"`
	Facts  int64    `json:"facts"` // in the rows
	MoranI *float64 `json:"moran_i"`
	MoranZ *float64 `json:"moran_z"`
	// SpdepI is Moran's I as spdep has it by default: without islands in n.
	SpdepI *float64 `json:"moran_i_spdep"`
	// Hot and Cold count rows at q ≤ 0.05, by the test's name.
	Hot  map[string]int `json:"hot"`
	Cold map[string]int `json:"cold"`
	// classes are the rows' classes, by the test's name and the row's ID.
	classes map[string]map[string]string
}

// A change is a row that is of another class once facts at default locations are
// left out. A class is no_data where it cannot be told, and empty where the row is
// on the other map only.
type change struct {
	Row     string `json:"row"`
	Test    string `json:"test"`
	Kept    string `json:"kept"`
	LeftOut string `json:"left_out"`
}

// tests are the ways rows are tested, by the name of the parameter's value.
func tests() []string { return []string{"normal", "exact"} }

func (p *program) effect(ctx context.Context, given map[string]string) error {
	store, err := p.openToRead(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	e := engine.New(store, engine.Options{Now: p.now})
	var effects []effect
	for _, kept := range []bool{true, false} {
		one := effect{Kept: kept, Hot: map[string]int{}, Cold: map[string]int{}, classes: map[string]map[string]string{}}
		for _, test := range tests() {
			given[keepDefaults], given[testParam] = strconv.FormatBool(kept), test
			layer, err := e.Run(ctx, hotspot.Analysis.Name, given)
			if err != nil {
				return err
			}
			one.read(layer, test)
		}
		effects = append(effects, one)
	}
	changes := changesOf(effects[0], effects[1])
	if p.json {
		p.answer(map[string]any{"maps": effects, "changes": changes})
		return nil
	}
	return p.sayEffects(effects, changes)
}

// read adds what a layer shows by one test.
func (x *effect) read(layer *analytics.Layer, test string) {
	class, _ := layer.Column("class")
	x.Rows, x.classes[test] = layer.Frame.Len(), make(map[string]string, layer.Frame.Len())
	for row, word := range class.Words {
		switch word {
		case hotspot.Hot95, hotspot.Hot99:
			x.Hot[test]++
		case hotspot.Cold95, hotspot.Cold99:
			x.Cold[test]++
		}
		if !class.Has(row) {
			word = analytics.NoData
		}
		x.classes[test][layer.Frame.ID(row)] = word
	}
	for _, item := range layer.Summary {
		switch value := item.Value.(type) {
		case float64:
			switch item.Key {
			case "moran_i":
				spdep := value * neighbourly(layer)
				x.MoranI, x.SpdepI = &value, &spdep
			case "moran_z":
				x.MoranZ = &value
			}
		case int64:
			if item.Key == "in_rows" {
				x.Facts = value
			}
		}
	}
}

// neighbourly returns the share of the rows compared that have a neighbour.
func neighbourly(layer *analytics.Layer) float64 {
	value, _ := layer.Column("value")
	neighbours, _ := layer.Column("neighbours")
	all, with := 0, 0
	for row := range value.Floats {
		if !value.Has(row) {
			continue
		}
		if all++; neighbours.Ints[row] > 0 {
			with++
		}
	}
	return float64(with) / float64(max(all, 1))
}

// changesOf returns the rows whose class differs, by test and row. Rows are told by
// their ID: a cell in which there are facts at a default location only may not
// belong to the study area without them.
func changesOf(kept, leftOut effect) []change {
	changes := []change{}
	for _, test := range tests() {
		before, after := kept.classes[test], leftOut.classes[test]
		rows := maps.Clone(before)
		maps.Copy(rows, after)
		for _, row := range slices.Sorted(maps.Keys(rows)) {
			if before[row] != after[row] {
				changes = append(changes, change{row, test, before[row], after[row]})
			}
		}
	}
	return changes
}

// sayEffects prints the maps side by side, and how classes change between them.
func (p *program) sayEffects(effects []effect, changes []change) error {
	p.say("Reports with the facts at default locations kept, and left out:")
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	line := func(title string, of func(effect) string) {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", title, of(effects[0]), of(effects[1]))
	}
	known := func(x *float64, format string) string {
		if x == nil {
			return "–"
		}
		return fmt.Sprintf(format, *x)
	}
	line("", func(x effect) string {
		if x.Kept {
			return "kept"
		}
		return "left out"
	})
	line("rows", func(x effect) string { return strconv.Itoa(x.Rows) })
	line("facts in rows", func(x effect) string { return strconv.FormatInt(x.Facts, 10) })
	line("Moran's I", func(x effect) string { return known(x.MoranI, "%.4f") })
	line("  as spdep has it, without islands in n", func(x effect) string { return known(x.SpdepI, "%.4f") })
	line("  z", func(x effect) string { return known(x.MoranZ, "%.1f") })
	for _, test := range tests() {
		line("hot rows (q ≤ 0.05), "+testTitle(test), func(x effect) string { return strconv.Itoa(x.Hot[test]) })
		line("cold rows, "+testTitle(test), func(x effect) string { return strconv.Itoa(x.Cold[test]) })
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return p.sayChanges(changes)
}

// mostInStep is how many rows are named of those that change from one class to another.
const mostInStep = 3

// sayChanges prints how many rows change from which class to which, and the first of
// them.
func (p *program) sayChanges(changes []change) error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, test := range tests() {
		rows := map[[2]string][]string{}
		for _, c := range changes {
			if c.Test == test {
				step := [2]string{c.Kept, c.LeftOut}
				rows[step] = append(rows[step], c.Row)
			}
		}
		steps := slices.SortedFunc(maps.Keys(rows), func(a, b [2]string) int {
			return cmp.Or(cmp.Compare(len(rows[b]), len(rows[a])), slices.Compare(a[:], b[:]))
		})
		all := 0
		for _, step := range steps {
			all += len(rows[step])
		}
		fmt.Fprintf(w, "Rows of another class, %s: %d\n", testTitle(test), all)
		for _, step := range steps {
			named := strings.Join(rows[step][:min(len(rows[step]), mostInStep)], " ")
			if len(rows[step]) > mostInStep {
				named += " …"
			}
			fmt.Fprintf(w, "  %s\t→ %s\t%d\t%s\n", orNone(step[0]), orNone(step[1]), len(rows[step]), named)
		}
	}
	return w.Flush()
}

func testTitle(test string) string {
	if test == "normal" {
		return "as ArcGIS and spdep test"
	}
	return "by exact permutation"
}

// orNone returns the class of a row, or says that the map does not have it.
func orNone(class string) string {
	if class == "" {
		return "not on the map"
	}
	return class
}
