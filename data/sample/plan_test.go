package sample

import (
	"maps"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// seeds returns the cities that promises are tested on.
func seeds() []uint64 {
	if testing.Short() {
		return []uint64{1}
	}
	return []uint64{1, 128, 1<<63 + 5}
}

func communitiesOf(seed uint64) []data.Community {
	p := newPlan(seed)
	return p.communities(p.properNames())
}

func TestAreasAndNames(t *testing.T) {
	for _, seed := range seeds() {
		counts := map[data.Level]int{}
		codes, names := map[string]data.Community{}, map[string]bool{}
		digits := map[data.Level]int{data.District: 6, data.Street: 9, data.CommunityArea: 12, data.UnitGrid: 15}
		people := map[string]int64{}
		for _, c := range communitiesOf(seed) {
			counts[c.Level]++
			if _, twice := codes[c.Code]; twice || len(c.Code) != digits[c.Level] {
				t.Errorf("seed %d: %s has code %q, again or of wrong length", seed, c.Level, c.Code)
			}
			codes[c.Code] = c
			people[c.Parent] += c.Population
			if parent, ok := codes[c.Parent]; ok != (c.Level != data.District) || parent.Code != c.Code[:len(parent.Code)] {
				t.Errorf("seed %d: %s has parent %q", seed, c.Code, c.Parent)
			}
			for _, tag := range []string{"en", "zh-Hans", "zh-Hant"} {
				if name := c.Names[tag]; name == "" || names[tag+name] {
					t.Errorf("seed %d: %s has no name of its own in %s: %q", seed, c.Code, tag, name)
				}
				names[tag+c.Names[tag]] = true
			}
		}
		if counts[data.District] != 5 || counts[data.Street] != 20 || counts[data.CommunityArea] != 100 ||
			counts[data.UnitGrid] < 500 || counts[data.UnitGrid] > 800 {
			t.Errorf("seed %d: %v", seed, counts)
		}
		for code, c := range codes {
			if c.Level != data.UnitGrid && people[code] != c.Population {
				t.Errorf("seed %d: %s has %d people, its parts have %d", seed, code, c.Population, people[code])
			}
		}
	}
}

// edge is a piece of an outline with a direction.
type edge [2]orb.Point

// cancel adds the edges of an outline and takes away those that come back the
// other way.
func cancel(sum map[edge]int, outline orb.MultiPolygon, sign int) {
	for _, polygon := range outline {
		for _, ring := range polygon {
			for n := 1; n < len(ring); n++ {
				e, times := edge{ring[n-1], ring[n]}, sign
				if e[0][0] > e[1][0] || e[0][0] == e[1][0] && e[0][1] > e[1][1] {
					e, times = edge{e[1], e[0]}, -sign
				}
				if sum[e] += times; sum[e] == 0 {
					delete(sum, e)
				}
			}
		}
	}
}

func TestPartsTileTheWhole(t *testing.T) {
	for _, seed := range seeds() {
		all := communitiesOf(seed)
		areas := map[string]float64{}
		left := map[string]map[edge]int{}
		for _, c := range all {
			area := float64(geo.AreaOf(c.Outline))
			areas[c.Code] += area
			areas[c.Parent] -= area
			left[c.Code] = map[edge]int{}
			cancel(left[c.Code], c.Outline, 1)
			if parent := left[c.Parent]; parent != nil {
				cancel(parent, c.Outline, -1)
			}
		}
		for _, c := range all {
			if c.Level == data.UnitGrid {
				continue
			}
			if n := len(left[c.Code]); n > 0 {
				t.Errorf("seed %d: the outline of %s has %d edges that its parts have not, or the reverse", seed, c.Code, n)
			}
			if rest := areas[c.Code]; math.Abs(rest) > 1 {
				t.Errorf("seed %d: %s is %v m² larger than its parts", seed, c.Code, rest)
			}
		}
	}
}

func TestOutlinesAreValid(t *testing.T) {
	for _, seed := range seeds() {
		for _, c := range communitiesOf(seed) {
			if _, notes := geo.Repair(c.Outline); len(notes) > 0 {
				t.Errorf("seed %d: %s: %v", seed, c.Code, notes)
			}
			for _, polygon := range c.Outline {
				for n, ring := range polygon {
					want := orb.CCW
					if n > 0 {
						want = orb.CW
					}
					if !ring.Closed() || ring.Orientation() != want {
						t.Errorf("seed %d: %s: ring %d is not closed or runs the wrong way", seed, c.Code, n)
					}
				}
			}
			if n := len(c.Outline); n != 1 {
				t.Errorf("seed %d: %s has %d pieces, want 1", seed, c.Code, n)
			}
		}
	}
}

func TestEveryPointIsInOneCommunity(t *testing.T) {
	p := newPlan(1)
	regions := map[data.Level][]*geo.Region{}
	for _, c := range p.communities(p.properNames()) {
		region, err := geo.NewRegion(c.Outline)
		if err != nil {
			t.Fatal(err)
		}
		regions[c.Level] = append(regions[c.Level], region)
	}
	d := newDice(1, 99)
	for range 1_500 {
		at := vec{d.between(-13_000, 13_000), d.between(-13_000, 13_000)}.lonLat()
		found := map[data.Level]int{}
		for level, all := range regions {
			for _, region := range all {
				if region.Contains(at) {
					found[level]++
				}
			}
		}
		one := map[data.Level]int{data.District: 1, data.Street: 1, data.CommunityArea: 1, data.UnitGrid: 1}
		if len(found) > 0 && !maps.Equal(found, one) {
			t.Errorf("%v lies in %v, want one of each or none", at, found)
		}
	}
}

func TestTheCityIsAsWideAsPromised(t *testing.T) {
	for _, seed := range seeds() {
		var bound orb.Bound
		square := 0.0
		for n, c := range communitiesOf(seed)[:districtCount] {
			square += float64(geo.AreaOf(c.Outline)) / 1e6
			if n == 0 {
				bound = c.Outline.Bound()
			}
			bound = bound.Union(c.Outline.Bound())
		}
		wide := geo.Distance(orb.Point{bound.Min[0], bound.Min[1]}, orb.Point{bound.Max[0], bound.Min[1]})
		high := geo.Distance(bound.Min, orb.Point{bound.Min[0], bound.Max[1]})
		if wide < 22_000 || wide > 32_000 || high < 20_000 || high > 32_000 || square < 400 || square > 600 {
			t.Errorf("seed %d: %.0f m by %.0f m, %.0f km²", seed, float64(wide), float64(high), square)
		}
	}
}
