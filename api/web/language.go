package web

import (
	"embed"
	"strings"
	"sync"

	"github.com/civgrid/civgrid/api"
)

//go:embed i18n/*.json
var wordFiles embed.FS

type words = api.Words

// languages reads the word files, once.
var languages = sync.OnceValue(func() map[string]*words { return api.ReadWords(wordFiles, "i18n") })

// Language returns the language to answer in: the one asked for by name, else
// the first of an Accept-Language field that there is, else English.
func Language(asked, accept string) string {
	if languages()[asked] != nil {
		return asked
	}
	for part := range strings.SplitSeq(accept, ",") {
		tag, _, _ := strings.Cut(part, ";")
		switch tag = strings.ToLower(strings.TrimSpace(tag)); {
		case tag == "zh-tw" || tag == "zh-hk" || tag == "zh-mo" || strings.HasPrefix(tag, "zh-hant"):
			return "zh-Hant"
		case tag == "zh" || strings.HasPrefix(tag, "zh-"):
			return "zh-Hans"
		case tag == "en" || strings.HasPrefix(tag, "en-"):
			return "en"
		}
	}
	return "en"
}

// marked returns a text, marked as English where it is not known in the
// language.
func marked(w *words, text string, known bool) note {
	if known || w.Tag == "en" {
		return note{Text: text}
	}
	return note{text, "en"}
}
