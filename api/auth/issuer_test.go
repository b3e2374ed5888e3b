package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/civgrid/civgrid/api"
)

// TestProviderThatIsAway is told as what it is, asked again after a while and not by
// everybody.
func TestProviderThatIsAway(t *testing.T) {
	p, c, key := newProvider(t), noon(), ecKey(t)
	p.publish("k", key.Public())
	p.away.Store(true)
	d := tokenDoor(t, p, c)
	token := sign(t, jose.ES256, "k", key, p.claims(c, nil))
	for range 3 {
		if _, _, err := d.Identify(bearer(token)); err == nil || api.ProblemOf(err).Slug != "unavailable" {
			t.Errorf("%v, want unavailable", err)
		}
	}
	if n := p.asked.Load(); n != 1 {
		t.Errorf("three tokens ask %d times", n)
	}
	p.away.Store(false)
	c.at = c.at.Add(5 * time.Second)
	if _, _, err := d.Identify(bearer(token)); err != nil {
		t.Error(err)
	}
}

// TestMadeUpKeysCostTheIssuerLittle shows tokens of keys that there are not: the issuer is
// asked for them once in a while, and a key that is new is known after that.
func TestMadeUpKeysCostTheIssuerLittle(t *testing.T) {
	p, c, key, next := newProvider(t), noon(), ecKey(t), ecKey(t)
	p.publish("k", key.Public())
	d := tokenDoor(t, p, c)
	token, rotated := sign(t, jose.ES256, "k", key, p.claims(c, nil)), sign(t, jose.ES256, "next", next, p.claims(c, nil))
	opens := func(token string) {
		t.Helper()
		if _, _, err := d.Identify(bearer(token)); err != nil {
			t.Error(err)
		}
	}
	madeUp := func() {
		t.Helper()
		for _, name := range []string{"x", "y", "z", "k", ""} {
			if _, _, err := d.Identify(bearer(sign(t, jose.ES256, name, ecKey(t), p.claims(c, nil)))); !refused(err) {
				t.Errorf("a token of the key %q: %v, want it refused", name, err)
			}
		}
		opens(token)
	}
	asked := func(want int32) {
		t.Helper()
		if n := p.asked.Load(); n != want {
			t.Errorf("the issuer was asked %d times, want %d", n, want)
		}
	}
	opens(token)
	asked(2) // where its keys are, and for them
	madeUp()
	asked(2)
	c.at = c.at.Add(5 * time.Second)
	madeUp()
	asked(3)
	p.keys.Keys = append(p.keys.Keys, jose.JSONWebKey{Key: next.Public(), KeyID: "next"})
	c.at = c.at.Add(5 * time.Second)
	opens(rotated)
	asked(4)
}

// TestIssuerGoesAway after its keys are known: only what takes another key waits for it.
func TestIssuerGoesAway(t *testing.T) {
	p, c, key := newProvider(t), noon(), ecKey(t)
	p.publish("k", key.Public())
	d := tokenDoor(t, p, c)
	token, other := sign(t, jose.ES256, "k", key, p.claims(c, nil)), sign(t, jose.ES256, "other", ecKey(t), p.claims(c, nil))
	forged := sign(t, jose.ES256, "k", ecKey(t), p.claims(c, nil))
	if _, _, err := d.Identify(bearer(token)); err != nil {
		t.Fatal(err)
	}
	p.away.Store(true)
	c.at = c.at.Add(5 * time.Second)
	for range 3 {
		if _, _, err := d.Identify(bearer(token)); err != nil {
			t.Errorf("of a known key: %v", err)
		}
		if _, _, err := d.Identify(bearer(other)); err == nil || api.ProblemOf(err).Status != 503 || api.ProblemOf(err).RetryAfter == 0 {
			t.Errorf("of an unknown key: %v, want 503 and when to come again", err)
		}
		if _, _, err := d.Identify(bearer(forged)); !refused(err) {
			t.Errorf("forged: %v, want it refused", err)
		}
	}
	if n := p.asked.Load(); n != 3 {
		t.Errorf("the issuer was asked %d times, want 3", n)
	}
}

// TestNobodyWaitsForTheIssuerLongerThanAsked has it keep two requests waiting, of which
// one ends.
func TestNobodyWaitsForTheIssuerLongerThanAsked(t *testing.T) {
	p, c, key := newProvider(t), noon(), ecKey(t)
	p.publish("k", key.Public())
	p.hold = make(chan struct{})
	d := tokenDoor(t, p, c)
	token := sign(t, jose.ES256, "k", key, p.claims(c, nil))
	patient := make(chan error)
	ctx, leave := context.WithCancel(t.Context())
	hasty := make(chan error)
	ask := func(ctx context.Context, to chan error) {
		_, _, err := d.Identify(bearer(token).WithContext(ctx))
		to <- err
	}
	go ask(ctx, hasty) // whose look it may be
	go ask(t.Context(), patient)
	for p.asked.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	leave()
	select {
	case err := <-hasty:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want that the request was given up", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("a request that was given up waits on")
	}
	close(p.hold)
	if err := <-patient; err != nil {
		t.Errorf("who waited on: %v", err)
	}
}

// TestKeysThatAreNotUnderstood stand beside one that is.
func TestKeysThatAreNotUnderstood(t *testing.T) {
	p, c, key := newProvider(t), noon(), ecKey(t)
	known, err := json.Marshal(jose.JSONWebKey{Key: key.Public(), KeyID: "k"})
	if err != nil {
		t.Fatal(err)
	}
	keys := p.Config.Handler
	p.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			fmt.Fprintf(w, `{"keys":[{"kty":"OKP","crv":"X448","x":"AA"},{"kty":"new"},%s]}`, known)
			return
		}
		keys.ServeHTTP(w, r)
	})
	if _, _, err := tokenDoor(t, p, c).Identify(bearer(sign(t, jose.ES256, "k", key, p.claims(c, nil)))); err != nil {
		t.Error(err)
	}
}
