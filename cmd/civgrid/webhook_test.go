package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A post is what a receiver got.
type post struct {
	header http.Header
	body   string
}

// A receiver takes posts and answers with statuses, the last of them for good.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	statuses []int
	posts    []post
}

func newReceiver(t *testing.T, header map[string]string, statuses ...int) *receiver {
	t.Helper()
	r := &receiver{statuses: statuses}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil || request.Method != http.MethodPost {
			t.Errorf("%s: %v", request.Method, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.posts = append(r.posts, post{request.Header.Clone(), string(body)})
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(r.statuses[0])
		if len(r.statuses) > 1 {
			r.statuses = r.statuses[1:]
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) got() []post {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.posts)
}

// hookTo returns a webhook whose clock stands still but for its waits, which it
// notes and does not take.
func hookTo(t *testing.T, address string, secret []byte) (hook *webhook, waits *[]time.Duration) {
	t.Helper()
	now := time.Unix(1_750_000_000, 0)
	hook, err := newWebhook(address, secret, 4, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	waits = new([]time.Duration)
	hook.wait = func(_ context.Context, d time.Duration) {
		*waits, now = append(*waits, d), now.Add(d)
	}
	return hook, waits
}

// TestSignature holds signatures against the example of the standard's own
// libraries (github.com/standard-webhooks/standard-webhooks).
func TestSignature(t *testing.T) {
	secret, err := parseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
	if err != nil {
		t.Fatal(err)
	}
	got := signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

// TestWebhookTriesAgain has a receiver fail twice: it gets the same message three
// times, each signed for its own time.
func TestWebhookTriesAgain(t *testing.T) {
	r := newReceiver(t, nil, 503, 500, 204)
	secret := []byte("a secret of thirty-one signs ..")
	hook, waits := hookTo(t, r.URL+"/hooks/token", secret)
	if err := hook.send(t.Context(), "surge-1", []byte(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	posts := r.got()
	if len(posts) != 3 {
		t.Fatalf("%d posts, want 3", len(posts))
	}
	for i, timestamp := range []string{"1750000000", "1750000001", "1750000003"} {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte("surge-1." + timestamp + `.{"a":1}`))
		want := []string{"surge-1", timestamp, "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), "application/cloudevents+json; charset=utf-8", `{"a":1}`}
		h := posts[i].header
		if diff := cmp.Diff(want, []string{h.Get("webhook-id"), h.Get("webhook-timestamp"), h.Get("webhook-signature"), h.Get("content-type"), posts[i].body}); diff != "" {
			t.Errorf("post %d (-want +got):\n%s", i, diff)
		}
	}
	if diff := cmp.Diff([]time.Duration{time.Second, 2 * time.Second}, *waits); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
}

func TestWebhookWithoutSecretSignsNothing(t *testing.T) {
	r := newReceiver(t, nil, 200)
	hook, _ := hookTo(t, r.URL, nil)
	if err := hook.send(t.Context(), "surge-1", nil); err != nil {
		t.Fatal(err)
	}
	if got, ok := r.got()[0].header[webhookSignature]; ok {
		t.Errorf("signature %q without a secret", got)
	}
}

// TestWebhookGivesUp says when, and tells no more of the address than its host.
func TestWebhookGivesUp(t *testing.T) {
	f := func(name string, header map[string]string, status, posts int, refused bool, words string, waits ...time.Duration) {
		t.Helper()
		r := newReceiver(t, header, status)
		hook, waited := hookTo(t, r.URL+"/hooks/token", []byte("a secret of thirty-one signs .."))
		err := hook.send(t.Context(), "surge-1", nil)
		if err == nil || errors.Is(err, errRefused) != refused || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want one of %q that is refused: %t", name, err, words, refused)
		}
		if err != nil && strings.Contains(err.Error(), "token") {
			t.Errorf("%s: %v tells the path of the address", name, err)
		}
		if got := len(r.got()); got != posts {
			t.Errorf("%s: %d posts, want %d", name, got, posts)
		}
		if diff := cmp.Diff(waits, *waited); diff != "" {
			t.Errorf("%s: waits (-want +got):\n%s", name, diff)
		}
	}
	second := time.Second
	f("a server that is broken", nil, 500, 4, false, "given up after 4 attempts: status 500", second, 2*second, 4*second)
	f("a server that is busy", map[string]string{"Retry-After": "3"}, 429, 4, false, "status 429", 3*second, 3*second, 4*second)
	f("a server that wants rest", map[string]string{"Retry-After": "86400"}, 503, 4, false, "status 503", webhookLongest, webhookLongest, webhookLongest)
	f("a time that is no number", map[string]string{"Retry-After": "tomorrow"}, 503, 4, false, "status 503", second, 2*second, 4*second)
	f("a message that is not liked", nil, 400, 1, true, "status 400 Bad Request")
	f("an address that is gone", nil, 410, 1, true, "status 410")
	f("a signature that is not believed", nil, 401, 1, true, "status 401")
}

// TestWebhookFollowsNoRedirect: what is signed for one is not handed to another.
func TestWebhookFollowsNoRedirect(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		other := newReceiver(t, nil, 200)
		r := newReceiver(t, map[string]string{"Location": other.URL}, status)
		hook, _ := hookTo(t, r.URL, []byte("a secret of thirty-one signs .."))
		if err := hook.send(t.Context(), "surge-1", nil); !errors.Is(err, errRefused) || !strings.Contains(err.Error(), "redirects are not followed") {
			t.Errorf("%d: %v, want that redirects are not followed", status, err)
		}
		if n := len(other.got()); n != 0 {
			t.Errorf("%d: %d posts elsewhere, want none", status, n)
		}
	}
}

func TestWebhookThatDoesNotAnswer(t *testing.T) {
	hold := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer slow.Close()
	defer close(hold)
	hook, waits := hookTo(t, slow.URL+"/hooks/token", nil)
	hook.client.Timeout = 20 * time.Millisecond
	err := hook.send(t.Context(), "surge-1", nil)
	if err == nil || !strings.Contains(err.Error(), "given up after 4 attempts: no answer in time") || strings.Contains(err.Error(), "token") {
		t.Errorf("no answer: %v", err)
	}
	if len(*waits) != 3 {
		t.Errorf("waits %v, want three", *waits)
	}

	gone := httptest.NewServer(nil)
	gone.Close()
	hook, _ = hookTo(t, gone.URL+"/hooks/token", nil)
	if err := hook.send(t.Context(), "surge-1", nil); err == nil || errors.Is(err, errRefused) || strings.Contains(err.Error(), "token") {
		t.Errorf("nobody listens: %v, want that it is tried again, without the path", err)
	}
}

func TestWebhookIsInterrupted(t *testing.T) {
	r := newReceiver(t, nil, 500)
	hook, _ := hookTo(t, r.URL, nil)
	ctx, cancel := context.WithCancel(t.Context())
	hook.wait = func(context.Context, time.Duration) { cancel() }
	if err := hook.send(ctx, "surge-1", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted while it waits: %v", err)
	}
	if n := len(r.got()); n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
}

func TestWebhookAddresses(t *testing.T) {
	for _, address := range []string{"", "ops.example/hook", "ftp://ops.example/hook", "file:///etc/passwd", "http://", "https:ops", "http://a b/token", "javascript:token"} {
		if _, err := newWebhook(address, nil, 1, time.Now); err == nil || strings.Contains(err.Error(), "token") {
			t.Errorf("address %q: %v, want an error that does not tell it", address, err)
		}
	}
	for _, address := range []string{"https://ops.example/hook?key=1", "http://127.0.0.1:8090"} {
		if _, err := newWebhook(address, nil, 1, time.Now); err != nil {
			t.Errorf("address %q: %v", address, err)
		}
	}
}

func TestSecrets(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		got, err := parseSecret(text)
		if (err != nil) != (want == "") || string(got) != want {
			t.Errorf("secret %q is %q, %v, want %q", text, got, err, want)
		}
		if err != nil && len(text) > 8 && strings.Contains(err.Error(), strings.TrimPrefix(text, secretPrefix)) {
			t.Errorf("%v tells the secret", err)
		}
	}
	f(" abcdefghijklmnopqrstuvwx\n", "abcdefghijklmnopqrstuvwx")
	f("whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4", "abcdefghijklmnopqrstuvwx")
	f("", "")
	f("abcdefghijklmnopqrstuvw", "")
	f("whsec_abcdefghijklmnopqrst*wx", "")
	f("whsec_YWJj", "")
}
