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
// behind it. Without a path it is a random one, of this process alone. A file that all
// who have an account could read is refused, where the system can tell.
func readServiceSecret(path string) ([]byte, error) {
	if path == "" {
		secret := make([]byte, leastSecretBytes)
		_, err := rand.Read(secret)
		return secret, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the secret of the service: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the secret of the service: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o006 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("secret of the service %s: everybody can read or write it (mode %04o)", path, mode)
	}
	secret, err := io.ReadAll(io.LimitReader(file, mostSecretBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the secret of the service: %w", err)
	}
	secret = bytes.TrimRight(secret, "\r\n")
	if len(secret) < leastSecretBytes || len(secret) > mostSecretBytes {
		return nil, fmt.Errorf("secret of the service %s: %d bytes, want %d to %d", path, len(secret), leastSecretBytes, mostSecretBytes)
	}
	return secret, nil
}
