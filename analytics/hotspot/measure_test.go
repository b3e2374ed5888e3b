package hotspot

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A kase is one incident in a row of a study; zero times are missing.
type kase struct {
	row                   int
	category              string
	reported, closed, due time.Time
}

// source holds cases and places.
type source map[data.Dataset]data.Batch

func placeColumns() []data.Column {
	return []data.Column{
		{Name: data.CellColumn(9), Type: data.Cell},
		{Name: analytics.PlacePeople, Type: data.Int},
	}
}

// Schema implements data.Source.
func (s source) Schema(d data.Dataset) []data.Column {
	if d == analytics.Places {
		return placeColumns()
	}
	return data.SchemaOf(d, []geo.Resolution{9})
}

// Scan implements data.Source.
func (s source) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) { yield(q.Filter(s[q.Dataset])) }
}

// sourceOf returns cases, and places with so many thousandths of inhabitants each.
func sourceOf(f *analytics.Frame, kases []kase, people []int64) source {
	columns := data.SchemaOf(data.Incidents, []geo.Resolution{9})
	b := data.NewBuilder(columns)
	for _, k := range kases {
		times := map[string]time.Time{"reported_at": k.reported, "closed_at": k.closed, "due_at": k.due}
		for i, c := range columns {
			at, isTime := times[c.Name]
			switch {
			case isTime && !at.IsZero():
				b.SetInt(i, at.UnixMicro())
			case c.Name == data.CellColumn(9):
				b.SetCell(i, f.Cells[k.row])
			case c.Name == "category" && k.category != "":
				b.SetText(i, k.category)
			case c.Name == "status" && k.closed.IsZero():
				b.SetText(i, data.StatusOpen)
			case c.Name == "status":
				b.SetText(i, data.StatusClosed)
			case c.Required:
				b.SetText(i, c.Name)
			default:
				b.Missing(i)
			}
		}
	}
	p := data.NewBuilder(placeColumns())
	for row, n := range people {
		p.SetCell(0, f.Cells[row])
		p.SetInt(1, n)
	}
	return source{data.Incidents: b.Build(), analytics.Places: p.Build()}
}

var began = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func (s study) of(t *testing.T, facts source, given map[string]string) *analytics.Layer {
	t.Helper()
	r := s.request(t, given)
	r.From, r.To, r.AsOf, r.Zone = began, began.AddDate(1, 0, 0), began.AddDate(0, 6, 0), time.UTC
	return analysistest.LayerOf(t, Analysis, r, s.frame, facts)
}

// hotIn counts hot rows at 95 % in a disk round the middle, and elsewhere.
func hotIn(t *testing.T, s study, layer *analytics.Layer, steps int) (inside, outside int) {
	t.Helper()
	in := map[geo.Cell]bool{}
	for _, cell := range s.frame.Cells[s.frame.Len()/2].Disk(steps) {
		in[cell] = true
	}
	class := analysistest.Column(t, layer, "class")
	for row, cell := range s.frame.Cells {
		if word := class.Words[row]; word != Hot95 && word != Hot99 {
			continue
		}
		if in[cell] {
			inside++
		} else {
			outside++
		}
	}
	return inside, outside
}

// TestLateBeyondWhatCategoriesExplain has a quarter of nothing but a slow category
// and another where every category is late: both are hot by their share of late
// cases, only the second by compliance.
func TestLateBeyondWhatCategoriesExplain(t *testing.T) {
	s := disk(t, 9)
	rng := rand.New(rand.NewPCG(1, 2))
	near := func(row int, centre geo.Cell) bool {
		d, err := geo.GridDistance(s.frame.Cells[row], centre)
		return err == nil && d <= 2
	}
	middle, other := s.frame.Cells[s.frame.Len()/2], s.frame.Cells[10]
	var kases []kase
	for row := range s.frame.Len() {
		for range 40 {
			k := kase{row: row, category: "quick", reported: began.Add(time.Duration(rng.IntN(2000)) * time.Hour)}
			chance := 0.05
			if near(row, other) || rng.IntN(5) == 0 {
				k.category, chance = "slow", 0.6
			}
			if near(row, middle) {
				chance += 0.4
			}
			k.due = k.reported.Add(48 * time.Hour)
			if k.closed = k.due.Add(-time.Hour); rng.Float64() < chance {
				k.closed = k.due.Add(time.Hour)
			}
			kases = append(kases, k)
		}
	}
	facts := sourceOf(s.frame, kases, nil)
	hotNear := func(layer *analytics.Layer, centre geo.Cell) (n int) {
		class := analysistest.Column(t, layer, "class")
		for row := range s.frame.Len() {
			if word := class.Words[row]; near(row, centre) && (word == Hot95 || word == Hot99) {
				n++
			}
		}
		return n
	}
	late, adjusted := s.of(t, facts, map[string]string{"measure": Late}), s.of(t, facts, map[string]string{"measure": Compliance})
	if n, m := hotNear(late, middle), hotNear(late, other); n < 8 || m < 5 {
		t.Errorf("by late cases %d rows are hot where all is late and %d where all is slow, want about half of both, as rows at the rim have half of their neighbours beyond it", n, m)
	}
	if n, m := hotNear(adjusted, middle), hotNear(adjusted, other); n < 8 || m > 0 {
		t.Errorf("by compliance %d rows are hot where all is late and %d where all is slow, want half and none", n, m)
	}
	standardised(t, s, kases, adjusted)
}

// standardised adds observed and expected up by hand.
func standardised(t *testing.T, s study, kases []kase, layer *analytics.Layer) {
	t.Helper()
	late, all := map[string]float64{}, map[string]float64{}
	for _, k := range kases {
		all[k.category]++
		if k.closed.After(k.due) {
			late[k.category]++
		}
	}
	seen, due, spread := make([]int64, s.frame.Len()), make([]float64, s.frame.Len()), make([]float64, s.frame.Len())
	for _, k := range kases {
		p := late[k.category] / all[k.category]
		due[k.row] += p
		spread[k.row] += p * (1 - p)
		if k.closed.After(k.due) {
			seen[k.row]++
		}
	}
	observed, expected, value := analysistest.Column(t, layer, "observed"), analysistest.Column(t, layer, "expected"), analysistest.Column(t, layer, "value")
	cases, excess := make([]float64, s.frame.Len()), 0.0
	for _, k := range kases {
		cases[k.row]++
	}
	for row := range seen {
		off := float64(seen[row]) - due[row]
		excess += (off*off - spread[row]) / cases[row] / float64(len(kases))
	}
	for row := range seen {
		z := (float64(seen[row]) - due[row]) / math.Sqrt(spread[row]+max(excess, 0)*cases[row]*cases[row])
		if observed.Ints[row] != seen[row] || math.Abs(expected.Floats[row]-due[row]) > 1e-9 || math.Abs(value.Floats[row]-z) > 1e-9 {
			t.Errorf("row %d: %d late, %v expected, deviate %v; want %d, %v, %v", row, observed.Ints[row], expected.Floats[row], value.Floats[row], seen[row], due[row], z)
		}
	}
}

// TestFewCasesAreMissing: a row without cases whose deadline has passed is not on
// time, it is not known.
func TestFewCasesAreMissing(t *testing.T) {
	s := disk(t, 3)
	var kases []kase
	for row := range s.frame.Len() {
		for i := range row % 6 {
			k := kase{row: row, reported: began, due: began.AddDate(0, 0, 3), closed: began.AddDate(0, 0, 2+2*(i%2))}
			kases = append(kases, k, kase{row: row, reported: began, due: began.AddDate(0, 11, 0)}) // the second is not due yet
		}
	}
	for _, measure := range []string{Late, Compliance, Wait} {
		layer := s.of(t, sourceOf(s.frame, kases, nil), map[string]string{"measure": measure, "min-n": "3"})
		value, reason := analysistest.Column(t, layer, "value"), analysistest.Column(t, layer, "reason")
		for row := range s.frame.Len() {
			n := row % 6
			if measure == Wait {
				n *= 2
			}
			if value.Has(row) != (n >= 3) || n < 3 && reason.Words[row] != tooFewCases {
				t.Errorf("%s of row %d with %d cases: has a value %t, reason %q", measure, row, n, value.Has(row), reason.Words[row])
			}
		}
	}
}

// TestOpenCasesMakeWaitsLonger compares rows where slow cases are still open: the
// mean wait of closed cases alone would call them quick.
func TestOpenCasesMakeWaitsLonger(t *testing.T) {
	s := disk(t, 7)
	rng := rand.New(rand.NewPCG(3, 3))
	middle := map[geo.Cell]bool{}
	for _, cell := range s.frame.Cells[s.frame.Len()/2].Disk(2) {
		middle[cell] = true
	}
	var kases []kase
	for row, cell := range s.frame.Cells {
		for range 20 {
			k := kase{row: row, reported: began.AddDate(0, 4, rng.IntN(20))}
			days := 2 + 4*rng.Float64()
			if k.closed = k.reported.Add(time.Duration(24 * days * float64(time.Hour))); middle[cell] && rng.IntN(2) == 0 {
				k.closed = time.Time{}
			}
			kases = append(kases, k)
		}
	}
	layer := s.of(t, sourceOf(s.frame, kases, nil), map[string]string{"measure": Wait})
	if inside, outside := hotIn(t, s, layer, 3); inside < 10 || outside > 0 {
		t.Errorf("%d rows are hot where half of the cases are open, %d elsewhere; want half of 19 and none", inside, outside)
	}
	wait := analysistest.Column(t, layer, "wait")
	for row := range s.frame.Len() {
		if days := wait.Floats[row] / secondsPerDay; wait.Has(row) && (days < 1.9 || days > 30) {
			t.Errorf("row %d waits %v days, want 2 to 30", row, days)
		}
	}
	watched(t, s, kases, layer)
}

// watched compares closures with those due by single cases: each is due the sum of
// 1/n over the closures of others and its own up to its end or the horizon, n being
// the cases still open then. Waits are told apart to the hundredth, as stores do.
func watched(t *testing.T, s study, kases []kase, layer *analytics.Layer) {
	t.Helper()
	asOf, horizon := began.AddDate(0, 6, 0), 30*24*time.Hour
	waits := make([]time.Duration, len(kases))
	for i, k := range kases {
		end := k.closed
		if end.IsZero() {
			end = asOf
		}
		bucket, ok := stats.BucketOf(end.Sub(k.reported).Seconds())
		if !ok {
			t.Fatalf("case %d has no wait", i)
		}
		waits[i] = bucket.Duration()
	}
	sorted := slices.Sorted(slices.Values(waits))
	due, closed := make([]float64, s.frame.Len()), make([]float64, s.frame.Len())
	for i, k := range kases {
		if !k.closed.IsZero() {
			closed[k.row]++
		}
		for j, other := range kases {
			if !other.closed.IsZero() && waits[j] <= min(waits[i], horizon) {
				first, _ := slices.BinarySearch(sorted, waits[j])
				due[k.row] += 1 / float64(len(sorted)-first)
			}
		}
	}
	all, excess := 0.0, 0.0
	for row := range due {
		all += due[row]
	}
	variance := func(row int) float64 { return due[row] * (1 - due[row]/all) }
	for row := range due {
		off := closed[row] - due[row]
		excess += (off*off - variance(row)) / due[row] / all
	}
	value := analysistest.Column(t, layer, "value")
	for row := range due {
		want := (due[row] - closed[row]) / math.Sqrt(variance(row)+max(excess, 0)*due[row]*due[row])
		if math.Abs(value.Floats[row]-want) > 1e-9 {
			t.Errorf("row %d: deviate %v, want %v for %v of %v closed", row, value.Floats[row], want, closed[row], due[row])
		}
	}
}

// TestRatesGoByInhabitants has most reports where most people live, and more than
// that in the middle.
func TestRatesGoByInhabitants(t *testing.T) {
	s := disk(t, 11)
	rng := rand.New(rand.NewPCG(4, 4))
	middle := map[geo.Cell]bool{}
	for _, cell := range s.frame.Cells[s.frame.Len()/2].Disk(2) {
		middle[cell] = true
	}
	people, events, exposure := make([]int64, s.frame.Len()), make([]int64, s.frame.Len()), make([]float64, s.frame.Len())
	var kases []kase
	for row, cell := range s.frame.Cells {
		people[row] = 1000 * int64(2000+6000*(row/40%2)) // quarters of few and many
		mean := float64(people[row]) / 400_000
		if middle[cell] {
			mean *= 3
		}
		if row == 5 {
			people[row] = 0
		}
		exposure[row] = float64(people[row]) / 1000
		for range poisson(rng, mean) {
			events[row]++
			kases = append(kases, kase{row: row, reported: began.AddDate(0, 0, 1)})
		}
	}
	kases = append(kases, kase{row: 5, reported: began})
	events[5]++
	people[6], exposure[6] = 0, 0
	layer := s.of(t, sourceOf(s.frame, kases, people), map[string]string{"measure": Rate})
	if inside, outside := hotIn(t, s, layer, 3); inside < 10 || outside > 0 {
		t.Errorf("%d rows are hot where people report three times as much, %d elsewhere; want half of 19 and none", inside, outside)
	}
	want, err := stats.StandardiseRates(events, exposure)
	if err != nil {
		t.Fatal(err)
	}
	value, reason := analysistest.Column(t, layer, "value"), analysistest.Column(t, layer, "reason")
	for row := range events {
		if value.Has(row) != want.Valid[row] || math.Abs(value.Floats[row]-want.Z[row]) > 1e-12 {
			t.Errorf("row %d: rate %v, want %v (%v)", row, value.Floats[row], want.Z[row], want.Reason[row])
		}
		if !want.Valid[row] && reason.Words[row] != want.Reason[row].String() {
			t.Errorf("row %d: reason %q, want %v", row, reason.Words[row], want.Reason[row])
		}
	}
	if reason.Words[5] != "events_without_exposure" {
		t.Errorf("reports where nobody lives: %q", reason.Words[5])
	}
}

// TestNormalIsLabelled: the mode that is compatible with other tools says what it
// is, and is theirs.
func TestNormalIsLabelled(t *testing.T) {
	s := disk(t, 9)
	rng := rand.New(rand.NewPCG(6, 6))
	for row := range s.counts {
		s.counts[row] = poisson(rng, 0.3)
	}
	layer := s.layerBy(t, map[string]string{"test": normal})
	p, z := analysistest.Column(t, layer, "p"), analysistest.Column(t, layer, "gi_z")
	for row := range s.counts {
		if want := math.Erfc(math.Abs(z.Floats[row]) / math.Sqrt2); math.Abs(p.Floats[row]-want) > 1e-12 {
			t.Fatalf("row %d: p %v, want %v", row, p.Floats[row], want)
		}
	}
	if got := s.layer(t).Method; got == layer.Method {
		t.Errorf("both tests say %q of themselves", got)
	}
	if len(layer.Caveats) <= len(s.layer(t).Caveats) {
		t.Error("no caveat tells that the test is not to be trusted on sparse counts")
	}
}
