package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/auth"
)

// A provider is an OpenID Connect provider with the keys it has at the time.
type provider struct {
	*httptest.Server
	keys  jose.JSONWebKeySet
	away  atomic.Bool
	hold  chan struct{} // answers wait until it is closed; nil for none
	asked atomic.Int32
}

func newProvider(t *testing.T) *provider {
	p := &provider{}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": p.URL, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL, "token_endpoint": p.URL})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(p.keys) })
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		if p.hold != nil {
			<-p.hold
		}
		if p.away.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// publish makes the provider show a key, in place of those it showed.
func (p *provider) publish(name string, key crypto.PublicKey) {
	p.keys = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key, KeyID: name, Use: "sig"}}}
}

func sign(t *testing.T, algorithm jose.SignatureAlgorithm, name string, key any, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: name}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func ecKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// claims are those of a token that holds, with some of them changed; nil takes one out.
func (p *provider) claims(c *clock, changes map[string]any) map[string]any {
	claims := map[string]any{
		"iss": p.URL, "aud": "civgrid", "sub": "42", "name": "Li", "exp": c.at.Add(time.Hour).Unix(), "iat": c.at.Unix(),
		"civgrid_role": "planner", "civgrid_communities": []string{"D2", "D1"},
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

func tokenDoor(t *testing.T, p *provider, c *clock) *auth.Doorkeeper {
	return doorkeeper(t, auth.Options{Issuer: auth.Issuer{URL: p.URL, Audience: "civgrid"}, Now: c.now})
}

func bearer(token string) *http.Request { return request("/", "Authorization", "Bearer "+token) }

func TestTokensOpen(t *testing.T) {
	p, c := newProvider(t), noon()
	d := tokenDoor(t, p, c)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	want := api.Caller{ID: "oidc:" + p.URL + "#42", Name: "Li", Role: api.Planner, Scope: api.Scope{"D1", "D2"}}
	for algorithm, key := range map[jose.SignatureAlgorithm]crypto.Signer{jose.RS256: rsaKey, jose.ES256: ecKey(t), jose.EdDSA: edKey} {
		p.publish(string(algorithm), key.Public()) // so the keys are rotated each time
		token := sign(t, algorithm, string(algorithm), key, p.claims(c, nil))
		c.at = c.at.Add(5 * time.Second) // the issuer is not asked more often
		got, _, err := d.Identify(bearer(token))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", algorithm, err, diff)
		}
	}
}

func TestScopesOfTokens(t *testing.T) {
	p, c, key := newProvider(t), noon(), ecKey(t)
	p.publish("k", key.Public())
	d := tokenDoor(t, p, c)
	f := func(claim any, want api.Scope, opens bool) {
		t.Helper()
		got, _, err := d.Identify(bearer(sign(t, jose.ES256, "k", key, p.claims(c, map[string]any{"civgrid_communities": claim}))))
		if diff := cmp.Diff(want, got.Scope); (err == nil) != opens || diff != "" {
			t.Errorf("%v: %v (-want +got)\n%s", claim, err, diff)
		}
	}
	f("D2 D1", api.Scope{"D1", "D2"}, true)
	f("*", nil, true)
	f([]string{"*"}, nil, true)
	f([]string{"*", "D1"}, api.Scope{"*", "D1"}, true) // of which only D1 can be a community
	f("", nil, false)
	f([]string{}, nil, false)
	f([]any{7}, nil, false)
	f(map[string]any{"D1": true}, nil, false)
	f(nil, nil, false)
}

func TestTokensNotToBelieve(t *testing.T) {
	p, c, key := newProvider(t), noon(), ecKey(t)
	p.publish("k", key.Public())
	d := tokenDoor(t, p, c)
	f := func(how, token string) {
		t.Helper()
		if got, _, err := d.Identify(bearer(token)); !refused(err) || got.Role != api.Anonymous {
			t.Errorf("%s: %+v, %v, want it refused", how, got, err)
		}
	}
	with := func(name string, value any) string {
		return sign(t, jose.ES256, "k", key, p.claims(c, map[string]any{name: value}))
	}
	if _, _, err := d.Identify(bearer(with("iat", c.at.Unix()))); err != nil {
		t.Fatalf("a token to believe: %v", err)
	}
	f("issuer", with("iss", "https://elsewhere.example"))
	f("audience", with("aud", "other"))
	f("no audience", with("aud", nil))
	f("expired", with("exp", c.at.Add(-time.Minute-time.Second).Unix()))
	f("no expiry", with("exp", nil))
	f("not yet", with("nbf", c.at.Add(time.Minute+2*time.Second).Unix()))
	f("no role", with("civgrid_role", nil))
	f("unknown role", with("civgrid_role", "owner"))
	f("anonymous", with("civgrid_role", ""))
	f("list of roles", with("civgrid_role", []string{"admin"}))
	f("another's key", sign(t, jose.ES256, "k", ecKey(t), p.claims(c, nil)))
	f("unknown key", sign(t, jose.ES256, "other", ecKey(t), p.claims(c, nil)))
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	f("public key as secret", sign(t, jose.HS256, "k", public, p.claims(c, nil)))
	f("no signature", "eyJhbGciOiJub25lIn0."+"eyJzdWIiOiI0MiJ9"+".")
	f("no token", "a.b.c")
	for how, at := range map[string]map[string]any{"late by less than the skew": {"exp": c.at.Add(-time.Minute + time.Second).Unix()}, "early by less": {"nbf": c.at.Add(time.Minute - time.Second).Unix()}} {
		if _, _, err := d.Identify(bearer(sign(t, jose.ES256, "k", key, p.claims(c, at)))); err != nil {
			t.Errorf("%s: %v", how, err)
		}
	}
}

func TestIssuersNotToBelieve(t *testing.T) {
	for _, i := range []auth.Issuer{{URL: "http://id.example", Audience: "civgrid"}, {URL: "id.example", Audience: "civgrid"}, {URL: "https://id.example"}} {
		if _, err := auth.New(auth.Options{Issuer: i, Now: noon().now}); err == nil {
			t.Errorf("%+v is believed", i)
		}
	}
}
