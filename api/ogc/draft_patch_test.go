package ogc

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMergePatchesOfTheStandard has the examples of RFC 7396, appendix A, and of its
// section 3: original, patch, result.
func TestMergePatchesOfTheStandard(t *testing.T) {
	f := func(original, patch, want string) {
		t.Helper()
		value := func(text string) any {
			v, err := readJSON([]byte(text))
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			return v
		}
		target, change := value(original), value(patch)
		got := merged(target, change)
		if diff := cmp.Diff(value(want), got); diff != "" {
			text, _ := json.Marshal(got)
			t.Errorf("%s patched by %s is %s, want %s", original, patch, text, want)
		}
		if diff := cmp.Diff(value(original), target); diff != "" {
			t.Errorf("%s patched by %s is changed itself: %s", original, patch, diff)
		}
		if diff := cmp.Diff(value(patch), change); diff != "" {
			t.Errorf("%s changed the patch %s: %s", original, patch, diff)
		}
	}
	f(`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`)
	f(`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`)
	f(`{"a":"b"}`, `{"a":null}`, `{}`)
	f(`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`)
	f(`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`)
	f(`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`)
	f(`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`)
	f(`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`)
	f(`["a","b"]`, `["c","d"]`, `["c","d"]`)
	f(`{"a":"b"}`, `["c"]`, `["c"]`)
	f(`{"a":"foo"}`, `null`, `null`)
	f(`{"a":"foo"}`, `"bar"`, `"bar"`)
	f(`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`)
	f(`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`)
	f(`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`)
	f(`{"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],"content":"This will be unchanged"}`,
		`{"title":"Hello!","phoneNumber":"+01-123-456-7890","author":{"familyName":null},"tags":["example"]}`,
		`{"title":"Hello!","author":{"givenName":"John"},"tags":["example"],"content":"This will be unchanged","phoneNumber":"+01-123-456-7890"}`)
}
