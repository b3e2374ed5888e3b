package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"runtime"
)

// The bytes that the secret of a service has.
const (
	leastSecretBytes = 32
	mostSecretBytes  = 4096
)

// readServiceSecret reads the secret of a service from a file, without the ends of line
// behind it. Without a path it is a random one, of this process alone.
func readServiceSecret(path string) ([]byte, error) {
	if path == "" {
		secret := make([]byte, leastSecretBytes)
		_, err := rand.Read(secret)
		return secret, err
	}
	secret, err := readClosed(path, mostSecretBytes+1)
	if err != nil {
		return nil, fmt.Errorf("read the secret of the service: %w", err)
	}
	secret = bytes.TrimRight(secret, "\r\n")
	if len(secret) < leastSecretBytes || len(secret) > mostSecretBytes {
		return nil, fmt.Errorf("secret of the service %s: %d bytes, want %d to %d", path, len(secret), leastSecretBytes, mostSecretBytes)
	}
	return secret, nil
}

// readClosed reads the first bytes of a file. One that all who have an account could read
// or write is refused, where the system can tell.
func readClosed(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o006 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("%s: everybody can read or write it (mode %04o)", path, mode)
	}
	return io.ReadAll(io.LimitReader(file, most))
}
