package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// What a webhook is given: how long for one answer, the first wait after a
// failure, which doubles, and the longest.
const (
	webhookPatience  = 20 * time.Second
	webhookFirstWait = time.Second
	webhookLongest   = 5 * time.Minute
)

// The headers of Standard Webhooks 1.0.0.
const (
	webhookID        = "Webhook-Id"
	webhookTimestamp = "Webhook-Timestamp"
	webhookSignature = "Webhook-Signature"
)

// errRefused reports a message that the receiver does not want: it would not
// help to send it again at once.
var errRefused = errors.New("refused")

// A webhook is where messages are posted to.
type webhook struct {
	url      *url.URL
	secret   []byte // nil signs nothing
	attempts int
	client   *http.Client
	now      func() time.Time
	wait     func(context.Context, time.Duration)
}

// newWebhook returns a webhook that follows no redirect: what is signed for one
// receiver is not handed to another.
func newWebhook(address string, secret []byte, attempts int, now func() time.Time) (*webhook, error) {
	to, err := url.Parse(address)
	if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Host == "" {
		return nil, errors.New("webhook: want an address that begins with https:// or http://") // not shown: it may hold a token
	}
	return &webhook{
		url: to, secret: secret, attempts: attempts, now: now, wait: pause,
		client: &http.Client{
			Timeout:       webhookPatience,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// String names the webhook without what may be a token.
func (w *webhook) String() string { return addressOf(w.url) }

// addressOf returns scheme and host of an address.
func addressOf(u *url.URL) string { return u.Scheme + "://" + u.Host }

// send posts a message until it is taken. Each attempt has the same id, by which
// receivers know a message that they have. After the last attempt the error is
// that of it, errRefused where the receiver does not want the message.
func (w *webhook) send(ctx context.Context, id string, body []byte) error {
	wait := webhookFirstWait
	for attempt := 1; ; attempt++ {
		asked, err := w.post(ctx, id, body)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errRefused):
			return fmt.Errorf("post to %v: %w", w, err)
		case attempt >= w.attempts:
			return fmt.Errorf("post to %v: given up after %s: %w", w, counted(attempt, "attempt"), err)
		}
		w.wait(ctx, min(max(wait, asked), webhookLongest))
		wait *= 2
	}
}

// post makes one attempt. Where it fails the receiver may ask for some time.
func (w *webhook) post(ctx context.Context, id string, body []byte) (wait time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url.String(), bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errRefused, withoutAddress(err))
	}
	timestamp := strconv.FormatInt(w.now().Unix(), 10)
	header := request.Header
	header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	header.Set("User-Agent", "civgrid/"+programVersion())
	header.Set(webhookID, id)
	header.Set(webhookTimestamp, timestamp)
	if w.secret != nil {
		header.Set(webhookSignature, signature(w.secret, id, timestamp, body))
	}
	response, err := w.client.Do(request)
	if err != nil {
		return 0, withoutAddress(err)
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // so that the connection can be used again
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	return time.Duration(min(max(seconds, 0), 3600)) * time.Second, verdict(response.StatusCode)
}

// verdict returns what a status says of a message, nil for taken.
func verdict(status int) error {
	err := fmt.Errorf("status %d %s", status, http.StatusText(status))
	switch {
	case status >= 200 && status < 300:
		return nil
	case status >= 300 && status < 400:
		return fmt.Errorf("%w: %w: redirects are not followed", errRefused, err)
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return err
	}
	return fmt.Errorf("%w: %w", errRefused, err)
}

// withoutAddress returns an error of net/http without the address in it.
func withoutAddress(err error) error {
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		if failed.Timeout() {
			return errors.New("no answer in time")
		}
		return failed.Err
	}
	return err
}

// signature returns "v1," and, in base64, the HMAC-SHA256 of id, timestamp and
// body, parted by full stops (Standard Webhooks 1.0.0, "Signature scheme").
func signature(secret []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// The length of a secret that is worth the name, and what base64 of one begins
// with (Standard Webhooks 1.0.0, "Symmetric").
const (
	shortestSecret = 24
	secretPrefix   = "whsec_"
)

// parseSecret reads a secret: base64 behind whsec_, else its signs as they are,
// without white space around. Errors do not tell it.
func parseSecret(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	secret := []byte(text)
	if encoded, ok := strings.CutPrefix(text, secretPrefix); ok {
		decoded, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, fmt.Errorf("secret: want base64 behind %s", secretPrefix) // the cause quotes it
		}
		secret = decoded
	}
	if len(secret) < shortestSecret {
		return nil, fmt.Errorf("secret: %d bytes, want %d or more", len(secret), shortestSecret)
	}
	return secret, nil
}
