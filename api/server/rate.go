package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/civgrid/civgrid/api"
)

// A Rate is how many requests a client may make in a period; it may make them
// all at once. The zero value sets no limit.
type Rate struct {
	// Requests is from 1 to 1,000,000.
	Requests int
	// Period is a second, a minute or an hour.
	Period time.Duration
}

// maxRate bounds the requests of a rate.
const maxRate = 1_000_000

// ParseRate reads a rate as in "600/min"; periods are s, min and h. An empty
// text is the zero value.
func ParseRate(text string) (Rate, error) {
	if text == "" {
		return Rate{}, nil
	}
	number, unit, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(number)
	period := map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour}[unit]
	if err != nil || n < 1 || n > maxRate || period == 0 {
		return Rate{}, fmt.Errorf("rate %q: want 1 to %d requests per s, min or h, such as 600/min", text, maxRate)
	}
	return Rate{n, period}, nil
}

// maxClients bounds the clients that a limiter remembers, which take some 5 MB.
const maxClients = 1 << 16

// A limiter has a token bucket for each client: it holds as many tokens as the
// rate has requests, and fills in one period. It is safe for concurrent use.
//
// A bucket is kept as the time when it is full again. Clients of the present
// and of the generation before are known; a generation ends after a period,
// when all buckets of the one before are full, or when there are too many
// clients, when those not seen for longest are forgotten.
type limiter struct {
	rate  Rate
	start time.Time

	mu         sync.Mutex
	young, old map[netip.Addr]time.Duration // since start
	turned     time.Duration                // when the generation began, since start
}

func newLimiter(rate Rate, now time.Time) *limiter {
	return &limiter{rate: rate, start: now, young: map[netip.Addr]time.Duration{}}
}

// take takes a token from the bucket of a client. Left is how many remain, and
// reset in how long the bucket is full again, or, where none is left, has one.
func (l *limiter) take(client netip.Addr, now time.Time) (ok bool, left int, reset time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := now.Sub(l.start)
	if len(l.young) >= maxClients/2 || at-l.turned >= l.rate.Period {
		l.young, l.old, l.turned = map[netip.Addr]time.Duration{}, l.young, at
	}
	full, known := l.young[client]
	if !known {
		full = l.old[client]
	}
	each := l.rate.Period / time.Duration(l.rate.Requests)
	missing := max(full-at, 0) // in time
	if ok = missing+each <= l.rate.Period; ok {
		missing += each
		l.young[client] = at + missing
	}
	if left = int((l.rate.Period - missing) / each); left > 0 {
		return ok, left, missing
	}
	return ok, 0, missing + each - l.rate.Period
}

// throttle holds each client to the rate, and tells it how it stands in the
// fields of draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4. Probes
// are not counted.
func (s *server) throttle(next http.Handler) http.Handler {
	if s.Rate.Requests <= 0 || s.Rate.Period <= 0 {
		return next
	}
	clients := newLimiter(s.Rate, s.Now())
	policy := fmt.Sprintf(`"default";q=%d;w=%d`, s.Rate.Requests, int(s.Rate.Period/time.Second))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isProbe(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		ok, left, reset := clients.take(clientOf(r, s.TrustProxy), s.Now())
		seconds := int((reset + time.Second - 1) / time.Second)
		w.Header().Set("RateLimit-Policy", policy)
		w.Header().Set("RateLimit", fmt.Sprintf(`"default";r=%d;t=%d`, left, seconds))
		if !ok {
			p := api.NewProblem("rate-limited", "")
			p.RetryAfter = seconds
			s.refuse(w, r, p)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// clientOf returns the address a request comes from: that of the connection, or,
// where a proxy is trusted, the last of X-Forwarded-For, which is the one that
// the proxy added; what stands before it anybody can claim. Of IPv6 it is the
// network of 64 bits, of which a subscriber has all addresses (RFC 7421). Clients
// whose address cannot be read are one.
func clientOf(r *http.Request, trust bool) netip.Addr {
	client := addrOf(r.RemoteAddr)
	if told := addrOf(api.Forwarded(r, "X-Forwarded-For")); trust && told.IsValid() {
		client = told
	}
	if client.Is6() {
		if network, err := client.Prefix(64); err == nil {
			return network.Addr()
		}
	}
	return client
}

// addrOf reads an address with or without a port.
func addrOf(text string) netip.Addr {
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap()
}
