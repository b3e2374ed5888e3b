package ogc

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// factsMark begins the payload of a cursor among facts.
const factsMark = "facts\n"

// text returns the cursor that goes on after a position in the answer to a query, which
// is given by its hash: HMAC, mark, hash, and each part with its length plus one before
// it, or 0 for no value, in base64url.
func (o factOrder) text(secret []byte, query string, p position) string {
	payload := []byte(factsMark + query)
	part := func(text string) {
		payload = append(binary.AppendUvarint(payload, uint64(len(text))+1), text...)
	}
	for i, k := range p.keys {
		switch {
		case !k.has:
			payload = binary.AppendUvarint(payload, 0)
		case isWord(o.columns[i]):
			part(k.word)
		default:
			part(string(binary.AppendVarint(nil, k.number)))
		}
	}
	part(p.source)
	part(p.id)
	return base64.RawURLEncoding.EncodeToString(append(sign(secret, string(payload)), payload...))
}

func isWord(c data.Column) bool { return c.Type == data.Text || c.Type == data.Code }

// parse reads a cursor of the answer to a query.
func (o factOrder) parse(secret []byte, text, query string) (p position, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < macBytes+len(factsMark)+len(query) || !hmac.Equal(raw[:macBytes], sign(secret, string(raw[macBytes:]))) {
		return p, api.NewProblem("invalid-cursor", "")
	}
	payload := raw[macBytes:]
	if string(payload[:len(factsMark)+len(query)]) != factsMark+query {
		return p, errForeignCursor()
	}
	payload = payload[len(factsMark)+len(query):]
	ok := true
	part := func() (text string, has bool) {
		n, size := binary.Uvarint(payload)
		if size <= 0 || n > uint64(len(payload)-size)+1 {
			ok = false
			return "", false
		}
		payload = payload[size:]
		if n == 0 {
			return "", false
		}
		text, payload = string(payload[:n-1]), payload[n-1:]
		return text, true
	}
	for _, c := range o.columns {
		k := keyValue{}
		if k.word, k.has = part(); k.has && !isWord(c) {
			k.number, _ = binary.Varint([]byte(k.word))
			k.word = ""
		}
		p.keys = append(p.keys, k)
	}
	p.source, _ = part()
	p.id, _ = part()
	if !ok || len(payload) > 0 {
		return position{}, api.NewProblem("invalid-cursor", "")
	}
	return p, nil
}
