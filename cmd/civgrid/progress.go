package main

import (
	"fmt"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// plainInterval is how often progress is told where no bar can be drawn.
const plainInterval = 5 * time.Second

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
		m.tellPlain(done, total)
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

func (m *meter) tellPlain(done, total int64) {
	now := m.p.now()
	if m.p.config.get("progress") == "none" || now.Sub(m.told) < plainInterval {
		return
	}
	m.told = now
	rate := float64(done) / max(now.Sub(m.began).Seconds(), 1e-3)
	line := fmt.Sprintf("%s: %s, %d %s, %.0f/s", m.title, m.stage, done, m.unit, rate)
	if total > 0 && rate > 0 {
		left := time.Duration(float64(total-done) / rate * float64(time.Second))
		line += fmt.Sprintf(", %d %%, %s left", 100*done/total, left.Round(time.Second))
	}
	if m.note != "" {
		line += ", " + m.note
	}
	m.p.tell("%s", line)
}

// done takes the bar away. Where lines told of the work instead, a last one
// says how long it took, so that none of a part is left as the last word.
func (m *meter) done() {
	if m.bars == nil {
		if m.told.After(m.started) {
			m.p.tell("%s: took %s", m.title, m.p.now().Sub(m.started).Round(time.Second))
		}
		return
	}
	if m.bar != nil {
		m.bar.Abort(true)
	}
	m.bars.Wait()
}
