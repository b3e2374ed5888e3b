package ogc

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/api"
)

// A cursor says where the next page begins: after a row of the rows of one data
// version that one query asks for.
type cursor struct {
	version string
	query   string // its hash
	row     int    // the last row that was given
	id      string // its name
}

// macBytes of the HMAC are kept.
const macBytes = 12

// queryHash identifies what is asked for, whatever the page and the format.
func queryHash(collection string, q api.Query) string {
	return api.Digest(collection, q.Canonical("cursor", "limit", "f", "resultType"))
}

// errForeignCursor refuses a cursor of ours that was made for something else.
func errForeignCursor() error {
	return api.NewProblem("invalid-cursor", "The cursor belongs to another query. Begin again without it.")
}

// text returns the cursor as it stands in links: fields and HMAC in base64url.
func (c cursor) text(secret []byte) string {
	payload := strings.Join([]string{c.version, c.query, strconv.Itoa(c.row), c.id}, "\n")
	return base64.RawURLEncoding.EncodeToString(append(sign(secret, payload), payload...))
}

func sign(secret []byte, payload string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("cursor\n" + payload))
	return mac.Sum(nil)[:macBytes]
}

// markOf stands for the key in the entity tags of answers with cursors: those of another
// key are others.
func markOf(secret []byte) string { return base64.RawURLEncoding.EncodeToString(sign(secret, "")) }

// parseCursor reads a cursor of ours.
func parseCursor(secret []byte, text string) (cursor, error) {
	bad := api.NewProblem("invalid-cursor", "")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < macBytes {
		return cursor{}, bad
	}
	payload := string(raw[macBytes:])
	fields := strings.SplitN(payload, "\n", 4)
	if !hmac.Equal(raw[:macBytes], sign(secret, payload)) || len(fields) != 4 {
		return cursor{}, bad
	}
	row, err := strconv.Atoi(fields[2])
	if err != nil || row < 0 {
		return cursor{}, bad
	}
	return cursor{fields[0], fields[1], row, fields[3]}, nil
}
