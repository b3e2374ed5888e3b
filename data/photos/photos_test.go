package photos

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/civgrid/civgrid/data"
)

func picture(t *testing.T, side int) (hash string, content []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, side, side)), nil); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(sum[:]), b.Bytes()
}

func TestPicturesAreKeptOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "photos")
	f := In(dir)
	hash, content := picture(t, 40)
	if _, err := f.Get(hash); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("before it is kept: %v", err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := f.Put(hash, content); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if kept, err := f.Put(hash, content); kept || err != nil {
		t.Errorf("once more: %v, %v", kept, err)
	}
	if got, err := f.Get(hash); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%v: another picture comes back", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	hidden, _ := filepath.Glob(filepath.Join(dir, "*", ".*"))
	if err != nil || len(files) != 1 || len(hidden) != 0 {
		t.Errorf("there are %v and %v", files, hidden)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the folder is open to others: %v, %v", info, err)
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	f := In(t.TempDir())
	hash, content := picture(t, 8)
	text := []byte("<svg onload='x'>")
	sum := sha256.Sum256(text)
	large := append(bytes.Clone(content), make([]byte, MaxBytes)...)
	largeSum := sha256.Sum256(large)
	for name, c := range map[string]struct {
		hash    string
		content []byte
	}{
		"of another hash": {strings.Repeat("0", 64), content}, "of no hash": {"../../x", content},
		"no JPEG": {hex.EncodeToString(sum[:]), text}, "too large": {hex.EncodeToString(largeSum[:]), large}, "empty": {hash, nil},
	} {
		if kept, err := f.Put(c.hash, c.content); kept || !errors.Is(err, ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, hash := range []string{"", "x", "../" + strings.Repeat("a", 61), strings.Repeat("A", 64)} {
		if _, err := f.Get(hash); !errors.Is(err, data.ErrNotFound) {
			t.Errorf("%q: %v", hash, err)
		}
	}
}
