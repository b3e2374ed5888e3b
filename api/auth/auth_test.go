package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/auth"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

// A clock that tests turn.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func noon() *clock { return &clock{time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)} }

func create(t *testing.T, s data.Catalog, k auth.Key, now time.Time) (auth.Key, string) {
	t.Helper()
	k, secret, err := auth.Create(t.Context(), s, k, now)
	if err != nil {
		t.Fatal(err)
	}
	return k, secret
}

func doorkeeper(t *testing.T, o auth.Options) *auth.Doorkeeper {
	t.Helper()
	d, err := auth.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// request returns a request with some headers, given as name and value.
func request(address string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, address, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

// refused reports whether an error is the problem that tells a stranger nothing.
func refused(err error) bool {
	return err != nil && api.ProblemOf(err).Slug == "unauthorized"
}

func TestKeysOpen(t *testing.T) {
	c, store := noon(), memory.New()
	k, secret := create(t, store, auth.Key{Name: "field team", Role: api.Inspector, Communities: []string{"S2", "D1", "S2"}}, c.at)
	d := doorkeeper(t, auth.Options{Catalog: store, Now: c.now})
	want := api.Caller{ID: "key:" + k.ID, Name: "field team", Role: api.Inspector, Scope: api.Scope{"D1", "S2"}}
	basic := func(user, password string) *http.Request {
		r := request("/")
		r.SetBasicAuth(user, password)
		return r
	}
	for how, r := range map[string]*http.Request{
		"X-API-Key": request("/", "X-API-Key", secret), "Bearer": request("/", "Authorization", "Bearer "+secret), "bearer": request("/", "Authorization", "bearer "+secret),
		"password": basic("anybody", secret), "user": basic(secret, ""),
	} {
		got, _, err := d.Identify(r)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", how, err, diff)
		}
	}
	if got, _, err := d.Identify(request("/")); err != nil || got.Role != api.Anonymous || got.ID != "" {
		t.Errorf("without a key: %+v, %v", got, err)
	}
	for how, r := range map[string]*http.Request{
		"other secret": request("/", "X-API-Key", secret[:len(secret)-1]+"_"), "shorter": request("/", "X-API-Key", secret[:len(secret)-1]), "no key": request("/", "X-API-Key", "cg_"),
		"other id": request("/", "X-API-Key", "cg_00000000"+secret[11:]), "empty": request("/", "X-API-Key", ""), "digest": request("/", "X-API-Key", k.Digest),
		"digest of one": request("/", "X-API-Key", "cg_"+k.ID+"_"+k.Digest), "two": request("/", "X-API-Key", secret, "X-API-Key", secret), "two ways": request("/", "X-API-Key", secret, "Authorization", "Bearer "+secret),
		"scheme": request("/", "Authorization", "Digest "+secret), "nobody": basic("", ""), "token": request("/", "Authorization", "Bearer a.b.c"), "query key": request("/?api_key=" + secret), "escaped": request("/?api%5Fkey=" + secret),
	} {
		if got, query, err := d.Identify(r); !refused(err) || query != "" {
			t.Errorf("%s: %+v, %v, want it refused; the query is %q", how, got, err, query)
		}
	}
}

func TestKeysEnd(t *testing.T) {
	c, store := noon(), memory.New()
	brief, briefSecret := create(t, store, auth.Key{Role: api.Reader, Expires: c.at.Add(time.Hour)}, c.at)
	lost, lostSecret := create(t, store, auth.Key{Role: api.Reader}, c.at)
	d := doorkeeper(t, auth.Options{Catalog: store, Now: c.now})
	opens := func(secret string, want bool) {
		t.Helper()
		if _, _, err := d.Identify(request("/", "X-API-Key", secret)); (err == nil) != want || err != nil && !refused(err) {
			t.Errorf("at %v: %v, want it to open: %v", c.at, err, want)
		}
	}
	opens(briefSecret, true)
	opens(lostSecret, true)
	if err := auth.Revoke(t.Context(), store, lost.ID); err != nil {
		t.Fatal(err)
	}
	c.at = c.at.Add(2 * time.Second)
	opens(lostSecret, false)
	c.at = brief.Expires.Add(-time.Nanosecond)
	opens(briefSecret, true)
	c.at = brief.Expires
	opens(briefSecret, false)
	keys, err := auth.Keys(t.Context(), store)
	if err != nil || len(keys) != 2 || keys[0].Holds(c.at) || keys[1].Holds(c.at) {
		t.Errorf("keys are %+v, %v", keys, err)
	}
	if err := auth.Revoke(t.Context(), store, "00000000"); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("a key that there is not is taken back: %v", err)
	}
}

// TestANewKeyOpensSoon has a key made after the keys were looked at.
func TestANewKeyOpensSoon(t *testing.T) {
	store, c := memory.New(), noon()
	_, old := create(t, store, auth.Key{Role: api.Reader}, c.at)
	d := doorkeeper(t, auth.Options{Catalog: store, Now: c.now})
	opens := func(secret string, want bool) {
		t.Helper()
		if _, _, err := d.Identify(request("/", "X-API-Key", secret)); (err == nil) != want {
			t.Errorf("at %v: %v, want it to open: %v", c.at, err, want)
		}
	}
	opens(old, true)
	_, fresh := create(t, store, auth.Key{Role: api.Reader}, c.at)
	opens(fresh, false) // no look sooner than that
	c.at = c.at.Add(100 * time.Millisecond)
	opens(fresh, true)
}

// TestStoresHoldNoKeys looks for the key in all that the store keeps.
func TestStoresHoldNoKeys(t *testing.T) {
	store := memory.New()
	k, secret := create(t, store, auth.Key{Role: api.Admin}, noon().at)
	documents, _, err := store.Archive(t.Context(), "")
	if err != nil || len(documents) != 1 {
		t.Fatalf("%d documents, %v", len(documents), err)
	}
	if random := secret[len("cg_"+k.ID+"_"):]; len(random) != 26 || strings.Contains(documents[0].Body+documents[0].Name, random) {
		t.Errorf("of the key %s the store keeps %s", secret, documents[0].Body)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	store, now := memory.New(), noon().at
	for _, k := range []auth.Key{{}, {Role: "owner"}, {Role: api.Reader, Expires: now}} {
		if _, _, err := auth.Create(t.Context(), store, k, now); err == nil {
			t.Errorf("there is a key of %+v", k)
		}
	}
}

func TestKeysInTheQuery(t *testing.T) {
	c, store := noon(), memory.New()
	k, secret := create(t, store, auth.Key{Role: api.Reader}, c.at)
	d := doorkeeper(t, auth.Options{Catalog: store, Now: c.now, QueryKeys: true})
	f := func(query, left string, want bool) {
		t.Helper()
		caller, rest, err := d.Identify(request("/?" + query))
		if rest != left || (err == nil && caller.ID == "key:"+k.ID) != want {
			t.Errorf("%s: %+v, %v, query %q, want %q, found %v", query, caller, err, rest, left, want)
		}
	}
	f("api_key="+secret, "", true)
	f("a=1&api_key="+secret+"&b=%20&b=;", "a=1&b=%20&b=;", true)
	f("api_key="+secret+"&api_key="+secret, "", false)
	f("api_key=", "", false)
	f("a=api_key="+secret, "a=api_key="+secret, false)
}
