package inspect

import (
	"embed"
	"strconv"
	"sync"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

//go:embed i18n/*.json
var wordFiles embed.FS

// languages reads the word files, once.
var languages = sync.OnceValue(func() map[string]*api.Words { return api.ReadWords(wordFiles, "i18n") })

// A speaker says things of an itinerary in one language.
type speaker struct {
	*api.Words
	it *analytics.Itinerary
}

// counted fills a text that begins with a count, in the form for one where there is
// one of it.
func (s speaker) counted(key string, n int64, more ...string) string {
	if n == 1 && s.Text[key+".one"] != "" {
		key += ".one"
	}
	return s.Fill(key, append([]string{api.ShowCount(n)}, more...)...)
}

// reasons says what speaks for a stop. When it was inspected last is told apart.
func (s speaker) reasons(stop analytics.Stop) []string {
	var said []string
	for _, r := range stop.Reasons {
		if text := s.reason(r); text != "" {
			said = append(said, text)
		}
	}
	if said == nil {
		said = []string{s.Must("reason.around")}
	}
	return said
}

func (s speaker) reason(r analytics.Reason) string {
	key := "reason." + r.Code
	switch r.Code {
	case analytics.ReasonReports, analytics.ReasonRising:
		return s.counted(key, r.N, short(s.it.Settings.Recent), short(r.Expected))
	case analytics.ReasonPast:
		return s.Fill(key, short(s.it.Settings.Recent), short(r.Expected), api.ShowCount(r.N))
	case analytics.ReasonHot:
		return s.Say(key+"."+r.Class, s.Must(key))
	case analytics.ReasonFailed:
		return s.Fill(key, s.ago(r.N))
	case analytics.ReasonInspected, analytics.ReasonNever:
		return ""
	}
	return s.counted(key, r.N)
}

// visited says when a stop was inspected last.
func (s speaker) visited(stop analytics.Stop) string {
	for _, r := range stop.Reasons {
		switch r.Code {
		case analytics.ReasonInspected, analytics.ReasonFailed:
			return s.ago(r.N)
		case analytics.ReasonNever, analytics.ReasonBlind:
			return s.Must("visited.never")
		}
	}
	return s.Must("visited.unknown")
}

func (s speaker) ago(days int64) string {
	if days == 0 {
		return s.Must("today")
	}
	return s.counted("ago", days)
}

// short writes a number with one decimal, none where it is whole.
func short(x float64) string {
	x, _ = strconv.ParseFloat(decimals(x, 1), 64)
	return strconv.FormatFloat(x, 'f', -1, 64)
}
