package api

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// Languages are the tags of the languages that people are answered in, the
// default first.
func Languages() []string { return []string{"en", "zh-Hans", "zh-Hant"} }

// Words are one language: text by key, and sentences by their English pattern.
type Words struct {
	Tag       string            `json:"-"`
	Text      map[string]string `json:"text"`
	Sentences map[string]string `json:"sentences"`
}

// ReadWords reads the words of every language, by its tag: those of zh-Hans from
// the file zh-Hans.json of a folder. The files are part of the program, so it
// panics where one is missing or no JSON.
func ReadWords(files fs.FS, folder string) map[string]*Words {
	all := map[string]*Words{}
	for _, tag := range Languages() {
		text, err := fs.ReadFile(files, folder+"/"+tag+".json")
		if err != nil {
			panic("BUG: no words for " + tag)
		}
		w := &Words{Tag: tag}
		if err := json.Unmarshal(text, w); err != nil {
			panic(fmt.Sprintf("BUG: words of %s: %v", tag, err))
		}
		all[tag] = w
	}
	return all
}

// Say returns the text of a key, or the given text where the language has none.
func (w *Words) Say(key, otherwise string) string {
	if text, ok := w.Text[key]; ok {
		return text
	}
	return otherwise
}

// Must returns the text of a key that every language has.
func (w *Words) Must(key string) string { return w.Say(key, key) }

// Fill returns the text of a key with {} replaced by values, one after the
// other.
func (w *Words) Fill(key string, values ...string) string { return fill(w.Must(key), values) }

func fill(text string, values []string) string {
	for _, v := range values {
		text = strings.Replace(text, "{}", v, 1)
	}
	return text
}

// numberPattern is what stands for itself in a sentence: a moment or date, or a
// number with sign and decimals.
const numberPattern = `\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?|-?\d+(?:,\d{3})*(?:\.\d+)?`

var numbers = regexp.MustCompile(numberPattern)

// Translate translates what an analysis says, sentence by sentence and by their
// patterns, in which each number and each moment is {}. If one is not known all stay English; ok
// says so.
func (w *Words) Translate(english string) (text string, ok bool) {
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

// Units returns the words behind numbers.
func (w *Words) Units() UnitWords {
	return UnitWords{Seconds: w.Must("unit.s"), Minutes: w.Must("unit.min"), Hours: w.Must("unit.h"), Days: w.Must("unit.d")}
}
