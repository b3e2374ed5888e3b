package api_test

import (
	"testing"
	"testing/fstest"

	"github.com/civgrid/civgrid/api"
)

func TestWords(t *testing.T) {
	files := fstest.MapFS{}
	for _, tag := range api.Languages() {
		files["i18n/"+tag+".json"] = &fstest.MapFile{Data: []byte(`{"text":{"rank":"{} of {}"},"sentences":{"{} of {} rows are late":"{} / {}.","Rows are as of {}":"{} 的数据。"}}`)}
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
		"Rows are as of 2026-01-31T08:00:00+08:00.":    "2026-01-31T08:00:00+08:00 的数据。",
		"Rows are as of 2026-01-31 08:00.":             "2026-01-31 08:00 的数据。",
		"Rows are as of 2026-01-31.":                   "2026-01-31 的数据。",
		"3 of 4 rows are late. Nobody knows why.":      "3 of 4 rows are late. Nobody knows why.",
	} {
		got, ok := w.Translate(english)
		f(got, want)
		if known := got != english; ok != known {
			t.Errorf("Translate(%q) says %t, want %t", english, ok, known)
		}
	}
}
