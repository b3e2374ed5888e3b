package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// The kinds of documents that keys are kept as.
const (
	keyKind     = "key"
	revokedKind = "key-revoked"
)

// keyPrefix begins every key, so that people and programs that look for secrets in texts
// know one when they see it.
const keyPrefix = "cg_"

// A Key is what a store knows of an API key: not the key itself.
type Key struct {
	ID          string    `json:"id"`   // eight hexadecimal digits, a part of the key
	Name        string    `json:"name"` // what people call it
	Digest      string    `json:"digest,omitempty"`
	Role        api.Role  `json:"role"`
	Communities []string  `json:"communities,omitempty"` // none for the whole city
	Created     time.Time `json:"created"`
	Expires     time.Time `json:"expires,omitzero"` // zero for never
	Revoked     time.Time `json:"-"`                // zero while it holds
}

// Holds reports whether the key opens anything at a moment.
func (k Key) Holds(at time.Time) bool {
	return k.Revoked.IsZero() && (k.Expires.IsZero() || at.Before(k.Expires))
}

// caller returns who comes with the key.
func (k Key) caller() api.Caller {
	return api.Caller{ID: "key:" + k.ID, Name: k.Name, Role: k.Role, Scope: api.ScopeOf(k.Communities)}
}

// Create keeps a new key of the name, role, communities and expiry of k and returns it
// with the text that opens what it is for: the only time that it is known.
func Create(ctx context.Context, catalog data.Catalog, k Key, now time.Time) (Key, string, error) {
	if _, err := api.ParseRole(string(k.Role)); err != nil {
		return Key{}, "", err
	}
	if !k.Expires.IsZero() && !k.Expires.After(now) {
		return Key{}, "", fmt.Errorf("the key would have expired on %s already", k.Expires.Format(time.DateOnly))
	}
	var id [4]byte
	if _, err := rand.Read(id[:]); err != nil {
		return Key{}, "", fmt.Errorf("make a key: %w", err)
	}
	k.ID, k.Created, k.Communities = hex.EncodeToString(id[:]), now.UTC(), api.ScopeOf(k.Communities)
	secret := keyPrefix + k.ID + "_" + rand.Text()
	k.Digest = digest(secret)
	body, err := json.Marshal(k)
	if err != nil {
		return Key{}, "", fmt.Errorf("keep a key: %w", err)
	}
	kept, err := catalog.PutDocument(ctx, data.Document{Kind: keyKind, Name: k.ID, Body: string(body)})
	switch {
	case err != nil:
		return Key{}, "", fmt.Errorf("keep a key: %w", err)
	case !kept:
		return Key{}, "", errors.New("keep a key: there is one of that id; try again")
	}
	return k, secret, nil
}

// Revoke takes a key back for good. It wraps data.ErrNotFound where there is no key of
// the id, and does nothing where it was taken back before.
func Revoke(ctx context.Context, catalog data.Catalog, id string) error {
	keys, err := Keys(ctx, catalog)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(keys, func(k Key) bool { return k.ID == id }) {
		return fmt.Errorf("key %q: %w", id, data.ErrNotFound)
	}
	if _, err := catalog.PutDocument(ctx, data.Document{Kind: revokedKind, Name: id}); err != nil {
		return fmt.Errorf("take key %s back: %w", id, err)
	}
	return nil
}

// Keys returns all keys that were ever made, oldest first.
func Keys(ctx context.Context, catalog data.Catalog) ([]Key, error) {
	revoked, err := catalog.Documents(ctx, revokedKind)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	documents, err := catalog.Documents(ctx, keyKind)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	keys := make([]Key, len(documents))
	for i, d := range documents {
		if err := json.Unmarshal([]byte(d.Body), &keys[i]); err != nil {
			return nil, fmt.Errorf("read key %s: %w", d.Name, err)
		}
		for _, r := range revoked {
			if r.Name == keys[i].ID {
				keys[i].Revoked = r.Recorded
			}
		}
	}
	slices.SortStableFunc(keys, func(a, b Key) int { return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID)) })
	return keys, nil
}

// digest returns the SHA-256 digest of a key in hexadecimal.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// opens reports whether a text is the key, in a time that does not tell how much of it
// is right.
func (k Key) opens(secret string) bool {
	return subtle.ConstantTimeCompare([]byte(digest(secret)), []byte(k.Digest)) == 1
}
