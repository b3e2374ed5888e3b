package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
)

// longestBackOff is how long a sync that follows waits at most before it tries
// a database again that is away.
const longestBackOff = time.Minute

// follow takes what is submitted until ctx ends, which is no error. It looks
// when the database hints that there is something, and every now and then in
// any case. After an import it rests for as long as that took, and every at
// least: what is submitted case by case is not imported case by case, and the
// quality report, for which all rows are read, does not keep the database busy.
func (y *syncing) follow(ctx context.Context, every time.Duration) error {
	hints := make(chan struct{}, 1)
	var listening sync.WaitGroup
	defer listening.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	listening.Go(func() { y.listen(ctx, every, hints) })
	y.each = y.logDoubts
	y.p.tell("following what is submitted since %s; Ctrl-C ends", y.p.now().Format(time.TimeOnly))
	wait, trouble := every, ""
	for ctx.Err() == nil {
		began := time.Now()
		sum, err := y.round(ctx)
		took := time.Since(began)
		if err == nil && trouble != "" {
			y.p.tell("%s ✓ works again", y.stamp())
		}
		y.tellRound(sum)
		switch {
		case ctx.Err() != nil:
			return nil
		case isHopeless(err):
			return err
		case err != nil:
			if now := troubleOf(err); now != trouble {
				y.p.tell("%s ✗ %v; trying again", y.stamp(), err)
				trouble = now
			}
			wait = min(2*wait, max(every, longestBackOff))
		default:
			wait, trouble = every, ""
		}
		if sum.Submissions > 0 || err != nil {
			pause(ctx, max(every, took))
		}
		select {
		case <-ctx.Done():
		case <-hints:
		case <-time.After(wait):
		}
	}
	return nil
}

// listen passes hints on, and begins again when the connection breaks.
func (y *syncing) listen(ctx context.Context, every time.Duration, hints chan<- struct{}) {
	hint := func() {
		select {
		case hints <- struct{}{}:
		default: // there is one already
		}
	}
	for ctx.Err() == nil {
		if err := y.store.Listen(ctx, hint); err != nil {
			y.p.logger().DebugContext(ctx, "no hints", "error", err)
		}
		pause(ctx, every)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// isHopeless reports whether an error stays however long one waits.
func isHopeless(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, postgis.ErrOutdated) || errors.Is(err, data.ErrVersion)
}

// troubleOf returns what errors of the same reason have in common.
func troubleOf(err error) string {
	if errors.Is(err, data.ErrUnavailable) {
		return data.ErrUnavailable.Error()
	}
	return err.Error()
}

// logDoubts notes what nobody is asked about.
func (y *syncing) logDoubts(d delivery) {
	for _, doubt := range d.result.Reading.Doubts {
		y.p.logger().Warn("imported in spite of a doubt", "submission", d.submissions[0].ID, "source", d.submissions[0].Source, "doubt", doubt.Message)
	}
}

// stamp is the time of a line.
func (y *syncing) stamp() string { return y.p.now().Format(time.DateTime) }

// tellRound tells in one line what was taken.
func (y *syncing) tellRound(sum synced) {
	if sum.Submissions == 0 {
		return
	}
	mark, more := "✓", ""
	if sum.Rejected+sum.Failed > 0 {
		mark, more = "✗", "; "+sum.refused()+", see civgrid.inbox"
	}
	y.p.tell("%s %s %s, %d of %s imported: %s%s", y.stamp(), mark, counted(sum.Submissions, "submission"), sum.Accepted, counted(sum.Facts, "fact"), changesLine(sum.Changes), more)
}

// refused says what was not taken.
func (s synced) refused() string {
	text := counted(s.Rejected, "fact") + " rejected"
	if s.Failed > 0 {
		text += ", " + counted(s.Failed, "submission") + " not imported"
	}
	return text
}

// counted writes a number of things: 1 fact, 2 facts.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func changesLine(c data.Changes) string {
	return fmt.Sprintf("%d new, %d replaced, %d unchanged, %d older than what is there", c.Inserted, c.Replaced, c.Unchanged, c.Stale)
}

// tellDelivery tells people what came of submissions that were imported
// together.
func (y *syncing) tellDelivery(d delivery) {
	first := d.submissions[0]
	var sum synced
	sum.add(d, false)
	of := counted(sum.Submissions, "submission")
	if sum.Submissions == 1 {
		of = fmt.Sprintf("submission %d", first.ID)
	}
	if sum.Failed > 0 {
		y.p.tell("✗ %s: %s", of, d.receipts[0].Error)
		return
	}
	y.p.tell("✓ %s: %d of %s imported as %s of %q", of, sum.Accepted, counted(sum.Facts, "fact"), first.Dataset, first.Source)
	if d.result.Already {
		y.p.tell("  they were imported before")
	} else {
		y.p.tell("  %s", changesLine(sum.Changes))
	}
	for _, note := range d.result.Notes {
		y.p.tell("  %d: %s", note.Rows, note.Title)
	}
	for _, doubt := range d.result.Reading.Doubts {
		y.p.tell("! %s", doubt.Message)
	}
	if sum.Rejected > 0 {
		y.tellRejects(sum.Rejected, d.receipts)
	}
}

// tellRejects tells the first facts that were rejected.
func (y *syncing) tellRejects(n int, receipts []postgis.Receipt) {
	y.p.tell("✗ %s rejected", counted(n, "fact"))
	told := 0
	for _, receipt := range receipts {
		for _, r := range receipt.Rejects {
			if told == shownRejects {
				y.p.tell("  and %d more", n-told)
				return
			}
			told++
			where := fmt.Sprintf("submission %d, facts[%d]", receipt.ID, r.Fact)
			if r.Column != "" {
				where += fmt.Sprintf(", column %q, value %q", r.Column, shorten(r.Value))
			}
			y.p.tell("  %s: %s", where, r.Message)
		}
	}
}
