package api_test

import (
	"testing"
	"testing/fstest"

	"github.com/civgrid/civgrid/api"
)

func TestWords(t *testing.T) {
	files := fstest.MapFS{}
	for _, tag := range api.Languages() {
		files["i18n/"+tag+".json"] = &fstest.MapFile{Data: []byte(`{"text":{"rank":"{} of {}"},"sentences":{"{} of {} rows are late":"{} / {}."}}`)}
	}
	w := api.ReadWords(files, "i18n")["zh-Hans"]
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(w.Fill("rank", "1", "7"), "1 of 7")
	f(w.Must("unknown"), "unknown")
	f(w.Say("unknown", "Title"), "Title")
	for english, want := range map[string]string{
		"3 of 1,200 rows are late.":                    "3 / 1,200.",
		"3 of 4 rows are late. 0.5 of 1 rows are late": "3 / 4.0.5 / 1.",
		"3 of 4 rows are late. Nobody knows why.":      "3 of 4 rows are late. Nobody knows why.",
	} {
		got, ok := w.Translate(english)
		f(got, want)
		if known := got != english; ok != known {
			t.Errorf("Translate(%q) says %t, want %t", english, ok, known)
		}
	}
}
