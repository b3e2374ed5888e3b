package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/civgrid/civgrid/api"
)

//go:embed i18n/*.json
var wordFiles embed.FS

// Languages are the tags of the languages the page speaks, the default first.
func Languages() []string { return []string{"en", "zh-Hans", "zh-Hant"} }

// words is one language: text by key, and sentences by their English pattern.
type words struct {
	Tag       string            `json:"-"`
	Text      map[string]string `json:"text"`
	Sentences map[string]string `json:"sentences"`
}

// languages reads the word files, once.
var languages = sync.OnceValue(func() map[string]*words {
	all := map[string]*words{}
	for _, tag := range Languages() {
		text, err := wordFiles.ReadFile("i18n/" + tag + ".json")
		if err != nil {
			panic("BUG: no words for " + tag)
		}
		w := &words{Tag: tag}
		if err := json.Unmarshal(text, w); err != nil {
			panic(fmt.Sprintf("BUG: words of %s: %v", tag, err))
		}
		all[tag] = w
	}
	return all
})

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

// say returns the text of a key, or the given text where the language has none.
func (w *words) say(key, otherwise string) string {
	if text, ok := w.Text[key]; ok {
		return text
	}
	return otherwise
}

// must returns the text of a key that every language has.
func (w *words) must(key string) string { return w.say(key, key) }

// fill returns the text of a key with {} replaced by values, one after the
// other.
func (w *words) fill(key string, values ...string) string { return fill(w.must(key), values) }

func fill(text string, values []string) string {
	for _, v := range values {
		text = strings.Replace(text, "{}", v, 1)
	}
	return text
}

// numbers in sentences, with sign and decimals.
const numberPattern = `-?\d+(?:,\d{3})*(?:\.\d+)?`

var numbers = regexp.MustCompile(numberPattern)

// sentences translates what an analysis says, sentence by sentence and by their
// patterns, in which each number is {}. If one is not known all stay English; ok
// says so.
func (w *words) sentences(english string) (text string, ok bool) {
	if w.Tag == "en" {
		return english, true
	}
	var told strings.Builder
	for sentence := range strings.SplitSeq(strings.TrimSuffix(english, "."), ". ") {
		pattern := numbers.ReplaceAllString(sentence, "{}")
		translated, ok := w.Sentences[pattern]
		if !ok {
			return english, false
		}
		told.WriteString(fill(translated, numbers.FindAllString(sentence, -1)))
	}
	return told.String(), true
}

// units returns the words behind numbers.
func (w *words) units() api.UnitWords {
	return api.UnitWords{Seconds: w.must("unit.s"), Minutes: w.must("unit.min"), Hours: w.must("unit.h"), Days: w.must("unit.d")}
}
