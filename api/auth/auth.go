package auth

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// Options say how callers can prove who they are. With the zero value nobody can.
type Options struct {
	// Catalog holds the keys. Nil means that there are none.
	Catalog data.Catalog
	// Issuer signs tokens. The zero Issuer means that there are none.
	Issuer Issuer
	// QueryKeys takes keys as the parameter api_key as well, for programs that can
	// send nothing but an address. It shows them to whoever sees addresses.
	QueryKeys bool
	// Now returns the present. It must be set.
	Now func() time.Time
}

// A Doorkeeper finds out who asks. It is safe for concurrent use.
type Doorkeeper struct {
	keys      *Keyring
	tokens    *tokens
	queryKeys bool
}

// New returns a doorkeeper, or an error where the issuer of tokens is none to believe.
func New(o Options) (*Doorkeeper, error) {
	d := &Doorkeeper{queryKeys: o.QueryKeys}
	if o.Catalog != nil {
		d.keys = NewKeyring(o.Catalog, o.Now)
	}
	if o.Issuer.URL != "" {
		var err error
		if d.tokens, err = newTokens(o.Issuer, o.Now); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Identify returns who makes a request: the anonymous caller where it says nothing about
// that. A request whose key or token does not hold is refused, and not taken for one
// without. The second result is the query without the key it held.
func (d *Doorkeeper) Identify(r *http.Request) (caller api.Caller, query string, err error) {
	shown, query, err := d.shown(r)
	switch {
	case err != nil:
		return api.Caller{}, query, err
	case shown == "":
		return api.Caller{}, query, nil
	}
	caller, err = d.find(r.Context(), shown)
	return caller, query, err
}

// find returns who comes with a key or token.
func (d *Doorkeeper) find(ctx context.Context, shown string) (api.Caller, error) {
	_, isKey := cutKey(shown)
	switch {
	case isKey && d.keys != nil:
		return d.keys.find(ctx, shown)
	case !isKey && d.tokens != nil:
		return d.tokens.find(ctx, shown)
	}
	return api.Caller{}, api.NewProblem("unauthorized", "")
}

// shown returns the key or token that a request shows, and its query without it.
func (d *Doorkeeper) shown(r *http.Request) (shown, query string, err error) {
	query = r.URL.RawQuery
	var all []string
	for _, key := range r.Header.Values("X-API-Key") {
		all = append(all, strings.TrimSpace(key))
	}
	if len(r.Header.Values("Authorization")) > 0 {
		scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		switch user, password, basic := r.BasicAuth(); {
		case strings.EqualFold(scheme, "Bearer"):
			all = append(all, strings.TrimSpace(rest))
		case basic && password == "":
			all = append(all, user)
		case basic:
			all = append(all, password)
		default:
			all = append(all, "") // of a kind that is not taken
		}
	}
	keys, query := cutQueryKeys(query)
	switch all = append(all, keys...); {
	case len(keys) > 0 && !d.queryKeys:
		return "", query, api.NewProblem("unauthorized", "Keys are not taken from addresses here, where others see them: send yours as X-API-Key.")
	case len(all) == 0:
		return "", query, nil
	case len(all) > 1:
		return "", query, api.NewProblem("unauthorized", "The request shows more than one key or token.")
	case all[0] == "":
		return "", query, api.NewProblem("unauthorized", "")
	}
	return all[0], query, nil
}

// cutQueryKeys takes the parameters api_key out of a query, whose other parts stay as
// they are.
func cutQueryKeys(query string) (keys []string, rest string) {
	var left []string
	for part := range strings.SplitSeq(query, "&") {
		name, key, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil && plain == "api_key" {
			keys = append(keys, key) // of signs that need no escape
		} else {
			left = append(left, part)
		}
	}
	return keys, strings.Join(left, "&")
}
