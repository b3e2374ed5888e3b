package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
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
			"\nThe study area is, unless --fill says otherwise, the cells whose centre lies inside\nthe boundary and those with facts.",
		Example: "  civgrid quality effect\n  civgrid quality effect --res 8 --json",
	}
	given := paramFlags(cmd.Flags(), params)
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
	Facts  int64    `json:"facts"` // in the rows
	MoranI *float64 `json:"moran_i"`
	MoranZ *float64 `json:"moran_z"`
	// SpdepI is Moran's I as spdep has it by default: without islands in n.
	SpdepI *float64 `json:"moran_i_spdep"`
	// Hot and Cold count rows at q ≤ 0.05, by the test's name.
	Hot     map[string]int `json:"hot"`
	Cold    map[string]int `json:"cold"`
	Changed map[string]int `json:"changed"` // rows of another class than where facts are kept
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
	classes := map[string][]string{} // of the first map, by test
	rows := 0
	for _, kept := range []bool{true, false} {
		one := effect{Kept: kept, Hot: map[string]int{}, Cold: map[string]int{}, Changed: map[string]int{}}
		for _, test := range tests() {
			given[keepDefaults], given[testParam] = strconv.FormatBool(kept), test
			layer, err := e.Run(ctx, hotspot.Analysis.Name, given)
			if err != nil {
				return err
			}
			rows = layer.Frame.Len()
			one.read(layer, test, classes)
		}
		effects = append(effects, one)
	}
	if p.json {
		p.answer(map[string]any{"rows": rows, "maps": effects})
		return nil
	}
	return p.sayEffects(effects, rows)
}

// read adds what a layer shows by one test, and how that differs from the classes
// of the first map.
func (x *effect) read(layer *analytics.Layer, test string, classes map[string][]string) {
	class, _ := layer.Column("class")
	for row, word := range class.Words {
		switch word {
		case hotspot.Hot95, hotspot.Hot99:
			x.Hot[test]++
		case hotspot.Cold95, hotspot.Cold99:
			x.Cold[test]++
		}
		if first := classes[test]; first != nil && row < len(first) && first[row] != word {
			x.Changed[test]++
		}
	}
	if classes[test] == nil {
		classes[test] = class.Words
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

// sayEffects prints the maps side by side.
func (p *program) sayEffects(effects []effect, rows int) error {
	p.say("Reports in %d rows, with the facts at default locations kept and left out:", rows)
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
	line("facts in rows", func(x effect) string { return strconv.FormatInt(x.Facts, 10) })
	line("Moran's I", func(x effect) string { return known(x.MoranI, "%.4f") })
	line("  as spdep has it, without islands in n", func(x effect) string { return known(x.SpdepI, "%.4f") })
	line("  z", func(x effect) string { return known(x.MoranZ, "%.1f") })
	titles := map[string]string{"normal": "as ArcGIS and spdep test", "exact": "by exact permutation"}
	for _, test := range tests() {
		line("hot rows (q ≤ 0.05), "+titles[test], func(x effect) string { return strconv.Itoa(x.Hot[test]) })
		line("cold rows, "+titles[test], func(x effect) string { return strconv.Itoa(x.Cold[test]) })
		line("rows of another class, "+titles[test], func(x effect) string {
			if x.Kept {
				return ""
			}
			return strconv.Itoa(x.Changed[test])
		})
	}
	return w.Flush()
}
