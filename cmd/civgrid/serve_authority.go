package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// How long certificates hold. Phones take none of a server that holds for longer than 825
// days (Apple, Requirements for trusted certificates in iOS 13).
const (
	authorityYears = 10
	leafDays       = 397
)

const maxKeyBytes = 1 << 16

// An authority signs certificates for this machine. It could do so for the names that the
// machine had when it was made, for names below these, and for its addresses and those of
// private networks only (RFC 5280, section 4.2.1.10), so that whoever trusts it trusts it
// with nothing else.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// openAuthority opens the authority in a folder, or makes it. Without a folder it is kept
// nowhere.
func openAuthority(dir string, names []string, now time.Time) (*authority, error) {
	if dir == "" {
		return newAuthority(names, now)
	}
	certificate, key := filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key")
	a, err := readAuthority(certificate, key)
	if !errors.Is(err, fs.ErrNotExist) {
		return a, err
	}
	if a, err = newAuthority(names, now); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	text, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return nil, err
	}
	if err := writeSecretly(key, "PRIVATE KEY", text); err != nil {
		return nil, err
	}
	return a, writeSecretly(certificate, "CERTIFICATE", a.certificate.Raw)
}

func writeSecretly(path, kind string, content []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600)
}

// readAuthority reads what openAuthority wrote. The error is [fs.ErrNotExist] where neither
// file is there: one without the other is no authority that could be made anew unnoticed.
func readAuthority(certificate, key string) (*authority, error) {
	public, err := os.ReadFile(certificate)
	secret, keyErr := readClosed(key, maxKeyBytes)
	switch noCertificate, noKey := errors.Is(err, fs.ErrNotExist), errors.Is(keyErr, fs.ErrNotExist); {
	case noCertificate && !noKey:
		return nil, fmt.Errorf("there is %s without %s", key, certificate)
	case noKey && !noCertificate:
		return nil, fmt.Errorf("there is %s without %s", certificate, key)
	}
	if err = errors.Join(err, keyErr); err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(public, secret)
	if err != nil {
		return nil, err
	}
	private, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA {
		return nil, fmt.Errorf("%s is no authority of ours", certificate)
	}
	return &authority{pair.Leaf, private}, nil
}

func newAuthority(names []string, now time.Time) (*authority, error) {
	dns, addresses := parted(names)
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "Civgrid " + now.UTC().Format(time.DateOnly), Organization: []string{"Civgrid"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(authorityYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: dns, PermittedIPRanges: privateNetworks(),
	}
	for _, ip := range addresses {
		template.PermittedIPRanges = append(template.PermittedIPRanges, &net.IPNet{IP: ip, Mask: net.CIDRMask(8*len(ip), 8*len(ip))})
	}
	return sign(template, nil)
}

// sign makes a certificate and its key, by an authority or, without one, by itself.
func sign(template *x509.Certificate, by *authority) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if by == nil {
		by = &authority{template, key}
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return nil, err
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, by.certificate, &key.PublicKey, by.key)
	if err != nil {
		return nil, err
	}
	made, err := x509.ParseCertificate(raw)
	return &authority{made, key}, err
}

// permits reports whether the authority may sign for a name or an address.
func (a *authority) permits(name string) bool {
	if ip := net.ParseIP(name); ip != nil {
		return slices.ContainsFunc(a.certificate.PermittedIPRanges, func(n *net.IPNet) bool { return n.Contains(ip) })
	}
	return slices.Contains(a.certificate.PermittedDNSDomains, name)
}

// issue makes a certificate for names and addresses.
func (a *authority) issue(names []string, now time.Time) (tls.Certificate, error) {
	dns, addresses := parted(names)
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: dns[0]},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, leafDays),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: dns, IPAddresses: addresses,
	}
	leaf, err := sign(template, a)
	if err != nil {
		return tls.Certificate{}, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	for _, name := range names { // what the authority may not sign phones would refuse, and say little
		if ip := net.ParseIP(name); ip != nil {
			name = "[" + name + "]"
		}
		if _, err := leaf.certificate.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now}); err != nil {
			return tls.Certificate{}, err
		}
	}
	return tls.Certificate{Certificate: [][]byte{leaf.certificate.Raw, a.certificate.Raw}, PrivateKey: leaf.key, Leaf: leaf.certificate}, nil
}

// parted parts names from addresses.
func parted(names []string) (dns []string, addresses []net.IP) {
	for _, name := range names {
		ip := net.ParseIP(name)
		switch four := ip.To4(); {
		case ip == nil:
			dns = append(dns, name)
		case four != nil:
			addresses = append(addresses, four)
		default:
			addresses = append(addresses, ip)
		}
	}
	return dns, addresses
}

// privateNetworks are those of RFC 1918, of RFC 4193, and loopback.
func privateNetworks() (networks []*net.IPNet) {
	for _, text := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128"} {
		_, network, err := net.ParseCIDR(text)
		if err != nil {
			panic("BUG: " + text + " is no network")
		}
		networks = append(networks, network)
	}
	return networks
}

// fingerprint is what people compare to know a certificate: its SHA-256.
func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	var pairs []string
	for _, b := range sum {
		pairs = append(pairs, fmt.Sprintf("%02X", b))
	}
	return strings.Join(pairs, ":")
}
