package quality_test

import (
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/quality"
)

func TestGazetteerFindsWhatIsMeant(t *testing.T) {
	g := quality.NewGazetteer([]data.Community{
		{Code: "110101", Level: data.District, Names: data.Names{"en": "Dongcheng", "zh-Hans": "东城区"}},
		{Code: "110101001", Level: data.Street, Parent: "110101", Names: data.Names{"zh-Hans": "和平里街道"}},
		{Code: "35", Level: data.CommunityArea, Names: data.Names{"": "DOUGLAS"}},
		{Code: "7a", Level: data.CommunityArea, Names: data.Names{"": "Victory"}},
		{Code: "7b", Level: data.CommunityArea, Names: data.Names{"": "Victory"}},
		{Code: "9", Level: data.Street, Names: data.Names{"": "Harbour"}},
		{Code: "91", Level: data.CommunityArea, Names: data.Names{"": "Harbour"}},
	})
	f := func(given, want string) {
		t.Helper()
		got, ok := g.Find(given)
		if got != want || ok != (want != "") {
			t.Errorf("Find(%q) = %q, %v; want %q", given, got, ok, want)
		}
	}
	f("110101", "110101")
	f(" 110101 ", "110101")
	f("dongcheng", "110101")
	f("东城区", "110101")
	f("和平里街道", "110101001")
	f("035", "35")
	f("Douglas", "35")
	f("7A", "7a")
	f("Victory", "") // two of one level
	f("harbour", "91")
	f("0", "")
	f("", "")
	f("elsewhere", "")
	for given, want := range map[string]bool{"Victory": true, " victory": true, "Douglas": false, "elsewhere": false, "": false} {
		if g.Several(given) != want {
			t.Errorf("Several(%q) = %t, want %t", given, !want, want)
		}
	}
	if !g.Agree("110101", "110101001") || !g.Agree("110101001", "110101") || g.Agree("35", "7a") {
		t.Error("Agree: a street and its district agree, two areas do not")
	}
}
