package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/api/auth"
)

// guarded serves a divided town with some options.
func guarded(t *testing.T, o Options) *divided {
	t.Helper()
	d := divide(t, 20, today)
	doorkeeper, err := auth.New(auth.Options{Catalog: d.store, Now: today, QueryKeys: true})
	if err != nil {
		t.Fatal(err)
	}
	o.Doorkeeper, o.Now = doorkeeper, today
	d.service = New(d.store, o)
	return d
}

func TestKeysThatDoNotHoldAreRefused(t *testing.T) {
	d := guarded(t, Options{})
	for _, key := range []string{"cg_00000000_NONE", "nonsense", d.east + "x"} {
		w := d.ask(key, "/collections")
		if w.Code != 401 || len(w.Header().Values("WWW-Authenticate")) != 2 || !strings.Contains(w.Body.String(), "/problems/unauthorized") {
			t.Errorf("%s: %d %v %s", key, w.Code, w.Header(), w.Body)
		}
	}
	for _, probe := range []string{"/livez", "/readyz", "/healthz"} {
		if w := d.ask("nonsense", probe); w.Code != 200 {
			t.Errorf("%s: %d", probe, w.Code)
		}
	}
}

func TestNothingIsPublicWhereThatIsSaid(t *testing.T) {
	d := guarded(t, Options{Private: true})
	for target, status := range map[string]int{
		"/": 401, "/collections": 401, "/map.svg": 401, "/layers/hotspot.csv": 401, "/changes": 401, "/status": 401, "/static/site.css": 401, "/nowhere": 401,
		"/livez": 200, "/robots.txt": 200, "/problems": 200, "/problems/unauthorized": 200, "/docs": 200, "/docs/hotspot": 200, "/licenses": 401,
	} {
		if w := d.ask("", target); w.Code != status {
			t.Errorf("%s to the public: %d, want %d", target, w.Code, status)
		}
	}
	if w := d.ask(d.east, "/collections"); w.Code != 200 {
		t.Errorf("to a caller: %d %s", w.Code, w.Body)
	}
}

// TestKeysInQueriesStayThere looks for the key in all that is told, kept and logged.
func TestKeysInQueriesStayThere(t *testing.T) {
	var kept bytes.Buffer
	d := guarded(t, Options{Audit: NewAudit(&kept, false)})
	for _, target := range []string{"/collections/resources/items?limit=2&api_key=" + d.east, "/?layer=hotspot&api_key=" + d.east, "/collections/hotspot/items?x=1&api_key=" + d.east} {
		w := do(d.service, http.MethodGet, target)
		if w.Code == 401 || strings.Contains(told(w), d.east) || strings.Contains(told(w), "api_key") {
			t.Errorf("%s: %s", target, told(w))
		}
	}
	if strings.Contains(kept.String(), d.east) || strings.Contains(kept.String(), "api_key") {
		t.Errorf("the audit log has the key: %s", &kept)
	}
	if w := do(d.service, http.MethodGet, "/collections/resources/items?resultType=hits&api_key="+d.east); !strings.Contains(w.Body.String(), `"numberMatched":80`) {
		t.Errorf("a key in the query opens %s", w.Body)
	}
}

func TestAuditKeepsWhatCallersDo(t *testing.T) {
	var kept bytes.Buffer
	d := guarded(t, Options{Audit: NewAudit(&kept, false)})
	next := func() (of deed) {
		t.Helper()
		line, err := kept.ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(line, &of)
		}
		if err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		return of
	}
	w := d.ask(d.east, "/collections/resources/items?limit=7")
	got := next()
	if got.Caller == "" || got.Name != "k" || got.Role != "planner" || !slices.Equal(got.Scope, []string{"E"}) || got.From != "192.0.2.1" || got.Method != "GET" ||
		got.Path != "/collections/resources/items" || got.Query != "limit=7" || got.Status != 200 || got.Rows == nil || *got.Rows != 7 || got.Bytes != int64(w.Body.Len()) ||
		got.Request != w.Header().Get("X-Request-Id") || got.Version == "" || got.Version != w.Header().Get("Civgrid-Data-Version") || !got.Time.Equal(today()) || !got.Whole {
		t.Errorf("of %d bytes of %v the log says %+v", w.Body.Len(), w.Header(), got)
	}
	d.ask(d.east, "/collections/resources/items?kind=a&limit=2")
	if got := kept.String(); !strings.Contains(got, "kind=a&limit=2") {
		t.Errorf("the query reads otherwise in the log: %s", got)
	}
	kept.Reset()
	d.ask("", "/collections")
	d.ask("nonsense", "/collections?x=%20")
	if got := next(); got.Caller != "" || got.Status != 401 || got.Query != "x=%20" || got.Rows != nil {
		t.Errorf("of a refused request the log says %+v", got)
	}
	if kept.Len() != 0 {
		t.Errorf("and %s", &kept)
	}
}

// A full disk takes no more than it has room for.
type fullDisk struct {
	bytes.Buffer
	full bool
	room int // where it is full
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.full && len(p) > d.room {
		n, _ := d.Buffer.Write(p[:d.room])
		d.room -= n
		return n, errors.New("no space left")
	}
	return d.Buffer.Write(p)
}

func TestNobodyIsAnsweredWithoutAnAudit(t *testing.T) {
	disk := &fullDisk{}
	d := guarded(t, Options{Audit: NewAudit(disk, false)})
	f := func(key string, status int) {
		t.Helper()
		if w := d.ask(key, "/conformance"); w.Code != status {
			t.Errorf("%d, want %d: %s", w.Code, status, w.Body)
		}
	}
	f(d.east, 200)
	disk.full = true
	f(d.east, 200) // it was answered when the log failed
	f(d.east, 503)
	f("", 200)
	disk.full = false
	f(d.east, 503) // which the log has again
	f(d.east, 200)
	if lines := strings.Count(disk.String(), "\n"); lines != 3 {
		t.Errorf("%d lines: %s", lines, &disk.Buffer)
	}
}

// TestAuditBeginsAnewBehindPartsOfLines has a disk become full in the middle of a line,
// and another end with a part of one from the beginning.
func TestAuditBeginsAnewBehindPartsOfLines(t *testing.T) {
	for name, torn := range map[string]bool{"from whole lines": false, "from a part of a line": true} {
		disk := &fullDisk{}
		if torn {
			disk.WriteString(`{"time":"2025-`)
		}
		d := guarded(t, Options{Audit: NewAudit(disk, torn)})
		d.ask(d.east, "/conformance")
		disk.full, disk.room = true, 40
		d.ask(d.east, "/conformance") // of which 40 bytes are kept
		d.ask(d.east, "/conformance") // of which nothing is
		disk.full = false
		for range 2 {
			d.ask(d.east, "/conformance")
		}
		var statuses []int
		for line := range strings.Lines(disk.String()) {
			var of deed
			if err := json.Unmarshal([]byte(line), &of); err == nil && strings.HasSuffix(line, "\n") {
				statuses = append(statuses, of.Status)
			}
		}
		if !slices.Equal(statuses, []int{200, 503, 200}) {
			t.Errorf("%s: the lines tell of the answers %v, want 200, 503, 200:\n%s", name, statuses, &disk.Buffer)
		}
	}
}

// TestPagesOfOthersCannotUseKeptKeys sends what a browser sends for a page of another
// origin, with a key that it keeps for Basic, and with one that the page has.
func TestPagesOfOthersCannotUseKeptKeys(t *testing.T) {
	d := newDesk(t)
	r := func(basic bool, site string) int {
		request := httptest.NewRequest(http.MethodPost, "/processes/density/execution", strings.NewReader(`{"inputs":{}}`))
		request.Header.Set("Sec-Fetch-Site", site)
		request.Header.Set("Content-Type", "application/json")
		if basic {
			request.SetBasicAuth("me", d.both)
		} else {
			request.Header.Set("X-API-Key", d.both)
		}
		w := httptest.NewRecorder()
		d.service.ServeHTTP(w, request)
		return w.Code
	}
	for site, status := range map[string]int{"cross-site": 403, "same-site": 403, "same-origin": 200, "none": 200} {
		if got := r(true, site); got != status {
			t.Errorf("with Basic, %s: %d, want %d", site, got, status)
		}
	}
	if got := r(false, "cross-site"); got != 200 {
		t.Errorf("with a key of its own: %d", got)
	}
}

// TestWhoMayNotIsToldWhoMay asks for what readers and the public have no right to.
func TestWhoMayNotIsToldWhoMay(t *testing.T) {
	d := newDesk(t)
	f := func(key, method, target, want string, status int) {
		t.Helper()
		var told struct{ Detail string }
		w := d.send(key, method, target, `{}`)
		if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || w.Code != status || told.Detail != want {
			t.Errorf("%s %s: %d %q, want %d %q", method, target, w.Code, told.Detail, status, want)
		}
	}
	const processes, imports = "/processes/density/execution", "/imports?dataset=incidents&source=x"
	f(d.reader, "POST", processes, "To run processes takes the role planner or admin; yours is reader.", 403)
	f(d.inspector, "POST", imports, "To import files takes the role planner or admin; yours is inspector.", 403)
	f(d.reader, "GET", "/jobs", "To run processes or import files takes the role planner or admin; yours is reader.", 403)
	f(d.reader, "POST", incidentsAt, "To record incidents and inspections takes the role inspector or admin; yours is reader.", 403)
	f("", "POST", processes, "To run processes show a key or token of the role planner or admin.", 401)
	f("", "POST", incidentsAt, "To record incidents and inspections show a key or token of the role inspector or admin.", 401)
}

// TestRolesHaveTagsOfTheirOwn asks for what public and readers are told otherwise.
func TestRolesHaveTagsOfTheirOwn(t *testing.T) {
	d := newDesk(t)
	for _, target := range []string{"/collections", "/api", "/conformance", "/layers/density.csv", "/map.svg", "/report"} {
		tags := map[string]string{}
		for who, key := range map[string]string{"public": "", "reader": d.reader, "inspector": d.inspector} {
			tag := d.ask(key, target).Header().Get("ETag")
			for other, of := range tags {
				if of == tag || tag == "" {
					t.Errorf("%s has the tag %s for %s and %s", target, tag, who, other)
				}
			}
			tags[who] = tag
		}
	}
}
