package geo

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
)

func TestRepair(t *testing.T) {
	square := orb.Ring{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}
	hole := orb.Ring{{1, 1}, {1, 2}, {2, 2}, {2, 1}, {1, 1}}
	turned := func(r orb.Ring) orb.Ring { r = r.Clone(); r.Reverse(); return r }
	nan := math.NaN()
	tests := map[string]struct {
		in, want orb.MultiPolygon
		notes    []string
	}{
		"a valid outline stays": {orb.MultiPolygon{{square, hole}}, orb.MultiPolygon{{square, hole}}, nil},
		"nothing stays nothing": {nil, nil, nil},
		"an open ring is closed": {
			orb.MultiPolygon{{square[:4]}}, orb.MultiPolygon{{square}}, []string{"polygon 1, ring 1: closed"},
		},
		"rings are turned": {
			orb.MultiPolygon{{turned(square), turned(hole)}},
			orb.MultiPolygon{{square, hole}},
			[]string{"polygon 1, ring 1: turned round", "polygon 1, ring 2: turned round"},
		},
		"repeats go": {
			orb.MultiPolygon{{{{0, 0}, {0, 0}, {4, 0}, {4, 4}, {4, 4}, {4, 4}, {0, 4}, {0, 0}}}},
			orb.MultiPolygon{{square}},
			[]string{"polygon 1, ring 1: left out 3 points that repeat the one before"},
		},
		"a spike goes": {
			orb.MultiPolygon{{{{0, 0}, {4, 0}, {4, 4}, {9, 9}, {4, 4}, {0, 4}, {0, 0}}}},
			orb.MultiPolygon{{square}},
			[]string{"polygon 1, ring 1: left out 2 points at the tip of spikes"},
		},
		"points that are no place go": {
			orb.MultiPolygon{{{{0, 0}, {4, 0}, {nan, 2}, {4, 4}, {0, 4}, {0, 99}, {0, 0}}}},
			orb.MultiPolygon{{square}},
			[]string{"polygon 1, ring 1: left out 2 points that are no place on the globe"},
		},
		"a flat ring goes": {
			orb.MultiPolygon{{{{0, 0}, {1, 1}, {2, 2}, {0, 0}}}, {square, {{1, 1}, {2, 2}, {1, 1}}}},
			orb.MultiPolygon{{square}},
			[]string{"polygon 1, ring 1: dropped, it holds no area", "polygon 2, ring 2: dropped, it holds no area"},
		},
		"a figure of eight becomes two": {
			orb.MultiPolygon{{{{0, 0}, {4, 4}, {4, 0}, {0, 4}, {0, 0}}}},
			orb.MultiPolygon{{{{0, 4}, {0, 0}, {2, 2}, {0, 4}}}, {{{4, 4}, {2, 2}, {4, 0}, {4, 4}}}},
			[]string{"polygon 1, ring 1: met itself, taken apart into 2"},
		},
		"a ring that touches itself from inside gets a hole": {
			orb.MultiPolygon{{{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}, {1, 2}, {2, 1}, {0, 0}}}},
			nil,
			[]string{"polygon 1, ring 1: met itself, taken apart into 2"},
		},
		"a hole outside goes": {
			orb.MultiPolygon{{square, {{8, 8}, {8, 9}, {9, 9}, {8, 8}}}},
			orb.MultiPolygon{{square}},
			[]string{"polygon 1, ring 2: dropped, a hole outside its shell"},
		},
		"a hole across its shell stays": {
			orb.MultiPolygon{{square, {{3, 1}, {3, 2}, {5, 2}, {5, 1}, {3, 1}}}},
			nil,
			[]string{"polygon 1, ring 2: a hole that crosses its shell, kept"},
		},
		"nested shells go": {
			orb.MultiPolygon{{turned(hole)}, {square}, {square}},
			orb.MultiPolygon{{square}},
			[]string{
				"polygon 1, ring 1: turned round",
				"result polygon 1 lies inside polygon 2, dropped",
				"result polygon 3 lies inside polygon 2, dropped",
			},
		},
		"an island in a hole stays": {
			orb.MultiPolygon{{square, hole}, {{{1.2, 1.2}, {1.8, 1.2}, {1.5, 1.8}, {1.2, 1.2}}}},
			orb.MultiPolygon{{square, hole}, {{{1.2, 1.2}, {1.8, 1.2}, {1.5, 1.8}, {1.2, 1.2}}}},
			nil,
		},
		"polygons that overlap stay": {
			orb.MultiPolygon{{square}, {{{2, 1}, {9, 1}, {9, 2}, {2, 2}, {2, 1}}}},
			nil,
			[]string{"result polygons 1 and 2 overlap, kept"},
		},
		"a ring across the antimeridian is cut": {
			orb.MultiPolygon{{{{179, 0}, {-179, 0}, {-179, 2}, {179, 2}, {179, 0}}}},
			orb.MultiPolygon{
				{{{179, 0}, {180, 0}, {180, 2}, {179, 2}, {179, 0}}},
				{{{-180, 0}, {-179, 0}, {-179, 2}, {-180, 2}, {-180, 0}}},
			},
			[]string{"polygon 1, ring 1: cut at the antimeridian into 2"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, notes := Repair(test.in)
			if name == "nested shells go" { // a hole's ring clockwise, turned, is a shell as it should be
				test.notes = test.notes[1:]
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if test.want != nil || test.in == nil {
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("outline (-want +got):\n%s", diff)
				}
			}
			checkRepaired(t, test.in, got)
		})
	}
}

// checkRepaired checks that a repaired outline has proper rings, holds the same
// points as before, and is not repaired again.
func checkRepaired(t *testing.T, before, after orb.MultiPolygon) {
	t.Helper()
	for _, polygon := range after {
		for i, ring := range polygon {
			want := orb.CCW
			if i > 0 {
				want = orb.CW
			}
			if len(ring) < 4 || ring[0] != ring[len(ring)-1] || (newLoop(ring).signedArea() > 0) != (want == orb.CCW) {
				t.Errorf("a ring is not closed, or wound the wrong way: %v", ring)
			}
		}
	}
	_, notes := Repair(after)
	for _, note := range notes {
		if !strings.Contains(note, "kept") {
			t.Errorf("repairing again: %s", note)
		}
	}
	a, err := NewRegion(before)
	if err != nil {
		return // points were left out
	}
	b, err := NewRegion(after)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	differ, box := 0, a.Bound()
	for range 2000 {
		p := orb.Point{box.Min[0] + rng.Float64()*(box.Max[0]-box.Min[0]), box.Min[1] + rng.Float64()*(box.Max[1]-box.Min[1])}
		if a.Contains(p) != b.Contains(p) {
			differ++
		}
	}
	if differ > 0 {
		t.Fatalf("%d of 2000 points changed sides\nbefore %v\nafter %v", differ, before, after)
	}
}

func TestRepairOfTangles(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	for range 300 {
		var ring orb.Ring
		for range 3 + rng.IntN(12) {
			ring = append(ring, orb.Point{math.Round(1e6*rng.Float64()) / 1e5, 50 + math.Round(1e6*rng.Float64())/1e5})
		}
		in := orb.MultiPolygon{{append(ring, ring[0])}}
		out, _ := Repair(in)
		checkRepaired(t, in, out)
	}
	for range 300 { // on a small lattice corners and edges coincide
		var ring orb.Ring
		for range 3 + rng.IntN(8) {
			ring = append(ring, orb.Point{float64(rng.IntN(5)), float64(rng.IntN(5))})
		}
		in := orb.MultiPolygon{{append(ring, ring[0])}}
		out, _ := Repair(in)
		checkRepaired(t, in, out)
	}
}

func TestRepairLeavesTheInputAlone(t *testing.T) {
	in := orb.MultiPolygon{{{{0, 0}, {0, 4}, {4, 4}, {4, 0}, {0, 0}}}, {{{0, 0}, {4, 4}, {4, 0}, {0, 4}}}}
	before := in.Clone()
	Repair(in)
	if !in.Equal(before) {
		t.Errorf("Repair changed its input to %v", in)
	}
}

func TestRepairOfLongRings(t *testing.T) {
	var ring orb.Ring
	for i := range 50_000 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 50_000)
		wave := 1 + 0.1*math.Sin(float64(i)/50)
		ring = append(ring, orb.Point{10 + wave*cos, 50 + wave*sin})
	}
	ring = append(ring, ring[0])
	got, notes := Repair(orb.MultiPolygon{{ring}})
	if len(notes) != 0 || !slices.Equal(got[0][0], ring) {
		t.Errorf("a valid ring of 50,000 corners: %q", notes)
	}
}
