package data

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
)

// town has two districts, a street each, and below the second street a unit
// grid without a community between.
func town() []Community {
	return []Community{
		{Code: "s2", Level: Street, Parent: "d2"},
		{Code: "u1", Level: UnitGrid, Parent: "c1"},
		{Code: "u2", Level: UnitGrid, Parent: "s2"},
		{Code: "d1", Level: District, Parent: "t"},
		{Code: "c1", Level: CommunityArea, Parent: "s1"},
		{Code: "t", Level: City},
		{Code: "s1", Level: Street, Parent: "d1"},
		{Code: "d2", Level: District, Parent: "t"},
	}
}

func codesOf(communities []Community) []string {
	var codes []string
	for _, c := range communities {
		codes = append(codes, c.Code)
	}
	return codes
}

func TestHierarchyOfATown(t *testing.T) {
	h := NewHierarchy(town())
	path := func(code string, want ...string) {
		t.Helper()
		if got := h.Path(code); !slices.Equal(got, want) {
			t.Errorf("Path(%q) = %q, want %q", code, got, want)
		}
	}
	path("u1", "t", "d1", "s1", "c1", "u1")
	path("u2", "t", "d2", "s2", "u2")
	path("t", "t")
	path("no such")
	path("")

	within := func(code string, want ...string) {
		t.Helper()
		if got := h.Within(code); !slices.Equal(got, want) {
			t.Errorf("Within(%q) = %q, want %q", code, got, want)
		}
	}
	within("t", "c1", "d1", "d2", "s1", "s2", "t", "u1", "u2")
	within("d2", "d2", "s2", "u2")
	within("u1", "u1")
	within("no such")

	ancestor := func(code string, level Level, want string) {
		t.Helper()
		got, ok := h.Ancestor(code, level)
		if got != want || ok != (want != "") {
			t.Errorf("Ancestor(%q, %s) = %q, %v, want %q", code, level, got, ok, want)
		}
	}
	ancestor("u1", District, "d1")
	ancestor("u1", UnitGrid, "u1")
	ancestor("u1", CommunityArea, "c1")
	ancestor("u2", CommunityArea, "") // skipped
	ancestor("u2", Street, "s2")
	ancestor("u2", City, "t")
	ancestor("u2", Province, "") // above the root
	ancestor("d1", Street, "")   // coarser than asked for
	ancestor("no such", City, "")
	ancestor("u1", "no level", "")

	parent := func(code, want string) {
		t.Helper()
		got, ok := h.Parent(code)
		if got != want || ok != (want != "") {
			t.Errorf("Parent(%q) = %q, %v, want %q", code, got, ok, want)
		}
	}
	parent("u2", "s2")
	parent("d1", "t")
	parent("t", "")
	parent("no such", "")

	if diff := cmp.Diff([]Level{City, District, Street, CommunityArea, UnitGrid}, h.Levels()); diff != "" {
		t.Errorf("Levels (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"d1", "d2"}, codesOf(h.At(District))); diff != "" {
		t.Errorf("At(district) (-want +got):\n%s", diff)
	}
	if got := h.At(Province); got != nil {
		t.Errorf("At(province) = %v, want none", got)
	}
	want := map[string]string{"d1": "d1", "s1": "d1", "c1": "d1", "u1": "d1", "d2": "d2", "s2": "d2", "u2": "d2"}
	if diff := cmp.Diff(want, h.Recode(District)); diff != "" {
		t.Errorf("Recode(district) (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"c1": "c1", "u1": "c1"}, h.Recode(CommunityArea)); diff != "" {
		t.Errorf("Recode(community) (-want +got):\n%s", diff)
	}
	if c, ok := h.Get("s1"); !ok || c.Parent != "d1" {
		t.Errorf("Get(s1) = %v, %v, want the street in d1", c, ok)
	}
	if _, ok := h.Get("no such"); ok {
		t.Error("Get finds a code that is not there")
	}
}

func TestHierarchyOfNothing(t *testing.T) {
	h := NewHierarchy(nil)
	if got := len(h.Levels()) + len(h.At(City)) + len(h.Within("a")) + len(h.Path("a")) + len(h.Recode(City)); got != 0 {
		t.Errorf("an empty hierarchy knows %d things, want none", got)
	}
}

func TestBadParentsCountAsNone(t *testing.T) {
	h := NewHierarchy([]Community{
		{Code: "itself", Level: Street, Parent: "itself"},
		{Code: "a", Level: District, Parent: "b"},
		{Code: "b", Level: District, Parent: "a"},
		{Code: "up", Level: Street, Parent: "down"},
		{Code: "down", Level: UnitGrid, Parent: "up"},
		{Code: "orphan", Level: Street, Parent: "no such"},
		{Code: "odd", Level: "no level", Parent: "a"},
	})
	f := func(code, wantParent string, wantWithin ...string) {
		t.Helper()
		if got, _ := h.Parent(code); got != wantParent {
			t.Errorf("Parent(%q) = %q, want %q", code, got, wantParent)
		}
		if got := h.Within(code); !slices.Equal(got, wantWithin) {
			t.Errorf("Within(%q) = %q, want %q", code, got, wantWithin)
		}
		if _, ok := h.Ancestor(code, Province); ok {
			t.Errorf("%q lies in a province, want none", code)
		}
	}
	f("itself", "", "itself")
	f("a", "", "a")
	f("b", "", "b")
	f("up", "", "down", "up")
	f("down", "up", "down")
	f("orphan", "", "orphan")
	f("odd", "", "odd")
}

// Whatever the parents are, questions end, and a community is within another
// exactly where that is on its path.
func TestAnyParentsMakeATree(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 1))
	levels := append(Levels(), "no level")
	for range 200 {
		communities := make([]Community, random.IntN(12))
		for i := range communities {
			communities[i] = Community{Code: fmt.Sprint(random.IntN(10)), Parent: fmt.Sprint(random.IntN(11)), Level: levels[random.IntN(len(levels))]}
		}
		h := NewHierarchy(communities)
		for _, c := range communities {
			path := h.Path(c.Code)
			for _, other := range communities {
				if got, want := slices.Contains(h.Within(other.Code), c.Code), slices.Contains(path, other.Code); got != want {
					t.Fatalf("%v: %s within %s: %v, but the path is %q", communities, c.Code, other.Code, got, path)
				}
			}
			for _, level := range Levels() {
				at, ok := h.Ancestor(c.Code, level)
				above, _ := h.Get(at)
				if ok && (above.Level != level || !slices.Contains(path, at)) {
					t.Fatalf("%v: Ancestor(%s, %s) = %s, a %s; the path is %q", communities, c.Code, level, at, above.Level, path)
				}
				if got, there := h.Recode(level)[c.Code]; got != at || there != ok {
					t.Fatalf("%v: Recode(%s) maps %s to %q, Ancestor to %q", communities, level, c.Code, got, at)
				}
			}
		}
	}
}

func TestTheNewestVersionOfACodeIsKept(t *testing.T) {
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	versions := []Community{
		{Code: "s", Level: Street, Parent: "old", ValidTo: year(2020)},
		{Code: "s", Level: Street, Parent: "new", ValidFrom: year(2024)},
		{Code: "s", Level: Street, Parent: "mid", ValidFrom: year(2020), ValidTo: year(2024)},
		{Code: "old", Level: District},
		{Code: "mid", Level: District},
		{Code: "new", Level: District},
	}
	for range 10 {
		h := NewHierarchy(versions)
		if got, _ := h.Parent("s"); got != "new" {
			t.Errorf("of %v the street in %q is kept, want the one in new", versions, got)
		}
		if got := append(h.Within("old"), h.Within("mid")...); !slices.Equal(got, []string{"old", "mid"}) {
			t.Errorf("the former districts hold %q, want nothing but themselves", got)
		}
		rand.New(rand.NewPCG(5, 2)).Shuffle(3, func(i, j int) { versions[i], versions[j] = versions[j], versions[i] })
	}
}

func TestAnswersOfAHierarchyAreTheCallers(t *testing.T) {
	h := NewHierarchy(town())
	clear(h.Within("t"))
	clear(h.At(District))
	clear(h.Path("u1"))
	clear(h.Levels())
	clear(h.Recode(District))
	if got := h.Within("d2"); !slices.Equal(got, []string{"d2", "s2", "u2"}) {
		t.Errorf("Within(d2) = %q after answers were written to", got)
	}
	if got := h.Path("u2"); !slices.Equal(got, []string{"t", "d2", "s2", "u2"}) {
		t.Errorf("Path(u2) = %q after answers were written to", got)
	}
}

// TestOutermost draws outlines of some and looks which stand for all.
func TestOutermost(t *testing.T) {
	f := func(drawn []string, within string, want ...string) {
		t.Helper()
		communities := town()
		for i := range communities {
			if slices.Contains(drawn, communities[i].Code) {
				communities[i].Outline = orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}}
			}
		}
		if got := codesOf(NewHierarchy(communities).Outermost(within)); !slices.Equal(got, want) {
			t.Errorf("with outlines of %q, Outermost(%q) = %q, want %q", drawn, within, got, want)
		}
	}
	f([]string{"t", "d1", "d2"}, "", "t")
	f([]string{"d1", "s1", "s2", "u2"}, "", "d1", "s2")
	f([]string{"t", "d1", "s2"}, "d2", "s2")
	f([]string{"t", "d2"}, "d2", "d2")
	f([]string{"t"}, "no such")
	f(nil, "")
}
