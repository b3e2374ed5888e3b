package server

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/civgrid/civgrid/api/auth"
)

// TestServicesOfOneSecretTakeEachOthers cursors and entity tags of facts, as those behind
// one balancer do; one of another secret takes neither, and neither is made with the key
// of the other.
func TestServicesOfOneSecretTakeEachOthers(t *testing.T) {
	d := newDesk(t)
	doorkeeper, err := auth.New(auth.Options{Catalog: d.store, Now: today})
	if err != nil {
		t.Fatal(err)
	}
	later := func() time.Time { return today().Add(time.Minute) }
	serve := func(secret string) *desk {
		of := *d
		copied := *d.divided
		of.divided = &copied
		of.service = New(d.store, Options{Now: later, Doorkeeper: doorkeeper, Write: true, Secret: []byte(secret)})
		t.Cleanup(func() { _ = of.service.Close(context.Background()) })
		return &of
	}
	one, two, other := serve("a secret of 32 bytes or some more"), serve("a secret of 32 bytes or some more"), serve("another secret of 32 bytes or more")
	at := incidentsAt + "/" + featureOf(t, one.send(one.inspector, "POST", incidentsAt, light(inTheEast, ""))).ID
	tag := one.send(one.inspector, "GET", at, "").Header().Get("ETag")
	patch := func(at *desk, target string) int {
		w := at.send(at.inspector, "PATCH", target, `{"properties":{"category":"lamp"}}`, "If-Match", tag, "Content-Type", "application/merge-patch+json")
		return w.Code
	}
	if status := patch(other, at); status != http.StatusPreconditionFailed {
		t.Errorf("a service of another secret answers the tag with %d, want 412", status)
	}
	if status := patch(two, at); status != http.StatusOK {
		t.Errorf("the second service answers the tag of the first with %d, want 200", status)
	}
	var page struct {
		Links []struct{ Rel, Href string }
	}
	if err := json.Unmarshal(one.send(one.inspector, "GET", incidentsAt+"?limit=1", "").Body.Bytes(), &page); err != nil {
		t.Fatal(err)
	}
	for _, l := range page.Links {
		next, err := url.Parse(l.Href)
		if err != nil || l.Rel != "next" {
			continue
		}
		for who, f := range map[string]struct {
			service *desk
			key     string
			status  int
		}{"the second": {two, two.inspector, 200}, "one of another secret": {other, other.inspector, 400}, "another world": {two, two.reader, 400}} {
			if w := f.service.send(f.key, "GET", next.RequestURI(), ""); w.Code != f.status {
				t.Errorf("%s answers the cursor with %d %s, want %d", who, w.Code, w.Body, f.status)
			}
		}
		return
	}
	t.Errorf("there is no next page: %+v", page)
}

// TestKeysOfUsesAndWorlds are derived from one secret, and are all others. The expected
// key is by `openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt key:secret -kdfopt
// info:"civgrid tags↵reader↵["A" "B"]" HKDF`, with ends of line for the arrows.
func TestKeysOfUsesAndWorlds(t *testing.T) {
	s := &server{Options: Options{Secret: []byte("secret")}}
	seen := map[string]bool{}
	for _, use := range []string{"cursors", "tags"} {
		for _, of := range [][]string{nil, {"A"}, {"A", "B"}} {
			seen[string(s.secretOf(use, "", of))] = true
			seen[string(s.secretOf(use, "reader", of))] = true
		}
	}
	if len(seen) != 12 {
		t.Errorf("%d keys, want 12", len(seen))
	}
	const want = "1bf30bc14fbf4b698c8627a2d73196ae223be97b45b8c721bda9400d12e42e8e"
	if got := hex.EncodeToString(s.secretOf("tags", "reader", []string{"A", "B"})); got != want {
		t.Errorf("the key is %s, want %s", got, want)
	}
}
