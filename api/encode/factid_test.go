package encode_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/api/encode"
)

func TestFactID(t *testing.T) {
	f := func(source, id, want string) {
		t.Helper()
		if got := encode.FactID(source, id); got != want {
			t.Errorf("FactID(%q, %q) = %s, want %s", source, id, got, want)
		}
		if s, i, ok := encode.ParseFactID(want); !ok || s != source || i != id {
			t.Errorf("ParseFactID(%s) = %q, %q, %v", want, s, i, ok)
		}
	}
	f("hotline", "2024-0815", "hotline:2024-0815")
	f("市民熱線", "案件:7", "市民熱線:案件:7")
	f("a:b", "c", "a~3Ab:c")
	f("a", "b/c?d#e%f g", "a:b~2Fc~3Fd~23e~25f~20g")
	f("~", "~3A", "~7E:~7E3A")
	f("", "", ":")
	f("a", "\xff\n\u00a0", "a:~FF~0A~C2~A0")
	for _, none := range []string{"", "hotline", "a:b~2", "a:b~2f", "a:b~41", "a:b c", "a:~ZZ", "a:~"} {
		if s, i, ok := encode.ParseFactID(none); ok {
			t.Errorf("ParseFactID(%q) = %q, %q", none, s, i)
		}
	}
}

// FuzzFactID makes a text of any source and id, which is another for every other, and
// is a segment of a path that is read as it is written.
func FuzzFactID(f *testing.F) {
	f.Add("a", ":b", "a:", "b")
	f.Add("~3A", "", "", "~3A")
	f.Add("..", "/", "\x00", "\xff")
	f.Fuzz(func(t *testing.T, source, id, otherSource, otherID string) {
		text := encode.FactID(source, id)
		if s, i, ok := encode.ParseFactID(text); !ok || s != source || i != id {
			t.Fatalf("%q, %q: %s is read as %q, %q, %v", source, id, text, s, i, ok)
		}
		if other := encode.FactID(otherSource, otherID); (other == text) != (source == otherSource && id == otherID) {
			t.Fatalf("%q, %q and %q, %q: %s and %s", source, id, otherSource, otherID, text, other)
		}
		if u, err := url.Parse("http://h/items/" + text); err != nil || u.Path != "/items/"+text || strings.ContainsAny(text, "/?#%") {
			t.Fatalf("%s is no segment of a path: %v", text, err)
		}
	})
}
