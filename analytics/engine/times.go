package engine

import (
	"errors"
	"time"

	"github.com/civgrid/civgrid/analytics"
)

// times reads from, to, as-of and recorded.
func (v *view) times(r *analytics.Request, a analytics.Analysis, values analytics.Values) (err error) {
	if v.report == nil || v.report.Rows == 0 {
		return v.noFacts()
	}
	r.First, r.Last = v.first, v.last
	first, last := v.first.In(v.zone), v.last.In(v.zone)
	if r.AsOf, err = v.instant(values, "as-of", v.horizon); err != nil {
		return err
	}
	if err := v.state(r, values); err != nil {
		return err
	}
	from, to := startOfDay(first), analytics.DayStart(last.Year(), last.Month(), last.Day()+1, v.zone)
	if a.Window != nil && values.Text("from") == "" && values.Text("to") == "" {
		seen := analytics.Vantage{AsOf: r.AsOf, Last: r.AsOf, Now: r.AsOf}
		if v.last.Before(seen.Last) {
			seen.Last = v.last // what closes late does not make the city report
		}
		if values.Text("as-of") == "" && v.now.After(seen.Now) {
			seen.Now = v.now
		}
		if from, to, err = a.Window(values, seen); err != nil {
			return err
		}
	}
	if r.From, err = v.instant(values, "from", from); err != nil {
		return err
	}
	if r.To, err = v.instant(values, "to", to); err != nil {
		return err
	}
	if v.isOpen() {
		return v.wholeMonths(r, a, values)
	}
	if !r.From.Before(r.To) {
		wrong := "to"
		if values.Text(wrong) == "" {
			wrong = "from"
		}
		return &analytics.ParamError{Name: wrong, Value: values.Text(wrong), Why: "the period ends before it begins: from " + r.From.In(v.zone).Format(time.RFC3339) + " to " + r.To.In(v.zone).Format(time.RFC3339)}
	}
	return nil
}

// state reads which state of the facts is meant.
func (v *view) state(r *analytics.Request, values analytics.Values) (err error) {
	switch values.Text(recorded) {
	case "now":
	case "as-of":
		r.Recorded = r.AsOf
	case "":
		if values.Text("as-of") != "" && !v.began.IsZero() && !r.AsOf.Before(v.began) {
			r.Recorded = r.AsOf
		}
	default:
		r.Recorded, err = v.instant(values, recorded, time.Time{})
	}
	return err
}

// instant reads a date or time in the zone of the store, in UTC.
func (v *view) instant(values analytics.Values, name string, otherwise time.Time) (time.Time, error) {
	text := values.Text(name)
	if text == "" {
		return otherwise.UTC(), nil
	}
	t, err := v.moment(text)
	if err != nil {
		return time.Time{}, &analytics.ParamError{Name: name, Value: text, Why: err.Error()}
	}
	return t, nil
}

// errNoMoment says that a text is no moment.
var errNoMoment = errors.New("want a date such as 2011-07-01, or an instant such as 2011-07-01T00:00:00Z")

// moment reads a date or time in the zone of the store, in UTC.
func (v *view) moment(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, v.zone); err == nil {
			return t.UTC(), nil
		}
	}
	for _, layout := range []string{"2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return analytics.DayStart(t.Year(), t.Month(), t.Day(), v.zone).UTC(), nil
		}
	}
	return time.Time{}, errNoMoment
}

// startOfDay returns the first instant of t's day in t's time zone.
func startOfDay(t time.Time) time.Time {
	return analytics.DayStart(t.Year(), t.Month(), t.Day(), t.Location())
}
