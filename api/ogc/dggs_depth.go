package ogc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/geo"
)

// defaultDepth is the depth of data unless another is asked for: the zone itself,
// which is what every level has at which facts are indexed.
const defaultDepth = 0

// maxDepth returns the greatest depth at which a hexagon has no more sub-zones than
// one answer holds.
func maxDepth() int {
	depth := 0
	for zones := 7; zones <= api.MaxZones; zones *= 7 {
		depth++
	}
	return depth
}

// parseDepths reads zone-depth: a depth, a range low-high, or a list of at least two
// (21-038r1, requirement /req/data-custom-depths/zone-depth). They come out ascending.
func parseDepths(text string) ([]int, error) {
	wrong := fmt.Errorf("want a depth such as 2, a range such as 0-2, or a list such as 0,2, from 0 to %d", int(geo.MaxResolution))
	parse := func(part string) (int, bool) {
		r, err := geo.ParseResolution(part)
		return int(r), err == nil
	}
	if low, high, isRange := strings.Cut(text, "-"); isRange {
		from, ok := parse(low)
		to, ok2 := parse(high)
		if !ok || !ok2 || from > to {
			return nil, wrong
		}
		var depths []int
		for depth := from; depth <= to; depth++ {
			depths = append(depths, depth)
		}
		return depths, nil
	}
	var depths []int
	for part := range strings.SplitSeq(text, ",") {
		depth, ok := parse(part)
		if !ok || slices.Contains(depths, depth) {
			return nil, wrong
		}
		depths = append(depths, depth)
	}
	slices.Sort(depths)
	return depths, nil
}

// checkDepths looks whether facts are indexed at the levels that depths lead to.
func checkDepths(zone geo.Cell, depths []int, indexed []geo.Resolution) error {
	var there []string
	for _, level := range indexed {
		if level >= zone.Resolution() {
			there = append(there, strconv.Itoa(int(level-zone.Resolution())))
		}
	}
	for _, depth := range depths {
		if !slices.Contains(indexed, zone.Resolution()+geo.Resolution(depth)) {
			what := "there is none below this zone, which is of level " + zone.Resolution().String()
			if len(there) > 0 {
				what = "below this zone, which is of level " + zone.Resolution().String() + ", that is depth " + strings.Join(there, ", ")
			}
			return fmt.Errorf("facts are indexed at levels %s: %s", levelsOf(indexed), what)
		}
	}
	return nil
}

// countZones returns how many zones there are at the depths below a zone. The depths
// lead to levels that there are.
func countZones(zone geo.Cell, depths []int) (n int64) {
	for _, depth := range depths {
		n += zone.DescendantCount(zone.Resolution() + geo.Resolution(depth))
	}
	return n
}
