package stats

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestPublishedMaps compares with spdep on maps of polygons that textbooks use.
func TestPublishedMaps(t *testing.T) {
	dir := sharedOracles(t)
	dev := worst{name: "published maps"}
	for _, name := range []string{"columbus_crime", "nc_sids_1974", "getisord_1996"} {
		cells := readTable(t, dir, "published", name, "cells.csv")
		x, edges := cells.floats(t, "x"), readTable(t, dir, "published", name, "neighbours.csv")
		lists := make([][]int32, len(x))
		from, to := edges.ints(t, "i"), edges.ints(t, "j")
		for e := range from {
			lists[from[e]] = append(lists[from[e]], int32(to[e]))
		}
		binary := makeWeights(t, lists, nil, true)
		global := readParts(t, dir, "published", name, "global.json")
		for suffix, w := range map[string]Weights{"_B": binary, "_W": binary.RowStandardised()} {
			compareMoran(t, &dev, cells, suffix, x, w, name+suffix)
			compareGeary(t, &dev, cells.floats(t, "geary_c"+suffix), x, w, name+suffix)
			moran, err := GlobalMoran(x, nil, w)
			if err != nil {
				t.Fatal(err)
			}
			recorded := global["moran"+suffix]
			dev.near(t, moran.Value, recorded["I"], 1e-9, "%s: I", name+suffix)
			dev.near(t, moran.Variance, recorded["V_rand"], 1e-9, "%s: V of I", name+suffix)
			geary, err := GlobalGeary(x, nil, w)
			if err != nil {
				t.Fatal(err)
			}
			dev.near(t, geary.Value, global["geary"+suffix]["C"], 1e-9, "%s: C", name+suffix)
			dev.near(t, geary.Variance, global["geary"+suffix]["V_rand"], 1e-9, "%s: V of C", name+suffix)
		}
		g, err := GeneralG(x, nil, binary)
		if err != nil {
			t.Fatal(err)
		}
		dev.near(t, g.Value, global["generalG_B"]["G"], 1e-9, "%s: G", name)
		dev.near(t, g.Variance, global["generalG_B"]["V"], 1e-9, "%s: V of G", name)
		if cells["assuncao_reis_z"] != nil {
			compareRates(t, &dev, cells, "assuncao_reis_z", name)
		}
	}
	dev.log(t)
}

// readParts reads the entries of a file that hold numbers by name.
func readParts(t *testing.T, path ...string) map[string]map[string]float64 {
	t.Helper()
	var all map[string]json.RawMessage
	readJSON(t, &all, path...)
	parts := map[string]map[string]float64{}
	for key, text := range all {
		var one map[string]float64
		if json.Unmarshal(text, &one) == nil {
			parts[key] = one
		}
	}
	return parts
}

// TestPublishedMoran reproduces figures that textbooks print, with neighbours as
// published: homicide rates around St. Louis (Messner et al. 1999) and rates of
// sudden infant death in North Carolina (Cressie 1993); and Guerry's moral
// statistics of France as Dray and Jombart (2011) have them, departments being
// neighbours that share a corner.
func TestPublishedMoran(t *testing.T) {
	folder := filepath.Join(sharedOracles(t), "..", "data", "reference")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("no shared/data beside the checkout")
	}
	f := func(what string, w Weights, rate []float64, want, tolerance float64) {
		t.Helper()
		moran, err := GlobalMoran(rate, nil, w.RowStandardised())
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(moran.Value-want) > tolerance {
			t.Errorf("Moran's I of %s = %.9f, want %v", what, moran.Value, want)
		}
		t.Logf("%s: I = %.9f, published %v", what, moran.Value, want)
	}
	homicides := readTable(t, folder, "stl_hom.csv")
	ids := make([]string, len(homicides["FIPSNO"]))
	for i := range ids {
		ids[i] = strconv.Itoa(i + 1)
	}
	f("HR8893", readGAL(t, filepath.Join(folder, "stl.gal"), ids), perHead(t, homicides, "HC8893", "PO8893"), 0.2436558, 5e-8)
	deaths := readFeatures(t, filepath.Join(folder, "sids2.geojson.gz"))
	f("SIDR74", readGAL(t, filepath.Join(folder, "sids2.gal"), deaths["FIPSNO"]), deaths.floats(t, "SIDR74"), 0.247725193204801, 1e-12)
	guerry := filepath.Join(folder, "guerry.geojson.gz")
	france, corners := readFeatures(t, guerry), touchingCorners(t, guerry)
	for column, published := range map[string]float64{
		"Crm_prs": 0.411, "Crm_prp": 0.264, "Litercy": 0.718, "Donatns": 0.353, "Infants": 0.229, "Suicids": 0.402,
	} {
		f(column, corners, france.floats(t, column), published, 5e-4)
	}
}

// touchingCorners returns which polygons of a compressed GeoJSON file share a
// corner.
func touchingCorners(t *testing.T, path string) Weights {
	t.Helper()
	var collection struct {
		Features []struct{ Geometry struct{ Coordinates any } }
	}
	decodeGzip(t, path, &collection)
	at := map[string][]int32{} // units by corner
	for unit, feature := range collection.Features {
		eachCorner(feature.Geometry.Coordinates, func(corner string) {
			if units := at[corner]; !slices.Contains(units, int32(unit)) {
				at[corner] = append(units, int32(unit))
			}
		})
	}
	lists := make([][]int32, len(collection.Features))
	for _, units := range at {
		for _, i := range units {
			for _, j := range units {
				if i != j && !slices.Contains(lists[i], j) {
					lists[i] = append(lists[i], j)
				}
			}
		}
	}
	return graph(t, lists...)
}

func eachCorner(coordinates any, visit func(string)) {
	list, ok := coordinates.([]any)
	if !ok {
		return
	}
	if _, ok := list[0].(float64); ok {
		visit(fmt.Sprint(list...))
		return
	}
	for _, part := range list {
		eachCorner(part, visit)
	}
}

func perHead(t *testing.T, units table, events, people string) []float64 {
	t.Helper()
	rate, exposure := units.floats(t, events), units.floats(t, people)
	for i := range rate {
		rate[i] /= exposure[i]
	}
	return rate
}

// readGAL reads binary weights in the format of GeoDa: after a line for the
// whole, two lines for each unit, the second with the ids of its neighbours.
func readGAL(t *testing.T, path string, ids []string) Weights {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lists := make([][]int32, len(ids))
	lines := strings.Split(strings.ReplaceAll(string(text), "\r", ""), "\n")
	for at := 1; at+1 < len(lines); at += 2 {
		unit := slices.Index(ids, strings.Fields(lines[at])[0])
		for _, id := range strings.Fields(lines[at+1]) {
			lists[unit] = append(lists[unit], int32(slices.Index(ids, id)))
		}
	}
	w, err := NeighbourLists(lists)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// readFeatures reads the properties of a compressed GeoJSON file by name.
func readFeatures(t *testing.T, path string) table {
	t.Helper()
	var collection struct {
		Features []struct{ Properties map[string]any }
	}
	decodeGzip(t, path, &collection)
	columns := table{}
	for _, feature := range collection.Features {
		for name, value := range feature.Properties {
			columns[name] = append(columns[name], fmt.Sprint(value))
		}
	}
	return columns
}

func decodeGzip(t *testing.T, path string, into any) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(plain).Decode(into); err != nil {
		t.Fatal(err)
	}
}
