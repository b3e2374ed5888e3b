package storetest

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
)

func lists() []promise {
	return []promise{
		{"communities come back whole, by code and validity", communitiesKept},
		{"a community of equal code and beginning is replaced", communitiesReplaced},
		{"bad communities are refused whole", communitiesBad},
	}
}

// someCommunities returns communities in the order of data.Catalog: versions,
// holes, parts, none of it, all of it. They are the caller's own.
func someCommunities() []data.Community {
	day := func(d int) time.Time { return time.Date(2020, 1, d, 0, 0, 0, 1000, time.UTC) }
	square := func(lon, lat, size float64) orb.Ring {
		return orb.Ring{{lon, lat}, {lon + size, lat}, {lon + size, lat + size}, {lon, lat + size}, {lon, lat}}
	}
	hole := square(116.41, 39.91, 0.01)
	hole.Reverse()
	return []data.Community{
		{
			Code: "110105", Level: data.District, Parent: "110000", Population: 3_452_460, HasPopulation: true, Responsible: "朝阳区城管委",
			Names:   data.Names{"zh-Hans": "朝阳区", "en": "Chaoyang \"District\"", "": "朝阳"},
			Outline: orb.MultiPolygon{{square(116.4, 39.9, 0.1), hole}, {square(116.6, 1.0/3, 0.1)}},
		},
		{Code: "110105001", Level: data.Street, Parent: "110105", ValidTo: day(5)},
		{Code: "110105001", Level: data.Street, Parent: "110105", ValidFrom: day(5), ValidTo: day(9), HasPopulation: true},
		{Code: "110105001", Level: data.Street, Parent: "110105", ValidFrom: day(9), Outline: orb.MultiPolygon{{square(-180, -90, 1e-9)}}},
		{Code: "a", Level: data.UnitGrid, ValidFrom: time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
}

func putCommunities(t *testing.T, s data.Store, communities ...data.Community) int64 {
	t.Helper()
	n, err := s.PutCommunities(context.Background(), communities)
	if err != nil {
		t.Fatalf("PutCommunities: %v", err)
	}
	return n
}

func wantCommunities(t *testing.T, s data.Store, want []data.Community) {
	t.Helper()
	got, err := s.Communities(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("communities (-want +got):\n%s", diff)
	}
}

func communitiesKept(t *testing.T, s data.Store) {
	wantCommunities(t, s, nil)
	shuffled := someCommunities()
	shuffled[0], shuffled[3], shuffled[4], shuffled[2] = shuffled[4], shuffled[0], shuffled[2], shuffled[3]
	if n := putCommunities(t, s, shuffled...); n != int64(len(shuffled)) {
		t.Errorf("%d communities changed, want %d", n, len(shuffled))
	}
	wantCommunities(t, s, someCommunities())
	before := version(t, s)
	elsewhere := someCommunities()
	for i := range elsewhere {
		if from := elsewhere[i].ValidFrom; !from.IsZero() {
			elsewhere[i].ValidFrom = from.In(time.FixedZone("", 8*3600)).Add(999) // less than a microsecond
		}
	}
	if n := putCommunities(t, s, elsewhere...); n != 0 {
		t.Errorf("%d communities changed, want none", n)
	}
	wantCommunities(t, s, someCommunities())
	if version(t, s) != before {
		t.Error("Version changed")
	}
}

func communitiesReplaced(t *testing.T, s data.Store) {
	putCommunities(t, s, someCommunities()...)
	want := someCommunities()
	want[1].Responsible, want[3].Outline = "someone else", nil
	if n := putCommunities(t, s, want[3], want[2], want[1]); n != 2 {
		t.Errorf("%d communities changed, want 2", n)
	}
	wantCommunities(t, s, want)
}

func communitiesBad(t *testing.T, s data.Store) {
	good := data.Community{Code: "good", Level: data.City}
	bad := func(change func(*data.Community)) data.Community {
		c := data.Community{Code: "bad", Level: data.City}
		change(&c)
		return c
	}
	for name, c := range map[string]data.Community{
		"no code":       bad(func(c *data.Community) { c.Code = "" }),
		"no level":      bad(func(c *data.Community) { c.Level = "" }),
		"not finite":    bad(func(c *data.Community) { c.Outline = orb.MultiPolygon{{{{0, 0}, {math.NaN(), 1}, {1, 1}, {0, 0}}}} }),
		"infinite":      bad(func(c *data.Community) { c.Outline = orb.MultiPolygon{{{{0, 0}, {math.Inf(1), 1}, {1, 1}, {0, 0}}}} }),
		"an empty ring": bad(func(c *data.Community) { c.Outline = orb.MultiPolygon{{{}}} }),
		"no rings":      bad(func(c *data.Community) { c.Outline = orb.MultiPolygon{{}} }),
		"ends too soon": bad(func(c *data.Community) { c.ValidFrom, c.ValidTo = time.UnixMicro(2), time.UnixMicro(1) }),
	} {
		if _, err := s.PutCommunities(context.Background(), []data.Community{good, c}); err == nil {
			t.Errorf("%s: PutCommunities gave no error", name)
		}
	}
	wantCommunities(t, s, nil)
}
