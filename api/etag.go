package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// ETag returns a weak entity tag made of everything an answer depends on (RFC
// 9110, section 8.8.3). It is made before the answer is, so that a client that
// has it already costs nothing.
func ETag(parts ...string) string { return `W/"` + Digest(parts...) + `"` }

// Digest returns 24 hexadecimal digits that tell texts apart: the beginning of
// the SHA-256 of the parts, each ended by a zero byte.
func Digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// Matches reports whether an If-None-Match field names the tag, by the weak
// comparison (RFC 9110, sections 8.8.3.2 and 13.1.2).
func Matches(ifNoneMatch, etag string) bool {
	want := strings.TrimPrefix(etag, "W/")
	for given := range strings.SplitSeq(ifNoneMatch, ",") {
		given = strings.TrimSpace(given)
		if given == "*" || strings.TrimPrefix(given, "W/") == want {
			return true
		}
	}
	return false
}

// Revalidated returns the Cache-Control field (RFC 9111, section 5.2) of an answer that
// has an entity tag: it may be kept and is asked for anew each time, by caches that
// several share only where it is for the public.
func Revalidated(ctx context.Context) string {
	if CallerOf(ctx).Role != Anonymous {
		return "private, max-age=0, must-revalidate"
	}
	return "public, max-age=0, must-revalidate"
}
