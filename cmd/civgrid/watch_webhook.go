package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// A webhook is an address that is told of surges.
type webhook struct {
	address *url.URL
	secret  []byte // nil: posts are not signed
	retries int
	client  *http.Client
	now     func() time.Time
	wait    func(context.Context, time.Duration) // between tries
}

// The times that a webhook takes.
const (
	postTimeout  = 10 * time.Second
	firstPause   = time.Second
	longestPause = time.Minute
)

// newWebhook returns the webhook that flags name, nil for none.
func newWebhook(f watchFlags) (*webhook, error) {
	if f.webhook == "" {
		if f.secretFile != "" {
			return nil, usageError(errors.New("--webhook-secret-file without --webhook"))
		}
		return nil, nil //nolint:nilnil // no webhook is one
	}
	address, err := url.Parse(f.webhook)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" {
		return nil, usageError(fmt.Errorf("--webhook %q: want an address that begins with http:// or https://", f.webhook))
	}
	secret, err := readSecret(f.secretFile)
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		Timeout: postTimeout,
		// What is signed for one address is not handed on to another.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &webhook{address: address, secret: secret, retries: f.retries, client: client, now: time.Now, wait: pause}, nil
}

// shown returns the address without what may be secret in it.
func (h *webhook) shown() string { return h.address.Scheme + "://" + h.address.Host + h.address.Path }

// A refusal is an answer that trying again will not change.
type refusal struct{ status string }

// Error implements error.
func (r *refusal) Error() string { return "it answered " + r.status }

// post hands an event over, trying again where the other side is away or asks for
// it: network errors, 408, 429 and 5xx. The error of a last try is returned.
func (h *webhook) post(ctx context.Context, event json.RawMessage) error {
	var head struct{ ID string }
	if err := json.Unmarshal(event, &head); err != nil {
		return fmt.Errorf("read the event: %w", err)
	}
	rest := firstPause
	for try := 0; ; try++ {
		asked, err := h.try(ctx, head.ID, event)
		if err == nil {
			return nil
		}
		if final := (*refusal)(nil); errors.As(err, &final) || try == h.retries || ctx.Err() != nil {
			return err
		}
		h.wait(ctx, min(max(rest, asked), longestPause))
		rest *= 2
	}
}

// try posts once. asked is how long the other side asks to wait.
func (h *webhook) try(ctx context.Context, id string, body []byte) (asked time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.address.String(), bytes.NewReader(body))
	if err != nil {
		return 0, &refusal{err.Error()}
	}
	stamp := strconv.FormatInt(h.now().Unix(), 10)
	request.Header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	request.Header.Set("User-Agent", "civgrid/"+programVersion())
	request.Header.Set("Webhook-Id", id)
	request.Header.Set("Webhook-Timestamp", stamp)
	if h.secret != nil {
		request.Header.Set("Webhook-Signature", sign(h.secret, id, stamp, body))
	}
	response, err := h.client.Do(request)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which may hold a token
	}
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 1<<16) // so that the connection can be used again
	switch code := response.StatusCode; {
	case code >= 200 && code < 300:
		return 0, nil
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return time.Duration(max(seconds, 0)) * time.Second, fmt.Errorf("it answered %s", response.Status)
	}
	return 0, &refusal{response.Status}
}

// sign returns the signature of Standard Webhooks 1.0: of id, timestamp and body,
// joined by dots, by HMAC-SHA256.
func sign(secret []byte, id, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
