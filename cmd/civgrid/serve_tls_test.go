package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestServeByItsOwnAuthority: what trusts the authority trusts the service, by each of its
// names, and who comes without TLS is led on.
func TestServeByItsOwnAuthority(t *testing.T) {
	addresses := startServe(t, "--tls", "auto")
	if !strings.HasPrefix(addresses["Map"], "https://127.0.0.1:") || !strings.HasSuffix(addresses["Phone"], "/inspect") {
		t.Fatalf("serve tells %v", addresses)
	}
	plain := strings.Replace(addresses["Map"], "https:", "http:", 1)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: 10 * time.Second}
	get := func(url string) (*http.Response, []byte) {
		t.Helper()
		answer, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer, body
	}
	led, _ := get(plain + "collections?f=json")
	if led.StatusCode != 308 || led.Header.Get("Location") != addresses["Map"]+"collections?f=json" {
		t.Errorf("without TLS the answer is %d to %s", led.StatusCode, led.Header.Get("Location"))
	}
	answer, ca := get(plain + "ca.crt")
	authority, err := x509.ParseCertificate(ca)
	if err != nil || !authority.IsCA || answer.Header.Get("Content-Type") != "application/x-x509-ca-cert" {
		t.Fatalf("%v as %s", err, answer.Header.Get("Content-Type"))
	}
	if _, err := client.Get(addresses["Map"]); err == nil {
		t.Error("who does not trust the authority trusts the service")
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	if answer, body := get(addresses["Map"] + "collections"); answer.StatusCode != 200 || !strings.Contains(string(body), addresses["Map"]+"collections") {
		t.Errorf("by TLS: %d %.300s", answer.StatusCode, body)
	}
	if _, again := get(addresses["Map"] + "ca.crt"); string(again) != string(ca) {
		t.Error("by TLS there is another authority")
	}
}

// TestTheAuthorityStays the same from one start to the next, is for its owner alone, and
// can sign for no place in the world.
func TestTheAuthorityStays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x.gpkg.tls")
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	names := []string{"localhost", "survey-desk", "127.0.0.1", "::1", "192.168.7.7", "203.0.113.9"}
	first, err := openAuthority(dir, names, now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := openAuthority(dir, names, now.AddDate(1, 0, 0))
	if err != nil || fingerprint(again.certificate) != fingerprint(first.certificate) || len(fingerprint(first.certificate)) != 32*3-1 {
		t.Errorf("%v: the authority has changed", err)
	}
	for _, file := range []string{"ca.crt", "ca.key"} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("%s: %v, %v", file, info, err)
		}
	}
	for _, f := range []struct {
		name string
		fine bool
	}{{"localhost", true}, {"survey-desk", true}, {"192.168.7.7", true}, {"10.1.2.3", true}, {"203.0.113.9", true}, {"203.0.113.10", false}, {"bank.example", false}} {
		leaf, err := again.issue(append(names, f.name), now)
		if (err == nil) != f.fine || again.permits(f.name) != f.fine {
			t.Errorf("a certificate for %s: %v", f.name, err)
		}
		if err == nil && leaf.Leaf.NotAfter.Sub(leaf.Leaf.NotBefore) > 825*24*time.Hour {
			t.Errorf("it holds until %v", leaf.Leaf.NotAfter)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.crt"), []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openAuthority(dir, names, now); err == nil {
		t.Error("a broken authority is replaced in silence")
	}
}

// TestAuthoritiesThatAreRefused: half of one, and one whose key is open to others.
func TestAuthoritiesThatAreRefused(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f := func(want string, spoil func(certificate, key string) error) {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "x.gpkg.tls")
		if _, err := openAuthority(dir, []string{"localhost"}, now); err != nil {
			t.Fatal(err)
		}
		if err := spoil(filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key")); err != nil {
			t.Fatal(err)
		}
		if _, err := openAuthority(dir, []string{"localhost"}, now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
	f("without", func(certificate, _ string) error { return os.Remove(certificate) })
	f("without", func(_, key string) error { return os.Remove(key) })
	if runtime.GOOS != "windows" {
		f("everybody can read or write it (mode 0644)", func(_, key string) error { return os.Chmod(key, 0o644) })
	}
}

func TestServeWithWrongCertificates(t *testing.T) {
	for given, code := range map[string]int{"yes": exitUsage, "a.pem,b.pem": exitFailure} {
		if got, _, told := run(t, "serve", "--store", "memory:", "--addr", "127.0.0.1:0", "--tls", given); got != code {
			t.Errorf("--tls %s ends with %d: %s", given, got, told)
		}
	}
}

// TestPartsOfAListener: who says nothing keeps nobody from being answered.
func TestPartsOfAListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secure, plain := partBy(l, isHandshake)
	silent, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for said, to := range map[string]net.Listener{"\x16\x03\x01": secure, "GET / HTTP/1.1\r\n": plain} {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, said); err != nil {
			t.Fatal(err)
		}
		got, err := to.Accept()
		if err != nil {
			t.Fatal(err)
		}
		heard := make([]byte, len(said))
		if _, err := io.ReadFull(bufio.NewReader(got), heard); err != nil || string(heard) != said {
			t.Errorf("of %q %q is heard: %v", said, heard, err)
		}
		got.Close()
	}
	if err := secure.Close(); err != nil {
		t.Error(err)
	}
	if _, err := plain.Accept(); err == nil {
		t.Error("a part outlives the listener")
	}
	if err := plain.Close(); err != nil {
		t.Errorf("to close both is an error: %v", err)
	}
}

// TestQRCodesAreSquare: a code of version 3, which holds such an address, has 29 modules a
// side (ISO/IEC 18004, section 5.3.1) and 4 around, two rows of them in a line.
func TestQRCodesAreSquare(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(qrCode("https://192.168.1.20:8443/inspect"), "\n"), "\n")
	const side = 29 + 2*4
	if len(lines) != (side+1)/2 {
		t.Errorf("there are %d lines", len(lines))
	}
	for _, line := range lines {
		inside, framed := strings.CutPrefix(line, "\x1b[30;107m")
		inside, ended := strings.CutSuffix(inside, "\x1b[0m")
		if n := len([]rune(inside)); !framed || !ended || n != side {
			t.Errorf("%q has %d modules", line, n)
		}
	}
	finder := []rune(strings.TrimPrefix(lines[2], "\x1b[30;107m"))[4:11]
	if string(finder) != "█▀▀▀▀▀█" { // its first two rows, section 5.3.2.1
		t.Errorf("the corner is %q", string(finder))
	}
	if qrCode(strings.Repeat("x", 4000)) != "" {
		t.Error("a text that is too long makes a code")
	}
}

// TestServeTellsWhatAPublicServiceLacks and where everything is.
func TestServeTellsWhatAPublicServiceLacks(t *testing.T) {
	f := func(want, not string, args ...string) {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		in, told := io.Pipe()
		p := &program{out: io.Discard, err: told, now: time.Now}
		go func() {
			p.run(ctx, append([]string{"serve", "--store", "memory:"}, args...))
			told.Close()
		}()
		var all strings.Builder
		for lines := bufio.NewScanner(in); lines.Scan(); {
			all.WriteString(lines.Text() + "\n")
			if strings.HasPrefix(lines.Text(), "serving since") {
				stop()
			}
		}
		if !strings.Contains(all.String(), want) || not != "" && strings.Contains(all.String(), not) {
			t.Errorf("%v: told is\n%s", args, all.String())
		}
	}
	f("without TLS", "", "--addr", "0.0.0.0:0")
	f("--private asks for keys", "without TLS", "--addr", "0.0.0.0:0", "--tls", "auto")
	f("without TLS", "can read the published", "--addr", "0.0.0.0:0", "--private")
	f("serving since", "!", "--addr", "127.0.0.1:0")
}
