package auth

import (
	"context"
	"sync"
	"time"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// renewEvery is for how long keys are remembered: that of taking one back to its not
// opening anything any more.
const renewEvery = 2 * time.Second

// renewSoonest is how soon they are looked at again for a key that is none of them, which
// may have been made since; made-up ones cost no more looks than that.
const renewSoonest = 100 * time.Millisecond

// A Keyring knows the keys of a store. It is safe for concurrent use.
type Keyring struct {
	catalog data.Catalog
	now     func() time.Time

	mu     sync.Mutex
	keys   map[string]Key // by id
	looked time.Time
}

// NewKeyring returns the keyring of a store.
func NewKeyring(catalog data.Catalog, now func() time.Time) *Keyring {
	return &Keyring{catalog: catalog, now: now}
}

// find returns who comes with a key. Every failing says the same, as there is nothing
// that a stranger should learn of why.
func (r *Keyring) find(ctx context.Context, secret string) (api.Caller, error) {
	refused := api.NewProblem("unauthorized", "")
	rest, ok := cutKey(secret)
	if !ok {
		return api.Caller{}, refused
	}
	keys, err := r.present(ctx, renewEvery)
	if _, known := keys[rest]; !known && err == nil {
		keys, err = r.present(ctx, renewSoonest)
	}
	if err != nil {
		return api.Caller{}, err
	}
	if k, known := keys[rest]; known && k.opens(secret) && k.Holds(r.now()) {
		return k.caller(), nil
	}
	return api.Caller{}, refused
}

// cutKey returns the id that a key names.
func cutKey(secret string) (id string, ok bool) {
	const length = len(keyPrefix) + 8
	if len(secret) < length || secret[:len(keyPrefix)] != keyPrefix {
		return "", false
	}
	return secret[len(keyPrefix):length], true
}

// present returns the keys as they were less than some time ago.
func (r *Keyring) present(ctx context.Context, most time.Duration) (map[string]Key, error) {
	now := r.now()
	r.mu.Lock()
	keys, age := r.keys, now.Sub(r.looked)
	r.mu.Unlock()
	if keys != nil && age >= 0 && age < most {
		return keys, nil
	}
	list, err := Keys(ctx, r.catalog)
	if err != nil {
		return nil, err
	}
	keys = make(map[string]Key, len(list))
	for _, k := range list {
		keys[k.ID] = k
	}
	r.mu.Lock()
	r.keys, r.looked = keys, now
	r.mu.Unlock()
	return keys, nil
}
