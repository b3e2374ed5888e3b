package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

const (
	// patience is for how long an issuer is not asked again: neither one that did not
	// answer, nor one that did, for a key that it has not. It bounds what tokens that
	// somebody made up cost, and how long a new key may go unknown while they come.
	patience = 5 * time.Second
	// lookTimeout is the longest that an issuer may take to show its keys.
	lookTimeout = 10 * time.Second
	// maxKeysBytes bounds the keys of an issuer; they take some 2 kB.
	maxKeysBytes = 1 << 20
)

// errAway says that an issuer does not show its keys.
var errAway = errors.New("the issuer of tokens does not answer")

// signingKeys are those of an issuer, looked for when a token names one that is not
// known. It is safe for concurrent use.
type signingKeys struct {
	issuer Issuer
	now    func() time.Time

	mu     sync.Mutex // never held while the issuer is asked
	known  []jose.JSONWebKey
	at     string    // the address of the keys, "" until the issuer has told it
	looked time.Time // when the last look ended
	failed error     // of that look
	look   *keyLook  // under way; nil for none
}

// A keyLook is a look for keys that any number wait for.
type keyLook struct{ done chan struct{} }

// named returns the keys of a name that are known; any may be meant by none.
func (s *signingKeys) named(name string) []jose.JSONWebKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.known), func(k jose.JSONWebKey) bool { return name != "" && k.KeyID != name })
}

// renew looks for the keys there are now, unless that was done a moment ago, and returns
// why the last look failed. It waits for a look no longer than ctx lasts; the look goes
// on for those who wait too.
func (s *signingKeys) renew(ctx context.Context) error {
	s.mu.Lock()
	look := s.look
	if look == nil {
		if age := s.now().Sub(s.looked); age >= 0 && age < patience {
			defer s.mu.Unlock()
			return s.failed
		}
		look = &keyLook{make(chan struct{})}
		s.look = look
		go s.fetch(context.WithoutCancel(ctx), s.at, look)
	}
	s.mu.Unlock()
	select {
	case <-look.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// fetch is a look for the keys at an address, or where the issuer says that they are.
func (s *signingKeys) fetch(ctx context.Context, at string, look *keyLook) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	at, keys, err := s.ask(ctx, at)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed = nil; err != nil {
		s.failed = fmt.Errorf("%w: %w", errAway, err)
	} else {
		s.known, s.at = keys, at
	}
	s.look, s.looked = nil, s.now()
	close(look.done)
}

// ask asks the issuer, first, where its keys are, unless that is known.
func (s *signingKeys) ask(ctx context.Context, at string) (string, []jose.JSONWebKey, error) {
	if at == "" {
		provider, err := oidc.NewProvider(oidc.ClientContext(ctx, s.issuer.Client), s.issuer.URL)
		if err != nil {
			return "", nil, err
		}
		var told struct {
			Keys string `json:"jwks_uri"`
		}
		if err := provider.Claims(&told); err != nil {
			return "", nil, fmt.Errorf("read where the keys of %s are: %w", s.issuer.URL, err)
		}
		at = told.Keys
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return "", nil, fmt.Errorf("ask for the keys of %s: %w", s.issuer.URL, err)
	}
	response, err := s.issuer.Client.Do(request)
	if err != nil {
		return "", nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", nil, fmt.Errorf("ask for the keys at %s: %s", at, response.Status)
	}
	keys, err := parseKeys(io.LimitReader(response.Body, maxKeysBytes))
	if err != nil {
		return "", nil, fmt.Errorf("read the keys at %s: %w", at, err)
	}
	return at, keys, nil
}

// parseKeys reads a JWK Set (RFC 7517, section 5), without the keys of it that are not
// understood.
func parseKeys(from io.Reader) (keys []jose.JSONWebKey, err error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(from).Decode(&set); err != nil {
		return nil, err
	}
	for _, text := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(text, &key) == nil {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// A proof verifies the signature of one token: it is an [oidc.KeySet].
type proof struct {
	keys *signingKeys
	lack error // why the keys that would tell are not known
}

// VerifySignature returns what a token says, if a key of the issuer signed it.
func (p *proof) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSigned(token, signatures())
	if err != nil {
		return nil, err
	}
	if len(signed.Signatures) != 1 {
		return nil, errors.New("a token has one signature")
	}
	name := signed.Signatures[0].Header.KeyID
	before := p.keys.named(name)
	if said, ok := verify(signed, before); ok {
		return said, nil
	}
	err = p.keys.renew(ctx)
	if said, ok := verify(signed, p.keys.named(name)); ok {
		return said, nil
	}
	if len(before) == 0 || ctx.Err() != nil {
		p.lack = err
	}
	return nil, errors.New("no key of the issuer signed the token")
}

// verify returns what a token says, if one of some keys signed it.
func verify(signed *jose.JSONWebSignature, keys []jose.JSONWebKey) (said []byte, ok bool) {
	for i := range keys {
		if said, err := signed.Verify(&keys[i]); err == nil {
			return said, true
		}
	}
	return nil, false
}

func signatures() []jose.SignatureAlgorithm {
	var list []jose.SignatureAlgorithm
	for _, name := range algorithms() {
		list = append(list, jose.SignatureAlgorithm(name))
	}
	return list
}
