package geo

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// sharesOf returns the share of each cell inside an outline.
func sharesOf(t testing.TB, outline orb.MultiPolygon, cells []Cell) []float64 {
	t.Helper()
	region, err := NewRegion(outline)
	if err != nil {
		t.Fatal(err)
	}
	shares, err := region.Shares(cells, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return shares
}

// TestSharesAreThoseOfSF compares intersections of cells with communities, and what
// is carried from one to the other by them, with st_interpolate_aw of sf 1.0-9 in
// an equal-area projection of the ellipsoid.
func TestSharesAreThoseOfSF(t *testing.T) {
	const name, tolerance = "S1_disk_suzhou_r9", 1e-4
	folder := filepath.Join("..", "..", "shared", "oracles")
	text, err := os.ReadFile(filepath.Join(folder, "areal", name+"_communities.geojson"))
	if err != nil {
		t.Skip("there is no ../shared/oracles beside the checkout")
	}
	communities, err := geojson.UnmarshalFeatureCollection(text)
	if err != nil {
		t.Fatal(err)
	}
	table := readColumns(t, filepath.Join(folder, "grids", name, "cells.csv"))
	ellipsoid := readColumns(t, filepath.Join(folder, "grids", name, "areas_geodesic.csv"))
	want := readColumns(t, filepath.Join(folder, "areal", name+"_intersections.csv"))
	toCells := readColumns(t, filepath.Join(folder, "areal", name+"_community_to_cell.csv"))
	var toCommunities struct {
		Sums []struct{ Count, Pop float64 } `json:"cell_to_community"`
	}
	if text, err = os.ReadFile(filepath.Join(folder, "areal", name+"_cell_to_community.json")); err == nil {
		err = json.Unmarshal(text, &toCommunities)
	}
	if err != nil {
		t.Fatal(err)
	}
	cells := make([]Cell, len(table["h3"]))
	for i, s := range table["h3"] {
		if cells[i], err = ParseCell(s); err != nil {
			t.Fatal(err)
		}
	}
	carried := make([]float64, len(cells))
	for id, f := range communities.Features {
		// What is straight in the projection is all but straight on the globe, and not
		// in longitude and latitude: 0.3 m in the middle of an edge of 5 km.
		ring := f.Geometry.(orb.Polygon)[0]
		outline := orb.MultiPolygon{{bend(ring[:len(ring)-1], 32)}}
		shares := sharesOf(t, outline, cells)
		recorded := make([]float64, len(cells))
		for n, i := range want["i"] {
			if cell := int(number(t, i)); want["id"][n] == strconv.Itoa(id) {
				recorded[cell] = number(t, want["area_m2"][n]) / (1e6 * number(t, ellipsoid["area_geod_km2"][cell]))
			}
		}
		count, people := 0.0, 0.0
		for i, share := range shares {
			if math.Abs(share-recorded[i]) > tolerance {
				t.Errorf("%.7f of cell %s lie in community %d, want %.7f", share, cells[i], id, recorded[i])
			}
			count += share * number(t, table["count"][i])
			people += share * number(t, table["pop"][i])
			carried[i] += share * float64(cells[i].Area()) / float64(AreaOf(outline)) * f.Properties["residents"].(float64)
		}
		if sums := toCommunities.Sums[id]; math.Abs(count/sums.Count-1) > tolerance || math.Abs(people/sums.Pop-1) > tolerance {
			t.Errorf("community %d has %v events and %v people, want %v and %v", id, count, people, sums.Count, sums.Pop)
		}
	}
	for n, i := range toCells["i"] {
		cell, residents := int(number(t, i)), toCells["residents"][n]
		if residents == "NA" {
			continue
		}
		if math.Abs(carried[cell]-number(t, residents)) > tolerance*number(t, residents) {
			t.Errorf("cell %s has %v residents, want %s", cells[cell], carried[cell], residents)
		}
	}
}

// TestSharesAddUpToTheArea: over all cells that an outline touches, at any
// resolution and anywhere on the globe, shares times areas are its area, and the
// two sides of a border make whole cells.
func TestSharesAddUpToTheArea(t *testing.T) {
	star := func(lon, lat, size float64, seed uint64) orb.Ring {
		rng := rand.New(rand.NewPCG(seed, 7))
		var ring orb.Ring
		for i := range 40 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / 40)
			r := size * (0.4 + 0.6*rng.Float64())
			ring = append(ring, orb.Point{lon + r*cos/math.Cos(radians(lat)), lat + r*sin})
		}
		return append(ring, ring[0])
	}
	scale := func(ring orb.Ring, at orb.Point, by float64) orb.Ring {
		out := make(orb.Ring, len(ring))
		for i, p := range ring {
			out[i] = orb.Point{at[0] + by*(p[0]-at[0]), at[1] + by*(p[1]-at[1])}
		}
		return out
	}
	f := func(name string, outline orb.MultiPolygon, r Resolution) {
		t.Helper()
		cells, err := Cover(outline, r, Overlap)
		if err != nil {
			t.Fatal(err)
		}
		// A ring of cells more shows that nothing outside has a share.
		cells = widen(cells)
		sum := 0.0
		for i, s := range sharesOf(t, outline, cells) {
			if s < 0 || s > 1 {
				t.Errorf("%s: share %v of cell %s", name, s, cells[i])
			}
			sum += s * float64(cells[i].Area())
		}
		// Below resolution 7 edges of cells are bent by chords.
		tolerance := 1e-6
		if r < 7 {
			tolerance = 1e-3
		}
		if want := float64(AreaOf(outline)); math.Abs(sum/want-1) > tolerance {
			t.Errorf("%s at resolution %d: shares add up to %v m², want %v", name, r, sum, want)
		}
	}
	at := orb.Point{120.6, 31.3}
	shell := star(at[0], at[1], 0.02, 1)
	f("an island", orb.MultiPolygon{{shell}}, 9)
	f("an island smaller than a cell", orb.MultiPolygon{{star(at[0], at[1], 0.0005, 2)}}, 8)
	f("a ring", orb.MultiPolygon{{shell, scale(shell, at, 0.5)}}, 10)
	f("two islands", orb.MultiPolygon{{shell}, {star(at[0]+0.05, at[1], 0.02, 3)}}, 9)
	f("across the antimeridian", orb.MultiPolygon{{star(180, -17, 0.05, 4)}}, 8)
	f("a region", orb.MultiPolygon{{star(30, 60, 2, 5)}}, 5)
	f("beside a pentagon", orb.MultiPolygon{{star(Pentagons(7)[3].Centre()[0], Pentagons(7)[3].Centre()[1], 0.05, 6)}}, 7)
}

// TestSharesOfBothSides cuts a disk of cells in two by a crooked line, and compares
// each share with those of many points.
func TestSharesOfBothSides(t *testing.T) {
	cells := Cell(0x8931aa5085bffff).Disk(6)
	at := cells[len(cells)/2].Centre()
	rng := rand.New(rand.NewPCG(8, 8))
	var line orb.Ring
	for i := range 60 {
		line = append(line, orb.Point{at[0] - 0.06 + 0.002*float64(i), at[1] + 0.01*(rng.Float64()-0.5)})
	}
	side := func(lat float64) orb.MultiPolygon {
		ring := append(slices.Clone(line), orb.Point{at[0] + 0.06, lat}, orb.Point{at[0] - 0.06, lat})
		return orb.MultiPolygon{{append(ring, ring[0])}}
	}
	south, north := sharesOf(t, side(at[1]-0.1), cells), sharesOf(t, side(at[1]+0.1), cells)
	region, err := NewRegion(side(at[1] - 0.1))
	if err != nil {
		t.Fatal(err)
	}
	parted := 0
	for i, c := range cells {
		if math.Abs(south[i]+north[i]-1) > 1e-9 {
			t.Errorf("cell %s: %v and %v are no whole", c, south[i], north[i])
		}
		if south[i] > 0 && south[i] < 1 {
			parted++
		}
		children, err := c.Children(c.Resolution() + 4)
		if err != nil {
			t.Fatal(err)
		}
		in := 0.0
		for _, child := range children {
			if region.Contains(child.Centre()) {
				in++
			}
		}
		if in /= float64(len(children)); math.Abs(in-south[i]) > 0.06 {
			t.Errorf("cell %s: share %v, of its children %v", c, south[i], in)
		}
	}
	if parted < 10 {
		t.Errorf("the line parts %d cells", parted)
	}
}

// TestSharesRefuse what is no set of cells, and too long a border.
func TestSharesRefuse(t *testing.T) {
	cells := Cell(0x8931aa5085bffff).Disk(2)
	at := cells[0].Centre()
	region, err := NewRegion(orb.MultiPolygon{{{{at[0] - 1, at[1] - 1}, {at[0] + 1, at[1] - 1}, {at[0], at[1] + 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	f := func(cells ...Cell) {
		t.Helper()
		if _, err := region.Shares(cells, 1<<20); err == nil {
			t.Errorf("%v went through", cells)
		}
	}
	f(cells[1], cells[0])
	f(cells[0], cells[0])
	f(cells[0], NoCell)
	f(cells[0].Parent(8), cells[len(cells)-1])
	var many *TooManyCellsError
	if _, err := region.Shares(cells, 10); !errors.As(err, &many) {
		t.Errorf("a border of more cells than allowed: %v", err)
	}
	if shares, err := region.Shares(nil, 0); err != nil || len(shares) != 0 {
		t.Errorf("shares of no cell: %v, %v", shares, err)
	}
}

func BenchmarkShares(b *testing.B) {
	at := orb.Point{120.6, 31.3}
	var ring orb.Ring
	for i := range 5000 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 5000)
		r := 0.2 * (1 + 0.05*math.Sin(float64(i)/7))
		ring = append(ring, orb.Point{at[0] + r*cos, at[1] + r*sin})
	}
	outline := orb.MultiPolygon{{append(ring, ring[0])}}
	cells, err := Cover(outline, 9, Overlap)
	if err != nil {
		b.Fatal(err)
	}
	region, err := NewRegion(outline)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := region.Shares(cells, MaxCover); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(cells))*float64(b.N)/b.Elapsed().Seconds(), "cells/s")
}
