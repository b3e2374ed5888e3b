package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// lineInterval is how often progress is told where no bar can be drawn.
const lineInterval = 5 * time.Second

// A meter shows how far a piece of work is: a bar on a terminal, else a line
// every few seconds. Its methods may be called from one goroutine at a time.
type meter struct {
	p     *program
	title string
	unit  string

	started time.Time
	began   time.Time // the stage
	told    time.Time // the last line; started before there was one
	bars    *mpb.Progress
	bar     *mpb.Bar
	stage   string // what the bar is of
	note    string // what stands behind it
}

// meter begins to show progress of work counted in unit.
func (p *program) meter(title, unit string) *meter {
	now := p.now()
	m := &meter{p: p, title: title, unit: unit, started: now, began: now, told: now}
	switch p.config.get("progress") {
	case "bar":
	case "auto":
		if !p.terminal {
			return m
		}
	default:
		return m
	}
	if p.quiet {
		return m
	}
	m.bars = mpb.New(mpb.WithOutput(p.err), mpb.WithWidth(40), mpb.WithRefreshRate(150*time.Millisecond))
	return m
}

// at shows that done of total is reached in a stage of the work; a total of 0
// is not known. The note stands behind the numbers.
func (m *meter) at(stage string, done, total int64, note string) {
	m.note = note
	if stage != m.stage {
		m.stage, m.began = stage, m.p.now()
		if m.bar != nil {
			m.bar.Abort(true)
			m.bar = nil
		}
	}
	if m.bars == nil {
		m.tellLine(done, total)
		return
	}
	if m.bar == nil {
		m.bar = m.bars.AddBar(0, // a bar of unknown total does not end by itself
			mpb.PrependDecorators(decor.Name(m.title+"  "+stage+" ", decor.WC{C: decor.DindentRight}), decor.CountersNoUnit("%d / %d ")),
			mpb.AppendDecorators(decor.Percentage(), decor.AverageSpeed(0, "  %.0f "+m.unit+"/s"),
				decor.AverageETA(decor.ET_STYLE_GO, decor.WC{W: 8}), decor.Any(func(decor.Statistics) string { return "  " + m.note })))
	}
	m.bar.SetTotal(total, false)
	m.bar.SetCurrent(done)
}

// An advance is how far a piece of work is, as --progress json tells it.
type advance struct {
	Title     string  `json:"title"`
	Stage     string  `json:"stage"`
	Done      int64   `json:"done"`
	Total     int64   `json:"total,omitempty"` // left out where it is not known
	Unit      string  `json:"unit"`
	PerSecond float64 `json:"per_second"`
	Left      float64 `json:"seconds_left,omitempty"`
	Note      string  `json:"note,omitempty"`
}

// tellLine tells how far it is in a line, every few seconds.
func (m *meter) tellLine(done, total int64) {
	now, how := m.p.now(), m.p.config.get("progress")
	if how == "none" || now.Sub(m.told) < lineInterval {
		return
	}
	m.told = now
	a := advance{Title: m.title, Stage: m.stage, Done: done, Total: total, Unit: m.unit, Note: m.note}
	a.PerSecond = float64(done) / max(now.Sub(m.began).Seconds(), 1e-3)
	if total > 0 && a.PerSecond > 0 {
		a.Left = float64(total-done) / a.PerSecond
	}
	if how != "json" {
		m.p.tell("%s", a.line())
		return
	}
	if text, err := json.Marshal(a); err == nil {
		m.p.tell("%s", text)
	}
}

// line tells it to people.
func (a advance) line() string {
	line := fmt.Sprintf("%s: %s, %d %s, %.0f/s", a.Title, a.Stage, a.Done, a.Unit, a.PerSecond)
	if a.Total > 0 && a.PerSecond > 0 {
		left := time.Duration(a.Left * float64(time.Second))
		line += fmt.Sprintf(", %d %%, %s left", 100*a.Done/a.Total, left.Round(time.Second))
	}
	if a.Note != "" {
		line += ", " + a.Note
	}
	return line
}

// done takes the bar away. Where lines told people of the work instead, a last one
// says how long it took, so that none of a part is left as the last word.
func (m *meter) done() {
	if m.bars == nil {
		if m.told.After(m.started) && m.p.config.get("progress") != "json" {
			m.p.tell("%s: took %s", m.title, m.p.now().Sub(m.started).Round(time.Second))
		}
		return
	}
	if m.bar != nil {
		m.bar.Abort(true)
	}
	m.bars.Wait()
}
