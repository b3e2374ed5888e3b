package api

import (
	"net/http"
	"strings"
)

// BaseURL returns the public address under which a request reached the service,
// without a slash at the end: the configured one, else scheme and host of the
// request. Headers of proxies (X-Forwarded-Proto, -Host) are believed only if
// trust is set: otherwise anybody could have links point elsewhere. Of a list the
// last word is believed, as of X-Forwarded-For: the nearest proxy wrote it, and
// what stands before it anybody can claim. Where that proxy is itself asked by
// another name than the public one, the address must be configured.
func BaseURL(r *http.Request, configured string, trust bool) string {
	if configured != "" {
		return strings.TrimSuffix(configured, "/")
	}
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if trust {
		if proto := Forwarded(r, "X-Forwarded-Proto"); proto == "http" || proto == "https" {
			scheme = proto
		}
		if forwarded := Forwarded(r, "X-Forwarded-Host"); forwarded != "" {
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

// Forwarded returns what the nearest proxy says in a field such as
// X-Forwarded-For: what stands after the last comma of a list, which may be
// spread over several fields (RFC 9110, section 5.3). It is "" where there is no
// field.
func Forwarded(r *http.Request, name string) string {
	fields := r.Header.Values(name)
	if len(fields) == 0 {
		return ""
	}
	last := fields[len(fields)-1]
	return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
}
