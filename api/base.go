package api

import (
	"net/http"
	"strings"
)

// BaseURL returns the public address under which a request reached the service,
// without a slash at the end: the configured one, else scheme and host of the
// request. Headers of proxies (X-Forwarded-Proto, -Host) are believed only if
// trust is set: otherwise anybody could have links point elsewhere. Of several
// proxies each appends to them, so the first word is what the client asked for.
func BaseURL(r *http.Request, configured string, trust bool) string {
	if configured != "" {
		return strings.TrimSuffix(configured, "/")
	}
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if trust {
		if proto := firstWord(r.Header.Get("X-Forwarded-Proto")); proto == "http" || proto == "https" {
			scheme = proto
		}
		if forwarded := firstWord(r.Header.Get("X-Forwarded-Host")); forwarded != "" {
			host = forwarded
		}
	}
	if host == "" || strings.Trim(host, hostSigns) != "" {
		host = "localhost"
	}
	return scheme + "://" + host
}

// hostSigns are the signs of a host with port (RFC 3986, section 3.2.2, as far
// as DNS names and IP addresses go).
const hostSigns = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]"

// firstWord returns what stands before the first comma of a header field.
func firstWord(field string) string {
	first, _, _ := strings.Cut(field, ",")
	return strings.TrimSpace(first)
}
