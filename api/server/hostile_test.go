package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// listening serves a handler as civgrid serve does, until the test ends, and
// returns its address.
func listening(t *testing.T, h http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, h) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return listener.Addr().String()
}

// raw sends bytes as they are and returns the first answer to them, nil where
// the connection is closed without one.
func raw(t *testing.T, addr, text string) *http.Response {
	t.Helper()
	connection, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(connection, text); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		return nil
	}
	return response
}

func TestRequestsNobodyMeansWell(t *testing.T) {
	addr := listening(t, handler(&fakeEngine{}, Options{}))
	const end = " HTTP/1.1\r\nHost: x\r\n\r\n"
	f := func(name string, status int, text string) {
		t.Helper()
		response := raw(t, addr, text)
		if response == nil || response.StatusCode != status {
			t.Errorf("%s: %+v, want %d", name, response, status)
		}
	}
	f("TRACE", 405, "TRACE /collections"+end)
	f("TRACE of the page", 405, "TRACE /"+end)
	f("TRACE of a probe", 405, "TRACE /livez"+end)
	f("TRACE of nothing", 404, "TRACE /nothing"+end)
	f("CONNECT", 404, "CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: elsewhere.example:443\r\n\r\n")
	f("a method of one's own", 405, "BREW /collections"+end)
	f("a lower-case method", 405, "get /collections"+end)
	f("a URL of 9 KB", 414, "GET /"+strings.Repeat("x", 9<<10)+end)
	f("a query of 20 KB", 414, "GET /?a="+strings.Repeat("x", 20<<10)+end)
	f("a URL of 200 KB", 431, "GET /"+strings.Repeat("x", 200<<10)+end)
	f("a header of 200 KB", 431, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("x", 200<<10)+"\r\n\r\n")
	f("the URL of another host", 200, "GET http://evil.example/collections"+end)
	f("no host", 400, "GET / HTTP/1.1\r\n\r\n")
	f("two hosts", 400, "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")
	f("two lengths", 400, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")
	f("an unknown coding", 501, "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n")
	f("a space before the colon", 400, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc")
	f("a NUL in the path", 404, "GET /collections/%00"+end)
	f("dots in the path", 404, "GET /static/../../etc/passwd"+end)
	f("encoded dots", 404, "GET /static/%2e%2e%2fpage.html"+end)
	f("a broken escape", 400, "GET /collections/%zz"+end)
	f("a body that does not come", 200, "GET /collections HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
}

// TestTraceEchoesNothing: an answer to TRACE would hold the request's header,
// with whatever a proxy added to it (RFC 9110, section 9.3.8).
func TestTraceEchoesNothing(t *testing.T) {
	w := do(handler(&fakeEngine{}, Options{}), "TRACE", "/collections", "Authorization", "Basic aHVzaA==")
	if w.Code != 405 || strings.Contains(w.Body.String(), "aHVzaA") || w.Header().Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Errorf("TRACE: %d, Allow %q, %s", w.Code, w.Header().Get("Allow"), w.Body)
	}
}

// TestForgedHeadersChangeNothing asks with every header by which proxies tell
// of a client or a host: without a trusted proxy all answers are the same.
func TestForgedHeadersChangeNothing(t *testing.T) {
	now := func() time.Time { return time.Unix(1e9, 0) }
	s := handler(&fakeEngine{}, Options{Now: now, Rate: Rate{1000, time.Hour}})
	forged := []string{
		"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https", "X-Forwarded-For", "127.0.0.1", "X-Forwarded-Port", "8443",
		"X-Forwarded-Prefix", "/evil", "X-Real-IP", "127.0.0.1", "Forwarded", "for=127.0.0.1;host=evil.example;proto=https",
		"X-Original-URL", "/metrics", "X-Rewrite-URL", "/metrics", "X-HTTP-Method-Override", "TRACE", "X-Request-Id", "a",
	}
	for i, target := range []string{"/", "/collections", "/collections/hotspot/items", "/api", "/nothing", "/?x=1"} {
		plain, got := do(s, "GET", target), do(s, "GET", target, forged...)
		if got.Code != plain.Code || withoutID(got) != withoutID(plain) || got.Header().Get("ETag") != plain.Header().Get("ETag") {
			t.Errorf("%s: forged headers make %d %s of %d %s", target, got.Code, got.Body, plain.Code, plain.Body)
		}
		if left := fmt.Sprintf(`"default";r=%d;`, 1000-2*(i+1)); !strings.HasPrefix(got.Header().Get("RateLimit"), left) {
			t.Errorf("%s: a forged address has a bucket of its own: %s, want %s", target, got.Header().Get("RateLimit"), left)
		}
	}
}

// withoutID returns the body of an answer without the id of the request.
func withoutID(w *httptest.ResponseRecorder) string {
	return strings.ReplaceAll(w.Body.String(), w.Header().Get("X-Request-Id"), "")
}

// TestHostsThatAreNoneAreNotRepeated sends Host fields with more in them than a
// name and a port.
func TestHostsThatAreNoneAreNotRepeated(t *testing.T) {
	addr := listening(t, handler(&fakeEngine{}, Options{}))
	fixed := listening(t, handler(&fakeEngine{}, Options{BaseURL: "https://maps.example"}))
	for _, host := range []string{"x/evil", "user@evil", "x?evil", "x#evil", "x%22evil", "evil.example,x"} {
		for _, addr := range []string{addr, fixed} {
			response := raw(t, addr, "GET /collections HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
			if response == nil {
				t.Errorf("Host %q: no answer", host)
				continue
			}
			if body, err := io.ReadAll(response.Body); err != nil || strings.Contains(string(body), "evil") {
				t.Errorf("Host %q is repeated (%v): %s", host, err, body)
			}
		}
	}
	response := raw(t, fixed, "GET /collections HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
	if body, err := io.ReadAll(response.Body); err != nil || strings.Contains(string(body), "evil") || !strings.Contains(string(body), "https://maps.example/collections") {
		t.Errorf("with an address of its own the service gives another (%v): %s", err, body)
	}
}

// TestHeadersMustComeSoon sends a request a piece at a time, and never its end.
func TestHeadersMustComeSoon(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for as long as a header may take")
	}
	t.Parallel()
	connection, err := net.Dial("tcp", listening(t, handler(&fakeEngine{}, Options{})))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	begin := time.Now()
	for _, err = io.WriteString(connection, "GET / HTTP/1.1\r\nHost: x\r\n"); err == nil; _, err = io.WriteString(connection, "X-A: b\r\n") {
		if time.Since(begin) > readHeaderTimeout+5*time.Second {
			t.Fatalf("after %s the header may still go on", time.Since(begin))
		}
		time.Sleep(200 * time.Millisecond)
	}
	if took := time.Since(begin); took < readHeaderTimeout {
		t.Errorf("the connection ended after %s, want %s at least", took, readHeaderTimeout)
	}
}

// TestClientsThatNeverReadEndToo sends requests without reading an answer: in
// small answers, which fit into a buffer, no write seems to stall.
func TestClientsThatNeverReadEndToo(t *testing.T) {
	s := handler(&fakeEngine{}, Options{StallTimeout: 100 * time.Millisecond})
	service := &http.Server{Handler: s}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{}, 1)
	service.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	go service.Serve(listener)
	defer service.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	go func() {
		for err := error(nil); err == nil; {
			_, err = io.WriteString(client, strings.Repeat("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 100))
		}
	}()
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Error("the connection is still held after 20 s")
	}
}
