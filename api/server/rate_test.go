package server

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestParseRate(t *testing.T) {
	f := func(text string, want Rate) {
		t.Helper()
		if got, err := ParseRate(text); err != nil || got != want {
			t.Errorf("ParseRate(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	f("", Rate{})
	f("1/s", Rate{1, time.Second})
	f("600/min", Rate{600, time.Minute})
	f("1000000/h", Rate{1_000_000, time.Hour})
	for _, text := range []string{"600", "600/", "/min", "0/min", "-1/s", "1000001/s", "1.5/s", "600/day", "600/min/s", " 600/min", "many/s"} {
		if got, err := ParseRate(text); err == nil || !strings.Contains(err.Error(), "600/min") {
			t.Errorf("ParseRate(%q) = %v, %v, want an error that tells how", text, got, err)
		}
	}
}

// TestALimiterIsATokenBucket follows one bucket by hand: three tokens, one more
// every 20 seconds.
func TestALimiterIsATokenBucket(t *testing.T) {
	start := time.Unix(1e9, 0)
	l := newLimiter(Rate{3, time.Minute}, start)
	client, another := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	f := func(client netip.Addr, after, reset time.Duration, ok bool, left int) {
		t.Helper()
		if gotOK, gotLeft, gotReset := l.take(client, start.Add(after)); gotOK != ok || gotLeft != left || gotReset != reset {
			t.Errorf("after %s take is %t, %d left, reset in %s; want %t, %d, %s", after, gotOK, gotLeft, gotReset, ok, left, reset)
		}
	}
	const s = time.Second
	f(client, 0, 20*s, true, 2)
	f(client, 0, 40*s, true, 1)
	f(client, 0, 20*s, true, 0)
	f(client, 0, 20*s, false, 0)
	f(another, 0, 20*s, true, 2)
	f(client, 15*s, 5*s, false, 0)
	f(client, 20*s, 20*s, true, 0)
	f(client, 61*s, 39*s, true, 1)
	f(client, 500*s, 20*s, true, 2)
}

// TestALimiterAgreesWithOneThatCounts compares it with a bucket of fractional
// tokens, as textbooks have it, over some minutes of chance.
func TestALimiterAgreesWithOneThatCounts(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	start := time.Unix(1e9, 0)
	l := newLimiter(Rate{60, time.Minute}, start)
	client := netip.MustParseAddr("192.0.2.1")
	tokens, now := 60.0, start
	for i := range 5000 {
		step := time.Duration(dice.IntN(8)) * 250 * time.Millisecond
		if dice.IntN(500) == 0 {
			step = 45 * time.Second
		}
		now = now.Add(step)
		tokens = min(tokens+step.Seconds(), 60)
		want := tokens >= 1
		if want {
			tokens--
		}
		if ok, left, _ := l.take(client, now); ok != want || left != int(tokens) {
			t.Fatalf("request %d: %t with %d left, want %t with %d", i, ok, left, want, int(tokens))
		}
	}
}

func TestALimiterForgetsWhomItNeedNotKnow(t *testing.T) {
	now := time.Unix(1e9, 0)
	l := newLimiter(Rate{2, time.Hour}, now)
	busy := netip.MustParseAddr("192.0.2.1")
	l.take(busy, now)
	l.take(busy, now)
	for i := range 3 * maxClients {
		l.take(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now)
		if i%1000 == 0 {
			now = now.Add(time.Millisecond)
		}
		if known := len(l.young) + len(l.old); known > maxClients {
			t.Fatalf("%d clients are remembered, want %d at most", known, maxClients)
		}
		if i == maxClients/4 {
			if ok, _, _ := l.take(busy, now); ok {
				t.Error("a client without tokens was forgotten among few")
			}
		}
	}
}

func TestClientOf(t *testing.T) {
	f := func(want, remote string, trust bool, forwarded ...string) {
		t.Helper()
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		for _, field := range forwarded {
			r.Header.Add("X-Forwarded-For", field)
		}
		if got := clientOf(r, trust).String(); got != want {
			t.Errorf("the client of %s, X-Forwarded-For %q (trusted: %t) is %s, want %s", remote, forwarded, trust, got, want)
		}
	}
	f("192.0.2.1", "192.0.2.1:4711", false)
	f("192.0.2.1", "192.0.2.1:4711", false, "198.51.100.7")
	f("192.0.2.1", "192.0.2.1:4711", true)
	f("198.51.100.7", "192.0.2.1:4711", true, "198.51.100.7")
	f("198.51.100.7", "192.0.2.1:4711", true, "10.9.9.9, 198.51.100.7")
	f("198.51.100.7", "192.0.2.1:4711", true, "10.9.9.9", "198.51.100.7")
	f("198.51.100.7", "192.0.2.1:4711", true, "198.51.100.7:1234")
	f("192.0.2.1", "192.0.2.1:4711", true, "198.51.100.7, unknown")
	f("2001:db8:1:2::", "[2001:db8:1:2:3:4:5:6]:4711", false)
	f("2001:db8:1:2::", "192.0.2.1:4711", true, "[2001:db8:1:2:ffff::1]:80")
	f("fe80::", "[fe80::1%eth0]:4711", false)
	f("192.0.2.1", "[::ffff:192.0.2.1]:4711", false)
	f("invalid IP", "@", false)
}

func TestRateLimitsAreToldAndKept(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := handler(&fakeEngine{}, Options{Rate: Rate{2, time.Minute}, Now: func() time.Time { return now }})
	f := func(status int, limit string, headers ...string) http.Header {
		t.Helper()
		w := do(s, "GET", "/collections", headers...)
		if w.Code != status || w.Header().Get("RateLimit") != limit || w.Header().Get("RateLimit-Policy") != `"default";q=2;w=60` {
			t.Errorf("%d, RateLimit %s, RateLimit-Policy %s; want %d, %s", w.Code, w.Header().Get("RateLimit"), w.Header().Get("RateLimit-Policy"), status, limit)
		}
		return w.Header()
	}
	exposed := f(200, `"default";r=1;t=30`).Get("Access-Control-Expose-Headers")
	for _, name := range []string{"RateLimit", "RateLimit-Policy", "Retry-After"} {
		if !strings.Contains(exposed+",", " "+name+",") {
			t.Errorf("pages of other origins cannot read %s: %s", name, exposed)
		}
	}
	f(200, `"default";r=0;t=30`)
	refused := f(429, `"default";r=0;t=30`, "X-Forwarded-For", "198.51.100.7")
	if refused.Get("Retry-After") != "30" || refused.Get("Content-Type") != "application/problem+json" || refused.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("the refusal says %v", refused)
	}
	for _, probe := range []string{"/livez", "/readyz", "/healthz"} {
		if w := do(s, "GET", probe); w.Code != 200 || w.Header().Get("RateLimit") != "" {
			t.Errorf("%s: %d %v", probe, w.Code, w.Header())
		}
	}
	if n, _ := sample(scrape(t, s), "civgrid_http_requests_refused_total", "problem", "rate-limited"); n != 1 {
		t.Errorf("%v requests were refused, want 1", n)
	}
	now = now.Add(30 * time.Second)
	f(200, `"default";r=0;t=30`)
	if w := do(handler(&fakeEngine{}, Options{}), "GET", "/collections"); w.Header().Get("RateLimit") != "" || w.Header().Get("RateLimit-Policy") != "" {
		t.Errorf("without a limit one is told: %v", w.Header())
	}
}

func TestRateLimitsBehindAProxy(t *testing.T) {
	s := handler(&fakeEngine{}, Options{Rate: Rate{1, time.Hour}, TrustProxy: true})
	f := func(status int, forwarded string) {
		t.Helper()
		if w := do(s, "GET", "/collections", "X-Forwarded-For", forwarded); w.Code != status {
			t.Errorf("behind %q: %d, want %d", forwarded, w.Code, status)
		}
	}
	f(200, "198.51.100.7")
	f(200, "198.51.100.8")
	f(429, "198.51.100.7")
	f(429, "10.1.2.3, 198.51.100.7")
}
