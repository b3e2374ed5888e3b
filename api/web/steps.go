package web

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/civgrid/civgrid/api"
)

// mostSteps is the most months that a layer can be moved through.
const mostSteps = 36

// stepsView is the months that a layer can be moved through, one after the other.
type stepsView struct {
	Months        []choice
	At            int // of the month that is shown, -1 where it is another period
	Shown         string
	Before, After string // addresses of the months beside it, "" where there are none
	Whole         string // address of the whole period, "" where it is shown
}

// Addresses are those of the months, as JSON, for the slider.
func (s *stepsView) Addresses() (string, error) {
	var list []string
	for _, m := range s.Months {
		list = append(list, m.Href)
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// Labels are the names of the months, as JSON.
func (s *stepsView) Labels() (string, error) {
	var list []string
	for _, m := range s.Months {
		list = append(list, m.Label)
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// Last is the index of the last month.
func (s *stepsView) Last() int { return len(s.Months) - 1 }

// steps lists the months with data. It is nil where there are not two, and for
// analyses that cut their period into steps themselves.
func (p Page) steps(n *names) *stepsView {
	from, to := p.extent()
	if p.has("step") || from.IsZero() {
		return nil
	}
	first, last := api.Local(from, p.Zone), api.Local(to, p.Zone)
	s := &stepsView{At: -1, Shown: n.span(), Whole: p.address("period", "", "from", "", "to", "", "sel", "")}
	if p.Given["period"] == "" && p.Given["from"] == "" && p.Given["to"] == "" {
		s.Whole = ""
	}
	at := time.Date(last.Year(), last.Month(), 1, 0, 0, 0, 0, last.Location())
	oldest := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, first.Location())
	if start := at.AddDate(0, 1-mostSteps, 0); start.After(oldest) {
		oldest = start
	}
	for month := oldest; !month.After(at); month = month.AddDate(0, 1, 0) {
		next := month.AddDate(0, 1, 0)
		here := p.Layer.Provenance.From.Equal(month) && p.Layer.Provenance.To.Equal(next)
		if here {
			s.At = len(s.Months)
		}
		href := p.address("period", "", "from", month.Format(time.DateOnly), "to", next.Format(time.DateOnly), "sel", "")
		if p.has("period") {
			href = p.address("period", month.Format("2006-01"), "from", "", "to", "", "sel", "")
		}
		s.Months = append(s.Months, choice{Label: month.Format("2006-01"), Href: href, Here: here})
	}
	if len(s.Months) < 2 {
		return nil
	}
	switch {
	case s.At < 0:
		s.Before = s.Months[s.Last()].Href
	case s.At > 0:
		s.Before = s.Months[s.At-1].Href
	}
	if s.At >= 0 && s.At < s.Last() {
		s.After = s.Months[s.At+1].Href
	}
	return s
}

// extent returns the first and the last moment of the facts of the layer; of open data,
// the last one that is told of.
func (p Page) extent() (from, to time.Time) {
	if p.Open {
		return p.From, p.To.Add(-time.Microsecond) // To is where the months end that are over
	}
	if p.Layer != nil && p.Layer.Quality != nil {
		return p.Layer.Quality.First, p.Layer.Quality.Last
	}
	return p.From, p.To
}

// chips are what facts are narrowed to, each with the address of the page without it.
func (p Page) chips(w *words) (list []choice) {
	for _, name := range []string{"category", "channel", "source", "weekday", "hour"} {
		value := p.Given[name]
		if value == "" {
			continue
		}
		switch n, err := strconv.Atoi(value); {
		case name == "weekday" && err == nil && n >= 1 && n <= 7:
			value = w.Must("day." + strconv.Itoa(n-1))
		case name == "hour" && err == nil:
			value += ":00"
		}
		list = append(list, choice{Key: name, Label: w.Must("only."+name) + ": " + value, Href: p.address(name, "")})
	}
	return list
}
