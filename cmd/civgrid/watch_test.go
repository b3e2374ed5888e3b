package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A hookServer answers posts with a list of statuses, the last one for all others.
type hookServer struct {
	statuses []int
	posts    []*http.Request
	bodies   []string
}

// ServeHTTP implements http.Handler.
func (s *hookServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.posts, s.bodies = append(s.posts, r), append(s.bodies, string(body))
	status := s.statuses[min(len(s.posts), len(s.statuses))-1]
	switch status {
	case http.StatusFound:
		w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "7")
	}
	w.WriteHeader(status)
}

// hookFor returns a webhook of a server, and the pauses it takes.
func hookFor(t *testing.T, s *hookServer, secret string) (*webhook, *[]time.Duration) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	f := watchFlags{webhook: server.URL + "/hook?token=hidden", retries: 3}
	if secret != "" {
		f.secretFile = filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(f.secretFile, []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h, err := newWebhook(f)
	if err != nil {
		t.Fatal(err)
	}
	var pauses []time.Duration
	h.now = fixedNow
	h.wait = func(_ context.Context, d time.Duration) { pauses = append(pauses, d) }
	return h, &pauses
}

func someAlert() alert {
	return alert{ID: "abc", Place: "Fulin", Cells: []string{"8940250aa9bffff"}, Since: "2025-12-03", Observed: 40, Expected: 9.5, P: 0.001, Recurrence: 1000, At: fixedNow()}
}

func eventOf(t *testing.T, a alert) json.RawMessage {
	t.Helper()
	event, err := a.event()
	if err != nil {
		t.Fatal(err)
	}
	return event
}

// TestPostsAreTriedAgain follows tries and pauses: twice away, then asked to wait,
// then taken.
func TestPostsAreTriedAgain(t *testing.T) {
	f := func(statuses []int, tries int, ok bool, pauses ...time.Duration) {
		t.Helper()
		s := &hookServer{statuses: statuses}
		h, took := hookFor(t, s, "")
		if err := h.post(t.Context(), eventOf(t, someAlert())); (err == nil) != ok {
			t.Errorf("%v: post returned %v", statuses, err)
		}
		if len(s.posts) != tries {
			t.Errorf("%v: %d tries, want %d", statuses, len(s.posts), tries)
		}
		if d := cmp.Diff(pauses, *took); d != "" {
			t.Errorf("%v: pauses (-want +got):\n%s", statuses, d)
		}
		for i := range s.posts {
			if s.posts[i].Header.Get("Webhook-Id") != "abc" || s.bodies[i] != s.bodies[0] {
				t.Errorf("%v: try %d has another id or body", statuses, i)
			}
		}
	}
	f([]int{200}, 1, true)
	f([]int{503, 500, 204}, 3, true, time.Second, 2*time.Second)
	f([]int{429, 202}, 2, true, 7*time.Second)
	f([]int{500}, 4, false, time.Second, 2*time.Second, 4*time.Second)
	f([]int{410}, 1, false) // gone for good
	f([]int{302}, 1, false) // not handed on to another address
}

// TestPostsAreSigned holds the signature against one of openssl:
//
//	printf 'abc.1767225600.%s' BODY | openssl dgst -sha256 -hmac KEY -binary | base64
//
// with BODY {"a":1} and KEY 0123456789abcdef.
func TestPostsAreSigned(t *testing.T) {
	const want = "v1,yGcrHxiLLGqZjQEXCJd6XkA9u00dDHchZ6lWxePOELA="
	if got := sign([]byte("0123456789abcdef"), "abc", "1767225600", []byte(`{"a":1}`)); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	s := &hookServer{statuses: []int{200}}
	h, _ := hookFor(t, s, "0123456789abcdef")
	if err := h.post(t.Context(), eventOf(t, someAlert())); err != nil {
		t.Fatal(err)
	}
	head := s.posts[0].Header
	if got := sign(h.secret, head.Get("Webhook-Id"), head.Get("Webhook-Timestamp"), []byte(s.bodies[0])); head.Get("Webhook-Signature") != got {
		t.Errorf("signed %s, want %s", head.Get("Webhook-Signature"), got)
	}
	var event struct {
		Specversion, ID, Source, Type, Time, Subject string
		Data                                         alert
	}
	if err := json.Unmarshal([]byte(s.bodies[0]), &event); err != nil {
		t.Fatal(err)
	}
	if event.Specversion != "1.0" || event.ID != "abc" || event.Type != surgeType || event.Source == "" || event.Data.Observed != 40 {
		t.Errorf("event %+v", event)
	}
	if _, err := time.Parse(time.RFC3339, event.Time); err != nil {
		t.Error(err)
	}
}

// TestSecretsAreNotTold: neither the key nor what stands behind the path is in an
// error.
func TestSecretsAreNotTold(t *testing.T) {
	h, _ := hookFor(t, &hookServer{statuses: []int{200}}, "0123456789abcdef")
	h.address.Host = "127.0.0.1:1"
	err := h.post(t.Context(), eventOf(t, someAlert()))
	if err == nil || strings.Contains(err.Error(), "hidden") || strings.Contains(h.shown(), "hidden") {
		t.Errorf("error %v, shown as %s", err, h.shown())
	}
	for _, address := range []string{"ftp://example.org/", "example.org", "http://"} {
		if _, err := newWebhook(watchFlags{webhook: address}); codeOf(err) != exitUsage {
			t.Errorf("webhook %q: %v", address, err)
		}
	}
	short := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(short, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newWebhook(watchFlags{webhook: "http://127.0.0.1/", secretFile: short}); codeOf(err) != exitUsage || strings.Contains(err.Error(), "secret\"") {
		t.Errorf("a short key: %v", err)
	}
}

// TestWhatWasToldIsNotToldAgain remembers places across restarts, and tells of them
// again after the quiet days.
func TestWhatWasToldIsNotToldAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "watch.json")
	first, err := readWatchState(path)
	if err != nil {
		t.Fatal(err)
	}
	a := someAlert()
	if got := first.fresh([]alert{a}, a.At, 14); len(got) != 1 {
		t.Fatalf("%d fresh alerts, want 1", len(got))
	}
	first.add([]alert{a}, true)
	if err := first.write(); err != nil {
		t.Fatal(err)
	}
	again, err := readWatchState(path)
	if err != nil {
		t.Fatal(err)
	}
	moved := a
	moved.Cells = append([]string{"8940250aa9fffff"}, a.Cells...)
	elsewhere := a
	elsewhere.Cells = []string{"8940250aadfffff"}
	if got := again.fresh([]alert{moved, elsewhere}, a.At.AddDate(0, 0, 13), 14); len(got) != 1 || got[0].Cells[0] != elsewhere.Cells[0] {
		t.Errorf("fresh within the quiet days: %+v, want the one elsewhere", got)
	}
	if got := again.fresh([]alert{moved}, a.At.AddDate(0, 0, 14), 14); len(got) != 1 {
		t.Errorf("after the quiet days %d fresh alerts, want 1", len(got))
	}
	if !again.Told[0].Pending || len(again.Told[0].Event) == 0 {
		t.Error("what was not delivered is forgotten")
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readWatchState(path); err == nil {
		t.Error("a broken file is no error")
	}
}

// watchesDemo looks twice at the synthetic city, in which a new town is growing: the
// webhook is away at first, and hears of the surge once.
func watchesDemo(t *testing.T, store string) {
	t.Helper()
	s := &hookServer{statuses: []int{500, 200}}
	server := httptest.NewServer(s)
	defer server.Close()
	type answer struct{ Surges []alert }
	args := []string{"watch", "--once", "--webhook", server.URL, "--retries", "1", "--recurrence", "100", "--res", "8"}
	got := answerTo[answer](t, store, args...)
	if len(got.Surges) == 0 || len(s.posts) != len(got.Surges)+1 {
		t.Fatalf("%d surges and %d posts, want one or more, and a post for each and one again", len(got.Surges), len(s.posts))
	}
	if a := got.Surges[0]; a.P > 0.01 || a.Observed <= int64(a.Expected) || a.Until != "2025-12-31" || a.Place == "" {
		t.Errorf("surge %+v", a)
	}
	posts := len(s.posts)
	if again := answerTo[answer](t, store, args...); len(again.Surges) != 0 || len(s.posts) != posts {
		t.Errorf("%d surges and %d more posts when it looks again, want none", len(again.Surges), len(s.posts)-posts)
	}
}
