package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

func versions() []promise {
	return []promise{
		{"every store gives the same content the same version", versionOfContent},
		{"the version depends on the rows and not on how they came", versionOfAnyOrder},
		{"the version changes with everything it stands for", versionChanges},
		{"the version leaves out reports, imports and history", versionIgnores},
	}
}

// wantVersion is the version of the content of versionOfContent. It changes only
// with data.SchemaOf and data.VersionOf themselves; the stores only have to agree.
const wantVersion = "229833f8e39c1503"

func versionOfContent(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a", Row{"updated_at": at(1), "lon": 116.4, "lat": 39.9, "cell_9": geo.Cell(0x8931aa50003ffff)}), fact("b"))
	put(t, s, data.Inspections, someInspections(5)...)
	putCommunities(t, s, someCommunities()...)
	if got := version(t, s); got != wantVersion {
		t.Errorf("Version is %s, want %s", got, wantVersion)
	}
}

// versionOfAnyOrder appends three versions of each of 200 facts, shuffled, in
// batches of all sizes, and compares with what one batch of the last versions
// would give.
func versionOfAnyOrder(t *testing.T, s data.Store) {
	random := rand.New(rand.NewPCG(3, 4))
	schema := s.Schema(data.Incidents)
	var rows, last []Row
	for i := range 200 {
		for v := range 3 {
			r := fact(fmt.Sprint(i), Row{"updated_at": at(v), "category": fmt.Sprint(v), "cell_7": geo.Cell(1000*i + v + 1)})
			rows = append(rows, r)
			if v == 2 {
				last = append(last, r)
			}
		}
	}
	sum := uint64(0)
	for _, r := range data.Revisions(Batch(schema, last...)) {
		sum += r.Digest()
	}
	settings, err := s.Settings(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := data.VersionOf(map[data.Dataset]uint64{data.Incidents: sum}, nil, settings)
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	for len(rows) > 0 {
		n := min(len(rows), 1+random.IntN(60))
		put(t, s, data.Incidents, rows[:n]...)
		rows = rows[n:]
	}
	wantRows(t, s, data.Incidents, last...)
	if got := version(t, s); got != want {
		t.Errorf("Version is %s, want %s", got, want)
	}
}

func versionChanges(t *testing.T, s data.Store) {
	seen := map[string]string{}
	step := func(what string, do func()) {
		t.Helper()
		do()
		v := version(t, s)
		if before, ok := seen[v]; ok {
			t.Errorf("Version after %s is that after %s", what, before)
		}
		seen[v] = what
	}
	a, b := geo.Cell(0x8931aa50003ffff), geo.Cell(0x8931aa50007ffff)
	step("nothing", func() {})
	step("settings", func() { putSettings(t, s, data.Settings{Zone: "Asia/Shanghai"}) })
	step("one row", func() { put(t, s, data.Incidents, fact("a", Row{"cell_9": a})) })
	step("another", func() { put(t, s, data.Incidents, fact("b", Row{"cell_9": b})) })
	step("a replaced one", func() { put(t, s, data.Incidents, fact("b", Row{"cell_9": b, "category": "x"})) })
	step("a restamped one", func() { put(t, s, data.Incidents, fact("b", Row{"category": "x"})) })
	step("the other stamp", func() { put(t, s, data.Incidents, fact("a")) })
	step("swapped stamps", func() {
		put(t, s, data.Incidents, fact("a", Row{"cell_9": b}), fact("b", Row{"category": "x", "cell_9": a}))
	})
	step("a resource", func() { put(t, s, data.Resources, Row{"source": "s", "id": "a", "location": "none"}) })
	for i, c := range someCommunities() {
		step(fmt.Sprint("community ", i), func() { putCommunities(t, s, c) })
	}
	changed := someCommunities()[0]
	changed.Outline[0][0][0][0] += 1e-9
	changed.Outline[0][0][len(changed.Outline[0][0])-1][0] += 1e-9
	step("a moved corner", func() { putCommunities(t, s, changed) })
	changed.Population++
	step("one inhabitant more", func() { putCommunities(t, s, changed) })
}

func versionIgnores(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a"))
	before := version(t, s)
	ctx := context.Background()
	if err := s.PutReport(ctx, data.Report{Dataset: data.Incidents, Rows: 1}); err != nil {
		t.Fatal(err)
	}
	if err := s.PutImport(ctx, data.Import{ID: "x"}); err != nil {
		t.Fatal(err)
	}
	put(t, s, data.Incidents, fact("a", Row{"category": "x"}))
	put(t, s, data.Incidents, fact("a"))
	if after := version(t, s); after != before {
		t.Errorf("Version went from %s to %s", before, after)
	}
}
