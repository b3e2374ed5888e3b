package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

func TestParseQueryDropsNothing(t *testing.T) {
	known := []string{"limit", "bbox", "f"}
	f := func(raw, want string) {
		t.Helper()
		q, err := api.ParseQuery(raw, known)
		got := q.Canonical()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("ParseQuery(%q) = %q, want %q", raw, got, want)
		}
	}
	f("", "")
	f("limit=10&bbox=1%2C2,3,4", "bbox=1%2C2%2C3%2C4&limit=10")
	f("&&limit=10&", "limit=10")
	f("limit=1&limit=2", "limit: is given more than once")
	f("limit=", "limit: has no value")
	f("limit", "limit: has no value")
	f("limt=1", "did you mean limit?")
	f("foo=1", "foo: there is no such parameter")
	f("unheardof=1", "unheardof: there is no such parameter")
	f("limit=1;f=json", "semicolon")
	f("limit=%zz", "limit: has a value that is not well-formed")
	f("%ff=1", "is not well-formed")
	f("f=a%00b", "not well-formed")
	f("x=1&y=2", "x: there is no such parameter; y: there is no such parameter")
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"limit=1", "a=%zz", "f=%00;", "limit=1&limit", "田=香"} {
		f.Add(s)
	}
	known := []string{"limit", "f", "田"}
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := api.ParseQuery(raw, known)
		if err != nil {
			_, _ = json.Marshal(api.ProblemOf(err))
			return
		}
		again, err := api.ParseQuery(q.Canonical(), known)
		if err != nil || again.Canonical() != q.Canonical() {
			t.Errorf("%q reads back as %q, %v", q.Canonical(), again.Canonical(), err)
		}
	})
}

func TestNegotiate(t *testing.T) {
	offers := []api.MediaType{api.GeoJSON, api.JSON, api.CSV}
	f := func(accept string, want api.MediaType) {
		t.Helper()
		if got, _ := api.Negotiate(accept, offers); got != want {
			t.Errorf("Negotiate(%q) = %q, want %q", accept, got, want)
		}
	}
	f("", api.GeoJSON)
	f("*/*", api.GeoJSON)
	f("application/json", api.JSON)
	f("application/json;q=0.5, application/geo+json", api.GeoJSON)
	f("application/*;q=0.2, text/csv", api.CSV)
	f("application/geo+json;q=0, */*", api.JSON)
	f("image/png", "")
	browser := "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	if !api.PrefersHTML(browser, api.JSON) || api.PrefersHTML("*/*", api.JSON) || api.PrefersHTML("application/json, text/html", api.JSON) || api.PrefersHTML("application/geo+json, text/html;q=0.9", api.GeoJSON) {
		t.Error("browsers are not told from other clients")
	}
}

func TestETagMatchesWeakly(t *testing.T) {
	tag := api.ETag("a", "b")
	if tag == api.ETag("ab", "") || !strings.HasPrefix(tag, `W/"`) {
		t.Errorf("tag %s", tag)
	}
	for field, want := range map[string]bool{tag: true, strings.TrimPrefix(tag, "W/"): true, `"x", ` + tag: true, "*": true, `"x"`: false, "": false} {
		if got := api.Matches(field, tag); got != want {
			t.Errorf("Matches(%q) = %v, want %v", field, got, want)
		}
	}
}

func TestProblemOf(t *testing.T) {
	f := func(err error, slug string, status int) {
		t.Helper()
		if p := api.ProblemOf(err); p.Slug != slug || p.Status != status || !errors.Is(p, err) {
			t.Errorf("ProblemOf(%v) = %s %d, want %s %d", err, p.Slug, p.Status, slug, status)
		}
	}
	f(fmt.Errorf("run: %w", &analytics.ParamError{Name: "res", Value: "99", Why: "too fine"}), "invalid-parameter", 400)
	f(fmt.Errorf("x: %w", data.ErrNotFound), "not-found", 404)
	f(context.DeadlineExceeded, "timeout", 503)
	f(errors.New("pq: SQLSTATE 42P01 in /var/lib"), "internal", 500)
	recorder := httptest.NewRecorder()
	p := api.ProblemOf(errors.New("SQLSTATE 42P01"))
	p.Write(recorder, api.ProblemJSON, p.Document("http://x", "r1"))
	if body := recorder.Body.String(); strings.Contains(body, "SQLSTATE") || !strings.Contains(body, `"http://x/problems/internal"`) || !strings.Contains(body, "urn:civgrid:request:r1") {
		t.Errorf("problem reads %s", body)
	}
}

func TestParseInterval(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	f := func(s, want string) {
		t.Helper()
		i, err := api.ParseInterval(s, zone)
		show := func(t time.Time) string {
			if t.IsZero() {
				return ".."
			}
			return t.Format(time.RFC3339)
		}
		got := show(i.Begin) + "/" + show(i.End)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("ParseInterval(%q) = %s, want %s", s, got, want)
		}
	}
	f("2024-03-01T12:00:00Z", "2024-03-01T12:00:00Z/2024-03-01T12:00:00Z")
	f("2024-03-01", "2024-02-29T16:00:00Z/2024-03-01T16:00:00Z")
	f("2024-03-01T/..", "2024-02-29T16:00:00Z/..")
	f("../2024-03-01T00:00:00Z", "../2024-03-01T00:00:00Z")
	f("/2024-03-01T00:00:00Z", "../2024-03-01T00:00:00Z")
	f("0000-01-01T00:00:00Z/9999-12-31T00:00:00Z", "../..")
	f("2024-03-01/P2D", "2024-02-29T16:00:00Z/2024-03-02T16:00:00Z")
	f("P1M/2024-03-01T00:00:00Z", "2024-02-01T00:00:00Z/2024-03-01T00:00:00Z")
	f("2024-03-01T00:00:00+08:00/PT12H", "2024-02-29T16:00:00Z/2024-03-01T04:00:00Z")
	f("0000-01-01/9999-12-31", "../..")
	f("9999-12-31T23:59:59Z", "../..")
	f("9999-garbage", "error")
	f("../0000-13-01", "error")
	f("2024-03-02/2024-03-01", "error")
	f("yesterday", "error")
	f("2024-03-01/P", "error")
	f("../P2D", "error")
	for s, want := range map[string]bool{
		"2024-03-01T12:00:00Z": true, "2024-03-01T12:00:00Z/2024-03-01T12:00:00Z": true, "2024-03-01T12:00:00Z/2024-03-01T20:00:00+08:00": true,
		"2024-03-01": false, "../..": false, "../2024-03-01T12:00:00Z": false,
	} {
		if i, err := api.ParseInterval(s, zone); err != nil || i.Instant != want {
			t.Errorf("ParseInterval(%q).Instant = %v, %v, want %v", s, i.Instant, err, want)
		}
	}
}

// TestDaysWithoutMidnight follows a day that began at one o'clock, when the clocks of
// São Paulo went from midnight to 01:00 (tz database, Rule Brazil 2018).
func TestDaysWithoutMidnight(t *testing.T) {
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	begin, end := time.Date(2018, 11, 4, 3, 0, 0, 0, time.UTC), time.Date(2018, 11, 5, 2, 0, 0, 0, time.UTC)
	for _, s := range []string{"2018-11-04", "2018-11-04T03:00:00Z", "2018-11-04T12:00:00Z", "2018-11-05T01:59:59Z"} {
		i, err := api.ParseInterval(s, zone)
		if err != nil {
			t.Fatal(err)
		}
		if from, to := i.Period(zone); !from.Equal(begin) || !to.Equal(end) {
			t.Errorf("the period of %s goes from %v to %v, want %v to %v", s, from, to, begin, end)
		}
	}
}

// TestFaultsReadAsSentences looks at the detail that people see.
func TestFaultsReadAsSentences(t *testing.T) {
	f := func(fault api.Fault, want string) {
		t.Helper()
		if got := api.ProblemOf(&api.QueryError{Faults: []api.Fault{fault}}).Detail; got != want {
			t.Errorf("fault %v is told as %q, want %q", fault, got, want)
		}
	}
	f(api.Fault{Parameter: "limit", Detail: "want a whole number"}, "limit: want a whole number.")
	f(api.Fault{Parameter: "limit", Detail: "has no value"}, "limit has no value.")
	f(api.Fault{Parameter: "f", Detail: "is json here"}, "f is json here.")
	f(api.Fault{Parameter: "limt", Detail: "there is no such parameter; did you mean limit?"}, "limt: there is no such parameter; did you mean limit?")
}

func TestBaseURL(t *testing.T) {
	f := func(host, proto, want string) {
		t.Helper()
		listed, spread := httptest.NewRequest("GET", "http://inner/", nil), httptest.NewRequest("GET", "http://inner/", nil)
		listed.Header.Set("X-Forwarded-Host", host)
		listed.Header.Set("X-Forwarded-Proto", proto)
		spread.Header["X-Forwarded-Host"], spread.Header["X-Forwarded-Proto"] = strings.Split(host, ","), strings.Split(proto, ",")
		for _, r := range []*http.Request{listed, spread} {
			if got := api.BaseURL(r, "", true); got != want {
				t.Errorf("behind %q the address is %s, want %s", r.Header, got, want)
			}
		}
	}
	f("maps.example", "https", "https://maps.example")
	f("evil.example, maps.example", "http, https", "https://maps.example") // the client claims the first word
	f("evil.example,", "https,", "http://inner")
	f(`x"><script>`, "gopher", "http://localhost")
	f("", "", "http://inner")
}

func TestIntervalMeets(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2024, 1, day, 0, 0, 0, 0, time.UTC) }
	instant := api.Interval{Begin: at(5), End: at(5), Instant: true}
	for _, c := range []struct {
		i          api.Interval
		begin, end time.Time
		want       bool
	}{
		{instant, at(5), at(6), true},
		{instant, at(4), at(5), false},
		{instant, time.Time{}, time.Time{}, true},
		{api.Interval{Begin: at(1), End: at(3)}, at(3), at(4), false},
		{api.Interval{Begin: at(3)}, at(1), at(3), false},
		{api.Interval{}, at(1), at(2), true},
		{api.Interval{End: at(3)}, at(2), time.Time{}, true},
	} {
		if got := c.i.Meets(c.begin, c.end); got != c.want {
			t.Errorf("%v meets %v to %v: %v, want %v", c.i, c.begin, c.end, got, c.want)
		}
	}
}

func TestShow(t *testing.T) {
	f := func(x float64, unit, want string) {
		t.Helper()
		if got := api.Show(x, unit, api.UnitWords{}); got != want {
			t.Errorf("Show(%v, %q) = %q, want %q", x, unit, got, want)
		}
	}
	f(0.9236, "share", "92.4%")
	f(90, "s", "90 s")
	f(1032, "s", "17.2 min")
	f(3*86400, "s", "3 d")
	f(12345, "count", "12,345")
	f(-1234567, "count", "-1,234,567")
	f(0.105, "km2", "0.10 km²")
	f(2.431, "", "2.43")
	f(1e-9, "", "1e-09")
}

func TestRanked(t *testing.T) {
	layer := &analytics.Layer{
		Frame:   &analytics.Frame{Unit: analytics.CommunitiesOf(data.District), Communities: make([]data.Community, 4)},
		Columns: []analytics.Column{{Name: "x", Type: analytics.FloatColumn, Floats: []float64{1, 9, 3, 3}, Valid: []bool{true, false, true, true}}},
		Rank:    analytics.Rank{Column: "x", Descending: true},
	}
	rows, ranked := api.Ranked(layer)
	if fmt.Sprint(rows, ranked) != "[2 3 0 1] 3" {
		t.Errorf("Ranked() = %v, %d", rows, ranked)
	}
}
