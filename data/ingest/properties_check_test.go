package ingest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

func TestBoundaryOptionsAreCheckedBeforeAnything(t *testing.T) {
	f := func(name string, o ingest.BoundaryOptions, properties, want string) {
		t.Helper()
		store := newStore()
		r, err := ingest.Boundaries(context.Background(), store, features(box(properties, 1, 1, 2, 2)), o, nil)
		if err == nil || !strings.Contains(err.Error(), want) || len(r.Rejects) > 0 {
			t.Errorf("%s: %v, rejects %v; want an error with %q and none", name, err, r.Rejects, want)
		}
	}
	const plain = `"id":"1","title":"x"`
	street := func(o ingest.BoundaryOptions) ingest.BoundaryOptions {
		o.Level = data.Street
		return o
	}
	f("no level", ingest.BoundaryOptions{}, plain, "say what the areas are: --level district (or --level-property NAME; properties are id, title)")
	f("a level that says nothing", ingest.BoundaryOptions{}, `"id":"1","level":"7"`, `say what the areas are: --level district`)
	f("no such level property", ingest.BoundaryOptions{LevelProperty: "kind"}, plain, `--level-property: no area has a property "kind"; properties are id, title`)
	f("no such code", street(ingest.BoundaryOptions{Code: "cod"}), plain, `--code: no area has a property "cod"; properties are id, title`)
	f("no such name", street(ingest.BoundaryOptions{Name: "nom"}), plain, `--name: no area`)
	f("no such parent", street(ingest.BoundaryOptions{Parent: "up"}), plain, `--parent: no area`)
	f("no such population", street(ingest.BoundaryOptions{Population: "people"}), plain, `--population: no area`)
	f("no such translation", street(ingest.BoundaryOptions{Names: map[string]string{"en": "english"}}), plain, `name in en: no area`)
	f("a language we do not speak", street(ingest.BoundaryOptions{Language: "zh"}), plain, `language "zh": want one of en, zh-Hans, zh-Hant`)
	f("a translation we do not speak", street(ingest.BoundaryOptions{Names: map[string]string{"fr": "title"}}), plain, `language "fr"`)
}

func TestLevelsAreReadInChinese(t *testing.T) {
	f := func(word string, want data.Level) {
		t.Helper()
		r := boundaries(t, newStore(), features(box(`"代码":"1","级别":"`+word+`"`, 1, 1, 2, 2)), ingest.BoundaryOptions{})
		if len(r.Communities) != 1 || r.Communities[0].Level != want {
			t.Errorf("%s: %+v, want level %s", word, r.Communities, want)
		}
	}
	f("区县", data.District)
	f("街道", data.Street)
	f("乡镇", data.Street)
	f("社区", data.CommunityArea)
	f("村", data.CommunityArea)
	f("网格", data.UnitGrid)
	f("unit_grid", data.UnitGrid)
}
