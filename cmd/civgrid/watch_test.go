package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

// A report is a row of the file of a small city.
type cityReport struct {
	day      string
	lat, lon float64
}

// smallCity draws two months of reports at 40 places, with 24 more in the last
// three days at one of them.
func smallCity(until time.Time) (reports []cityReport) {
	rng := rand.New(rand.NewPCG(3, 1))
	for back := range 60 {
		day := until.AddDate(0, 0, -back).Format(time.DateOnly)
		for place := range 40 {
			lat, lon := 22.50+0.01*float64(place/8), 113.90+0.01*float64(place%8)
			n := rng.IntN(2)
			if place == 19 && back < 3 {
				n += 8
			}
			for range n {
				reports = append(reports, cityReport{day, lat, lon})
			}
		}
	}
	return reports
}

func writeReports(t *testing.T, path string, reports []cityReport) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("id,reported_at,lat,lon\n")
	for i, r := range reports {
		fmt.Fprintf(&b, "%s-%d,%s 12:00:00,%.2f,%.2f\n", filepath.Base(path), i, r.day, r.lat, r.lon)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A watchtower is a small city with a watch of it.
type watchtower struct {
	*watch
	store     string
	out, talk *transcript
	reports   []cityReport
}

// A transcript is what a program says, while it may still speak.
type transcript struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *transcript) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(text)
}

func (l *transcript) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var watchDay = time.Date(2025, 12, 30, 0, 0, 0, 0, time.UTC)

func newWatchtower(t *testing.T, hook *webhook) *watchtower {
	t.Helper()
	dir := t.TempDir()
	tower := &watchtower{store: filepath.Join(dir, "city.gpkg"), reports: smallCity(watchDay)}
	tower.add(t, "first.csv", tower.reports)
	tower.reopen(hook)
	return tower
}

// reopen makes the watch anew, as a program that is started again would.
func (w *watchtower) reopen(hook *webhook) {
	w.out, w.talk = &transcript{}, &transcript{}
	p := &program{out: w.out, err: w.talk, now: func() time.Time { return watchDay.Add(40 * time.Hour) }, config: config{
		"store": {value: w.store}, "log-level": {value: "error"}, "progress": {value: "none"}, "base-url": {value: "https://grid.example/"},
	}}
	w.watch = &watch{
		p: p, given: map[string]string{"res": "8", "simulations": "199", "radius": "1", "fill": "overlap+observed"}, asked: "res=8",
		every: 24 * time.Hour, days: 14, history: 60, alpha: 0.01, state: w.store + ".watch.json", hook: hook,
	}
}

// add imports a file of reports.
func (w *watchtower) add(t *testing.T, name string, reports []cityReport) {
	t.Helper()
	path := filepath.Join(filepath.Dir(w.store), name)
	writeReports(t, path, reports)
	runs(t, w.store, "import", "incidents", path, "--zone", "UTC", "--source", name)
}

func (w *watchtower) mustLook(t *testing.T) {
	t.Helper()
	if err := w.once(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestWatchTellsASurgeOnce has the receiver fail twice, and the watch end and begin
// again: the planted surge is posted in one message, with the numbers that counting
// the file by hand gives.
func TestWatchTellsASurgeOnce(t *testing.T) {
	r := newReceiver(t, nil, 500, 503, 202)
	hook, _ := hookTo(t, r.URL, []byte("a secret of thirty-one signs .."))
	tower := newWatchtower(t, hook)
	wait := hook.wait
	hook.wait = func(ctx context.Context, d time.Duration) {
		text, err := os.ReadFile(tower.state)
		if alerts, _ := parseState(text); len(alerts) != 1 || !alerts[0].Waiting {
			t.Errorf("while it is posted %v are remembered, %v: what is killed now would be lost", alerts, err)
		}
		wait(ctx, d)
	}
	tower.mustLook(t)
	posts := r.got()
	if len(posts) != 3 {
		t.Fatalf("%d posts, want two that fail and one\n%s%s", len(posts), tower.out, tower.talk)
	}
	var e event
	if err := json.Unmarshal([]byte(posts[2].body), &e); err != nil {
		t.Fatal(err)
	}
	if id := posts[2].header.Get(webhookID); id != e.ID || id != posts[0].header.Get(webhookID) || posts[0].body != posts[2].body {
		t.Errorf("the message %s is not the same each time", id)
	}
	tower.checkEvent(t, e)
	if said := tower.out.String(); !strings.Contains(said, "! surge at") || !strings.Contains(said, "2025-12-28 to 2025-12-30") || !strings.Contains(said, "at most once in 200 days") {
		t.Errorf("said %q", said)
	}

	tower.reopen(hook)
	tower.mustLook(t)
	tower.add(t, "next.csv", slices.Repeat([]cityReport{{"2025-12-31", 22.52, 113.93}}, 8))
	tower.reopen(hook)
	tower.mustLook(t)
	if said, talk := tower.out.String(), tower.talk.String(); said != "" || !strings.Contains(talk, "looked up to 2025-12-31: 0 new surges, 1 known one") {
		t.Errorf("of the surge that goes on: %q, %q", said, talk)
	}
	if n := len(r.got()); n != 3 {
		t.Errorf("%d posts after it was told, want none", n-3)
	}

	tower.reopen(hook)
	tower.asked = "other"
	tower.mustLook(t)
	if n := len(r.got()); n != 4 {
		t.Errorf("%d posts for who asks for something else, want 1", n-3)
	}
}

// checkEvent counts the file.
func (w *watchtower) checkEvent(t *testing.T, e event) {
	t.Helper()
	e.Data.DataVersion = "" // that of an import has its time in it
	inZone, inSpan, both := 0, 0, 0
	for _, report := range w.reports {
		cell, err := geo.CellAt(orb.Point{report.lon, report.lat}, 8)
		if err != nil {
			t.Fatal(err)
		}
		zone, span := slices.Contains(e.Data.Rows, cell.String()), report.day >= e.Data.Since
		if zone {
			inZone++
		}
		if span {
			inSpan++
		}
		if zone && span {
			both++
		}
	}
	planted, err := geo.CellAt(orb.Point{113.93, 22.52}, 8)
	if err != nil {
		t.Fatal(err)
	}
	want := event{
		SpecVersion: "1.0", ID: e.ID, Source: "https://grid.example/", Type: "org.civgrid.alert.surge", Subject: planted.String(),
		Time: "2025-12-31T16:00:00Z", DataContentType: "application/json", Data: e.Data,
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if d := e.Data; d.Since != "2025-12-28" || d.Until != "2025-12-30" || d.Observed != int64(both) || d.P != 1.0/200 || d.RecurrenceDays != 200 || !d.AtLeast {
		t.Errorf("surge %+v, want %d reports since 28 December, p 1/200", d, both)
	}
	if mu := float64(inZone) * float64(inSpan) / float64(len(w.reports)); math.Abs(mu-e.Data.Expected) > 1e-9 {
		t.Errorf("%v expected, want %v", e.Data.Expected, mu)
	}
	if link := e.Data.Link; !strings.HasPrefix(link, "https://grid.example/?") || !strings.Contains(link, "layer=clusters") || !strings.Contains(link, "sel="+planted.String()) {
		t.Errorf("link %q", link)
	}
	if c := planted.Centre(); *e.Data.Lon != c[0] || *e.Data.Lat != c[1] {
		t.Errorf("at %v %v, want %v", *e.Data.Lon, *e.Data.Lat, c)
	}
}

// TestWatchPostsWhatWaits has the receiver be away for one run: the next posts the
// same event, though it looks at a city in which the surge is another by then.
func TestWatchPostsWhatWaits(t *testing.T) {
	r := newReceiver(t, nil, 500, 500, 500, 500, 200)
	hook, _ := hookTo(t, r.URL, nil)
	tower := newWatchtower(t, hook)
	err := tower.once(t.Context())
	if codeOf(err) != exitFailure || !strings.Contains(err.Error(), "1 alert not taken by the webhook") || !strings.Contains(err.Error(), "given up after 4 attempts") {
		t.Fatalf("receiver away: %v", err)
	}
	tower.add(t, "next.csv", slices.Repeat([]cityReport{{"2025-12-31", 22.52, 113.94}}, 12))
	tower.reopen(nil)
	tower.mustLook(t)
	tower.reopen(hook)
	tower.mustLook(t)
	posts := r.got()
	if len(posts) != 5 || posts[4].body != posts[0].body {
		t.Fatalf("%d posts, want the same a fifth time", len(posts))
	}
	tower.reopen(hook)
	tower.mustLook(t)
	if n := len(r.got()); n != 5 {
		t.Errorf("%d posts more, want none", n-5)
	}
}

// TestWatchGoesOn looks at once, again when facts have arrived, and not in between;
// it ends without an error when it is interrupted.
func TestWatchGoesOn(t *testing.T) {
	r := newReceiver(t, nil, 200)
	hook, err := newWebhook(r.URL, nil, 1, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	tower := newWatchtower(t, hook)
	tower.glance = 20 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- tower.follow(ctx) }()
	eventually(t, "the first surge", func() bool { return len(r.got()) == 1 })
	if _, err := openState(tower.state); codeOf(err) != exitBusy {
		t.Errorf("a second watch of the same state: %v, want that it is busy", err)
	}
	tower.add(t, "next.csv", slices.Repeat([]cityReport{{"2025-12-31", 22.50, 113.90}}, 12))
	eventually(t, "the second surge", func() bool { return len(r.got()) == 2 })
	stop()
	if err := <-ended; err != nil {
		t.Errorf("interrupted: %v, want no error", err)
	}
	// The report of an import comes after its facts, and what is interrupted right
	// after a post tells nothing any more.
	if n := strings.Count(tower.talk.String(), "looked up to"); n < 1 || n > 3 {
		t.Errorf("looked %d times, want one for each import:\n%s", n, tower.talk)
	}
}

// TestWatchWithoutFacts says so at once.
func TestWatchWithoutFacts(t *testing.T) {
	tower := newWatchtower(t, nil)
	tower.p.config["store"] = setting{value: filepath.Join(t.TempDir(), "none.gpkg")}
	if err := tower.follow(t.Context()); codeOf(err) != exitNotFound {
		t.Errorf("no store: %v", err)
	}
}
