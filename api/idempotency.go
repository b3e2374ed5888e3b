package api

import (
	"net/http"
	"strings"
)

// maxIdempotencyKey is the longest Idempotency-Key that is taken, in characters.
const maxIdempotencyKey = 255

// IdempotencyKey reads the header field Idempotency-Key
// (draft-ietf-httpapi-idempotency-key-header-07): a string in quotes (RFC 8941, section
// 3.3.3), or without them, as many clients send it; "" where there is none.
func IdempotencyKey(h http.Header) (string, error) {
	values := h.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", nil
	}
	key := strings.TrimSpace(values[0])
	if n := len(key); n >= 2 && key[0] == '"' && key[n-1] == '"' {
		key = key[1 : n-1]
	}
	bad := func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }
	if len(values) > 1 || key == "" || len(key) > maxIdempotencyKey || strings.ContainsFunc(key, bad) {
		return "", &QueryError{Faults: []Fault{{Parameter: "Idempotency-Key", Detail: `want a string of 1 to 255 signs of ASCII, such as "8e03978e-40d5"`}}}
	}
	return key, nil
}
