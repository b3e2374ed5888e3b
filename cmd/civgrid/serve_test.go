package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// startServe starts civgrid serve with arguments until the test ends, and returns
// the addresses it tells, by the first word of their line.
func startServe(t *testing.T, args ...string) map[string]string {
	t.Helper()
	out, told := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	p := &program{out: told, err: io.Discard, now: time.Now}
	ended := make(chan int, 1)
	go func() {
		ended <- p.run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...))
		told.Close()
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != exitOK {
			t.Errorf("serve ended with code %d", code)
		}
	})
	addresses, lines := map[string]string{}, bufio.NewScanner(out)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		addresses[word] = strings.TrimSpace(rest)
		if word == "GDAL" { // the last line for everybody
			break
		}
	}
	if addresses["Map"] == "" {
		t.Fatal("serve told no address")
	}
	go func() {
		for lines.Scan() { // whoever writes more is not to wait
			continue
		}
	}()
	return addresses
}

// statusOf returns the status and header of a GET.
func statusOf(t *testing.T, url string) (int, http.Header) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode, response.Header
}

func TestServeHasAnAddressForOperators(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ops := free.Addr().String()
	if code := (&program{out: io.Discard, err: io.Discard, now: time.Now}).run(t.Context(), []string{"serve", "--store", "memory:", "--addr", "127.0.0.1:0", "--ops", ops}); code != exitFailure {
		t.Errorf("with an address that is taken serve ended with %d, want %d", code, exitFailure)
	}
	free.Close()
	addresses := startServe(t, "--store", "memory:", "--ops", ops)
	for url, want := range map[string]int{
		"http://" + ops + "/metrics": 200, "http://" + ops + "/debug/pprof/heap": 200, "http://" + ops + "/readyz": 200, "http://" + ops + "/collections": 404,
		addresses["Map"] + "metrics": 404, addresses["Map"] + "debug/pprof/": 404, addresses["Map"] + "collections": 200,
	} {
		if got, _ := statusOf(t, url); got != want {
			t.Errorf("%s: %d, want %d", url, got, want)
		}
	}
}

func TestServeHoldsClientsToTheRate(t *testing.T) {
	url := startServe(t, "--store", "memory:", "--rate", "2/h")["Map"] + "collections"
	for i, want := range []int{200, 200, 429} {
		if got, header := statusOf(t, url); got != want || header.Get("RateLimit-Policy") != `"default";q=2;w=3600` {
			t.Errorf("request %d: %d %s, want %d", i+1, got, header.Get("RateLimit-Policy"), want)
		}
	}
	if code, _, told := run(t, "serve", "--store", "memory:", "--rate", "600/day"); code != exitUsage || !strings.Contains(told, "600/min") {
		t.Errorf("a wrong rate ends with code %d: %s", code, told)
	}
}

func TestServeTellsClientsApartBehindAProxy(t *testing.T) {
	url := startServe(t, "--store", "memory:", "--rate", "1/h", "--trust-proxy")["Map"] + "collections"
	for i, want := range []int{200, 200, 429} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Forwarded-For", []string{"198.51.100.7", "198.51.100.8", "10.1.1.1, 198.51.100.7"}[i])
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("request %d: %d, want %d", i+1, response.StatusCode, want)
		}
	}
}
