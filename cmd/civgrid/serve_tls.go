package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// caPath is where phones get the authority that they are to trust.
const caPath = "/ca.crt"

// A shield is how a service proves to be itself, and keeps what is sent from others.
type shield struct {
	config    *tls.Config
	authority *x509.Certificate // to be installed on phones; nil for certificates of others
}

// shield returns the shield of the settings, nil for none.
func (p *program) shield() (*shield, error) {
	switch given := p.config.get("tls"); given {
	case "":
		return nil, nil //nolint:nilnil // no shield is an answer
	case "auto":
		return p.ownShield()
	default:
		cert, key, both := strings.Cut(given, ",")
		if !both {
			return nil, usageError(fmt.Errorf("tls %q: want auto, or the files of a certificate and its key as CERT,KEY", given))
		}
		pair, err := tls.LoadX509KeyPair(strings.TrimSpace(cert), strings.TrimSpace(key))
		if err != nil {
			return nil, &codedError{code: exitFailure, err: fmt.Errorf("read the certificate: %w", err), hint: "both files are PEM; the certificate may be followed by those that lead to its authority"}
		}
		return &shield{config: shieldOf(pair)}, nil
	}
}

// ownShield returns a shield by an authority of our own.
func (p *program) ownShield() (*shield, error) {
	dir, err := p.authorityDir()
	if err != nil {
		return nil, err
	}
	names, base, err := p.hostNames()
	if err != nil {
		return nil, err
	}
	a, err := openAuthority(dir, names, p.now())
	if err == nil { // machines move, and need not be reached by every name they have
		names = slices.DeleteFunc(names, func(name string) bool { return name != base && !a.permits(name) })
		var leaf tls.Certificate
		if leaf, err = a.issue(names, p.now()); err == nil {
			return &shield{shieldOf(leaf), a.certificate}, nil
		}
	}
	return nil, &codedError{code: exitFailure, err: fmt.Errorf("make a certificate: %w", err), hint: "without the folder " + dir + " a new authority is made, which phones have to be told to trust again"}
}

// shieldOf returns the configuration of a certificate. HTTP/1.1 alone: what bounds slow
// clients goes by connections.
func shieldOf(pair tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
}

// authorityDir returns where the authority is kept: beside the file of a store, in the
// user's configuration for databases, and "", nowhere, for what is in memory.
func (p *program) authorityDir() (string, error) {
	store := p.config.get("store")
	switch {
	case store == "memory:":
		return "", nil
	case addressPrefix(store) == "":
		return store + ".tls", nil
	}
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "civgrid", "tls"), err
}

// hostNames returns the names and addresses by which this machine is reached, and which of
// them is that of its public address, "" for none.
func (p *program) hostNames() (names []string, base string, err error) {
	names = []string{"localhost", "127.0.0.1", "::1"}
	if host, err := os.Hostname(); err == nil && host != "" {
		names = append(names, strings.ToLower(host))
	}
	if address, err := url.Parse(p.config.get("base-url")); err == nil && address.Hostname() != "" {
		base = strings.ToLower(address.Hostname())
		names = append(names, base)
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil, "", err
	}
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && !network.IP.IsLinkLocalUnicast() {
			names = append(names, network.IP.String())
		}
	}
	slices.Sort(names)
	return slices.Compact(names), base, nil
}

// cover returns the public listener behind the shield, and what answers those who come
// without TLS to the same address.
func (s *shield) cover(public net.Listener) (secure, plain net.Listener) {
	secure, plain = partBy(public, isHandshake)
	return tls.NewListener(secure, s.config), plain
}

// hand adds the authority to what a service answers.
func (s *shield) hand(service http.Handler) http.Handler {
	if s.authority == nil {
		return service
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != caPath {
			service.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/x-x509-ca-cert")
		w.Header().Set("Content-Disposition", `attachment; filename="civgrid-ca.crt"`)
		_, _ = w.Write(s.authority.Raw)
	})
}

// redirect answers those who come without TLS: with the authority, which whoever has no
// trust in it yet can get in no other way, and else with the address to go to.
func (s *shield) redirect() http.Handler {
	return s.hand(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, "https://"+cmp.Or(r.Host, "localhost")+r.URL.RequestURI(), http.StatusPermanentRedirect)
	}))
}
