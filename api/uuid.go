package api

import (
	"crypto/rand"
	"encoding/hex"
)

// NewUUID returns a random UUID (RFC 9562, section 5.4), which nobody can guess.
func NewUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return uuid(b, 4)
}

// UUIDOf returns 122 of the bits of b as a UUID of its own making (RFC 9562, section
// 5.8): equal bytes give equal ones.
func UUIDOf(b [16]byte) string { return uuid(b, 8) }

func uuid(b [16]byte, version byte) string {
	b[6], b[8] = b[6]&0x0F|version<<4, b[8]&0x3F|0x80
	digits := hex.EncodeToString(b[:])
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}
