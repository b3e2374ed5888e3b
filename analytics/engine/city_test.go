package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
)

// The city of these tests lies at the south-west corner (lon0, lat0) and is
// made of squares of 0.02 degrees: two districts side by side, in each two
// streets, the southern one first, in each two communities, the western first.
const (
	lon0, lat0 = 113.90, 22.50
	side       = 0.02
)

// rectangle returns the outline from column x1 to x2 and row y1 to y2.
func rectangle(x1, y1, x2, y2 float64) orb.MultiPolygon {
	west, south, east, north := lon0+x1*side, lat0+y1*side, lon0+x2*side, lat0+y2*side
	return orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
}

// cityOf returns the communities of the city.
func cityOf() []data.Community {
	var all []data.Community
	for d := range 2 {
		x, district := float64(2*d), fmt.Sprintf("D%d", d+1)
		all = append(all, data.Community{
			Code: district, Level: data.District, Outline: rectangle(x, 0, x+2, 2),
			Names: data.Names{"en": "District " + district, "zh-Hans": "区" + district},
		})
		for s := range 2 {
			y, street := float64(s), fmt.Sprintf("%sS%d", district, s+1)
			all = append(all, data.Community{Code: street, Level: data.Street, Parent: district, Outline: rectangle(x, y, x+2, y+1)})
			for c := range 2 {
				x := x + float64(c)
				all = append(all, data.Community{Code: fmt.Sprintf("%sC%d", street, c+1), Level: data.CommunityArea, Parent: street, Outline: rectangle(x, y, x+1, y+1)})
			}
		}
	}
	return all
}

// A kase is one incident; zero times are missing, and so is a zero point.
type kase struct {
	id, status, category, verdict string
	community                     string // as stamped
	party                         string // who answers for it
	point                         orb.Point
	reported, closed, due         time.Time
	updated                       time.Time
}

// code returns the community that holds a point of the city, "" outside.
func code(p orb.Point) string {
	x, y := (p[0]-lon0)/side, (p[1]-lat0)/side
	if x < 0 || x >= 4 || y < 0 || y >= 2 {
		return ""
	}
	return fmt.Sprintf("D%dS%dC%d", int(x)/2+1, int(y)+1, int(x)%2+1)
}

// fallback is the default location of the city: in D2S1C1.
var fallback = orb.Point{lon0 + 2.5*side, lat0 + 0.5*side}

// start is when the facts of the city begin: 1 January 2024, local time.
var start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.FixedZone("CST", 8*3600))

// incidents makes incidents of the city: inside and outside, with nothing but
// a code of any level, without a place, and at the default location; states and
// times in any order.
func incidents(seed uint64, n int) []kase {
	rng := rand.New(rand.NewPCG(seed, 3))
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	hours := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	maybe := func(after int) time.Time {
		if rng.IntN(4) == 0 {
			return time.Time{}
		}
		return hours(after + rng.IntN(600) - 20)
	}
	all := make([]kase, n)
	for i := range all {
		reported := rng.IntN(180 * 24)
		k := kase{
			id: fmt.Sprintf("%05d", i), category: pick("noise", "waste", "light"), verdict: pick("", data.VerdictOnTime, data.VerdictLate),
			status:   pick(data.StatusOpen, data.StatusClosed, data.StatusClosed, data.StatusSuspended, data.StatusVoid),
			reported: hours(reported), closed: maybe(reported), due: maybe(reported),
		}
		switch rng.IntN(12) {
		case 0: // outside, near and far
			k.point = orb.Point{lon0 - side*rng.Float64(), lat0 + 4*side*rng.Float64()}
		case 1:
			k.community = pick("D1", "D2", "D1S1", "D2S2", "D1S2C2", "D2S1C1")
		case 2: // nowhere
		case 3:
			k.point = fallback
		default:
			k.point = orb.Point{lon0 + 4*side*rng.Float64(), lat0 + 2*side*rng.Float64()}
		}
		if k.point != (orb.Point{}) {
			k.community = code(k.point)
		}
		all[i] = k
	}
	return all
}

// batchOf makes the rows of a store of cases.
func batchOf(t testing.TB, columns []data.Column, cases []kase) data.Batch {
	t.Helper()
	b := data.NewBuilder(columns)
	text := func(i int, word string) {
		if word == "" {
			b.Missing(i)
		} else {
			b.SetText(i, word)
		}
	}
	instant := func(i int, at time.Time) {
		if at.IsZero() {
			b.Missing(i)
		} else {
			b.SetInt(i, at.UnixMicro())
		}
	}
	for _, k := range cases {
		located := k.point != (orb.Point{})
		for i, c := range columns {
			switch {
			case c.Name == "source":
				text(i, "311")
			case c.Name == "id":
				text(i, k.id)
			case c.Private && c.Name != data.Withdrawn:
				text(i, "private "+k.id)
			case c.Name == "status":
				text(i, k.status)
			case c.Name == "category":
				text(i, k.category)
			case c.Name == "responsible":
				text(i, k.party)
			case c.Name == "verdict":
				text(i, k.verdict)
			case c.Name == "community":
				text(i, k.community)
			case c.Name == "location" && located:
				text(i, data.LocationPoint)
			case c.Name == "location" && k.community != "":
				text(i, data.LocationArea)
			case c.Name == "location":
				text(i, data.LocationNone)
			case c.Name == "reported_at":
				instant(i, k.reported)
			case c.Name == "updated_at":
				instant(i, k.updated)
			case c.Name == "closed_at":
				instant(i, k.closed)
			case c.Name == "due_at":
				instant(i, k.due)
			case c.Name == "lon" && located:
				b.SetFloat(i, k.point[0])
			case c.Name == "lat" && located:
				b.SetFloat(i, k.point[1])
			case c.Type == data.Cell && located:
				b.SetCell(i, cellOf(t, c.Name, k.point))
			default:
				b.Missing(i)
			}
		}
	}
	return b.Build()
}

// cellOf returns what stands in a column of cells for a point.
func cellOf(t testing.TB, column string, p orb.Point) geo.Cell {
	t.Helper()
	for r := range geo.MaxResolution {
		if column == data.CellColumn(r) {
			cell, err := geo.CellAt(p, r)
			if err != nil {
				t.Fatal(err)
			}
			return cell
		}
	}
	t.Fatalf("%s is no column of cells", column)
	return geo.NoCell
}

// reportOn makes the quality report on cases, as far as the engine reads it.
func reportOn(cases []kase) data.Report {
	r := data.Report{Dataset: data.Incidents, Rows: int64(len(cases))}
	at := data.DefaultLocation{PileUp: data.PileUp{Lon: fallback[0], Lat: fallback[1]}, Reason: "The geocoder's default."}
	for i, k := range cases {
		if i == 0 || k.reported.Before(r.First) {
			r.First = k.reported.UTC()
		}
		if k.reported.After(r.Last) {
			r.Last = k.reported.UTC()
		}
		for _, past := range []time.Time{k.reported, k.closed} {
			if past.After(r.Horizon) {
				r.Horizon = past.UTC()
			}
		}
		if k.point == fallback {
			at.Rows++
		}
	}
	if at.Rows > 0 {
		r.Defaults = []data.DefaultLocation{at}
	}
	return r
}

// storeOf keeps communities and cases in memory, in batches of a size.
func storeOf(t testing.TB, zone string, communities []data.Community, cases []kase, size int) *memory.Store {
	t.Helper()
	store := memory.New()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(store.PutSettings(t.Context(), data.Settings{Zone: zone}))
	_, err := store.PutCommunities(t.Context(), communities)
	must(err)
	for part := range slices.Chunk(cases, size) {
		_, err := store.Append(t.Context(), data.Incidents, data.Chunk{}, batchOf(t, store.Schema(data.Incidents), part))
		must(err)
	}
	must(store.PutReport(t.Context(), reportOn(cases)))
	return store
}

// shanghai is an engine on the city, and its cases.
func shanghai(t testing.TB) (*Engine, []kase) {
	t.Helper()
	cases := incidents(1, 2000)
	return New(storeOf(t, "Asia/Shanghai", cityOf(), cases, 300), Options{}), cases
}

func run(t testing.TB, e *Engine, name string, given map[string]string) *analytics.Layer {
	t.Helper()
	layer, err := e.Run(t.Context(), name, given)
	if err != nil {
		t.Fatalf("%s %v: %v", name, given, err)
	}
	return layer
}

// count returns an item of the summary, 0 where there is none.
func count(layer *analytics.Layer, key string) int64 {
	for _, item := range layer.Summary {
		if item.Key == key {
			return item.Value.(int64)
		}
	}
	return 0
}
