package data

import (
	"strings"
	"testing"
)

func TestDocumentsThatAreRefused(t *testing.T) {
	f := func(d Document, want string) {
		t.Helper()
		err := AcceptDocument(d)
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != "document: "+want) {
			t.Errorf("AcceptDocument of kind %.9q, name %.9q: %v, want %q", d.Kind, d.Name, err, want)
		}
	}
	long := strings.Repeat("x", 1025)
	f(Document{Kind: "calendar", Name: "cn-work", Body: ""}, "")
	f(Document{Kind: long[1:], Name: long[1:], Body: strings.Repeat("x", 4<<20)}, "")
	f(Document{Name: "a"}, "kind: is empty")
	f(Document{Kind: "k"}, "name: is empty")
	f(Document{Kind: long, Name: "a"}, "kind: has 1025 bytes, at most 1024")
	f(Document{Kind: "k", Name: "a", Body: strings.Repeat("x", 4<<20+1)}, "body: has 4194305 bytes, at most 4194304")
	f(Document{Kind: "k", Name: "\xff"}, "name: is not UTF-8")
	f(Document{Kind: "k", Name: "a", Body: "b\x00"}, "body: holds the byte 0")
}
