package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/civgrid/civgrid/api"
)

// An Issuer says whose tokens are believed.
type Issuer struct {
	// URL is that of the OpenID Connect provider, below which its description is at
	// /.well-known/openid-configuration (OpenID Connect Discovery 1.0, section 4).
	URL string
	// Audience is what tokens must be for: a value of their claim "aud".
	Audience string
	// RoleClaim names the claim that holds the role. Empty means "civgrid_role".
	RoleClaim string
	// CommunitiesClaim names the claim that holds the codes of communities, as a list
	// or as a text with blanks between them; "*" is the whole city. Empty means
	// "civgrid_communities".
	CommunitiesClaim string
	// Client makes the requests to the provider. Nil means one that waits for ten
	// seconds and follows no redirect to elsewhere.
	Client *http.Client
}

// skew is how far the clocks of the provider and this machine may be apart.
const skew = time.Minute

// algorithms are the ways of signing that are believed. None of them works with a secret
// that both sides know, so that nobody can pass the public key of the issuer off as one
// (RFC 8725, section 2.1).
func algorithms() []string { return []string{oidc.RS256, oidc.ES256, oidc.EdDSA} }

// tokens verifies the tokens of an issuer, which is asked when the first one comes, so
// that the service starts without it.
type tokens struct {
	Issuer
	now  func() time.Time
	keys *signingKeys
}

func newTokens(i Issuer, now func() time.Time) (*tokens, error) {
	address, err := url.Parse(i.URL)
	switch {
	case err != nil || address.Host == "" || address.Scheme != "https" && !isLoopback(address.Hostname()):
		return nil, fmt.Errorf("issuer of tokens %q: want an address that begins with https://", i.URL)
	case i.Audience == "":
		return nil, fmt.Errorf("issuer of tokens %s: say for which audience its tokens must be", i.URL)
	}
	if i.RoleClaim == "" {
		i.RoleClaim = "civgrid_role"
	}
	if i.CommunitiesClaim == "" {
		i.CommunitiesClaim = "civgrid_communities"
	}
	if i.Client == nil {
		i.Client = &http.Client{Timeout: 10 * time.Second, CheckRedirect: sameHost}
	}
	return &tokens{Issuer: i, now: now, keys: &signingKeys{issuer: i, now: now}}, nil
}

func isLoopback(host string) bool { return host == "127.0.0.1" || host == "localhost" || host == "::1" }

// sameHost refuses redirects to other hosts.
func sameHost(r *http.Request, via []*http.Request) error {
	if len(via) > 3 || r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
		return http.ErrUseLastResponse
	}
	return nil
}

// find returns who comes with a token.
func (t *tokens) find(ctx context.Context, text string) (api.Caller, error) {
	refuse := func(why string) (api.Caller, error) {
		return api.Caller{}, api.NewProblem("unauthorized", "The token is not one to believe: "+why+".")
	}
	signed := &proof{keys: t.keys}
	verifier := oidc.NewVerifier(t.URL, signed, &oidc.Config{ClientID: t.Audience, SupportedSigningAlgs: algorithms(), SkipExpiryCheck: true, Now: t.now})
	token, err := verifier.Verify(ctx, text)
	switch {
	case errors.Is(signed.lack, errAway):
		return api.Caller{}, errors.Join(api.NewProblem("unavailable", "The issuer of tokens does not answer. Try again in a moment."), signed.lack)
	case signed.lack != nil:
		return api.Caller{}, signed.lack
	case err != nil:
		return refuse("its signature, issuer or audience is not what it must be")
	}
	if now := t.now(); token.Expiry.IsZero() || now.After(token.Expiry.Add(skew)) {
		return refuse("it has expired")
	}
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return refuse("its claims cannot be read")
	}
	if before, ok := claims["nbf"].(float64); ok && t.now().Add(skew).Unix() < int64(before) {
		return refuse("it does not hold yet")
	}
	role, err := api.ParseRole(asText(claims[t.RoleClaim]))
	if err != nil {
		return refuse("its claim " + t.RoleClaim + " names no role")
	}
	communities := asList(claims[t.CommunitiesClaim])
	if len(communities) == 0 {
		return refuse("its claim " + t.CommunitiesClaim + " names no communities, where * is the whole city")
	}
	caller := api.Caller{ID: "oidc:" + token.Issuer + "#" + token.Subject, Name: asText(claims["name"]), Role: role}
	if len(communities) > 1 || communities[0] != "*" {
		caller.Scope = api.ScopeOf(communities)
	}
	return caller, nil
}

func asText(v any) string {
	s, _ := v.(string)
	return s
}

// asList returns the words of a claim that is a list, or a text with blanks.
func asList(v any) []string {
	list, ok := v.([]any)
	if !ok {
		return strings.Fields(asText(v))
	}
	words := make([]string, 0, len(list))
	for _, item := range list {
		if word := asText(item); word != "" {
			words = append(words, word)
		}
	}
	return words
}
