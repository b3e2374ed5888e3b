package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics/clusters"
	"github.com/civgrid/civgrid/analytics/engine"
)

// watchFlags are what a watch is told.
type watchFlags struct {
	once       bool
	every      time.Duration
	days       int
	history    int
	recurrence int
	quiet      int
	res        string
	within     string
	category   string
	webhook    string
	secretFile string
	statePath  string
	retries    int
}

func (p *program) watchCommand() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use: "watch", Short: "Tell of surges of reports as they begin, here or to a webhook", Args: noArgs,
		Long: "Tell of surges of reports as they begin, here or to a webhook.\n\n" +
			wrap("Looks every day at all places and at the days just past, and tells of those with more reports than place and time explain: analysis clusters, by day. "+
				"A surge is told if chance alone would show one as strong less than once in --recurrence days of such looks. What was told is remembered in a file, so that a restart does not tell it again.", "") +
			"\nA webhook gets a POST for each surge: a CloudEvent (1.0, JSON) of type\n" + surgeType + ",\nsigned as Standard Webhooks 1.0 has it: webhook-id, webhook-timestamp and\nwebhook-signature, the base64 of the HMAC-SHA256 of id.timestamp.body. Where the\nother side is away it is tried again, now with growing pauses and in the next\nround; the id stays the same, so that it can tell repeats.",
		Example: "  civgrid watch --once                             from cron, once a day\n" +
			"  civgrid watch --webhook https://example.org/hook --webhook-secret-file key\n" +
			"  civgrid watch --category noise --recurrence 30   more often, and more often for nothing",
		RunE: func(cmd *cobra.Command, _ []string) error { return p.watch(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.once, "once", false, "look once and end")
	flags.DurationVar(&f.every, "every", 24*time.Hour, "how often to look")
	flags.IntVar(&f.days, "days", 28, "most days that a surge may last")
	flags.IntVar(&f.history, "history", 364, "days that it is compared with")
	flags.IntVar(&f.recurrence, "recurrence", 365, "days in which chance alone may tell one surge")
	flags.IntVar(&f.quiet, "quiet", 14, "days in which a place that was told of is not told of again")
	flags.StringVar(&f.res, "res", "", "H3 resolution of the places (default 9, or the finest served if that is coarser)")
	flags.StringVar(&f.within, "within", "", "code of a community to stay in")
	flags.StringVar(&f.category, "category", "", "only reports of these categories; several are separated by |")
	flags.StringVar(&f.webhook, "webhook", "", "address that surges are posted to")
	flags.StringVar(&f.secretFile, "webhook-secret-file", "", "file with the key that posts are signed with")
	flags.StringVar(&f.statePath, "state", "", "file that remembers what was told (default: beside the store)")
	flags.IntVar(&f.retries, "retries", 5, "how often a post is tried again in a round")
	return cmd
}

// A watcher looks for surges.
type watcher struct {
	p      *program
	flags  watchFlags
	engine *engine.Engine
	state  *watchState
	hook   *webhook // nil without one
}

func (p *program) watch(ctx context.Context, f watchFlags) error {
	if err := f.check(); err != nil {
		return usageError(err)
	}
	hook, err := newWebhook(f)
	if err != nil {
		return err
	}
	path := f.statePath
	if path == "" {
		if path = p.config.get("store"); strings.Contains(path, "://") {
			return usageError(errors.New("watch of a database needs --state, a file that remembers what was told"))
		}
		path += ".watch.json"
	}
	state, err := readWatchState(path)
	if err != nil {
		return err
	}
	store, err := p.openToRead(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	options := engine.Options{Now: p.now}
	w := &watcher{p: p, flags: f, state: state, hook: hook}
	if f.once {
		meter := p.meter("watch", "steps")
		options.Progress = func(_ string, done, of int) { meter.at("looking", int64(done), int64(of), "") }
		w.engine = engine.New(store, options)
		alerts, err := w.round(ctx)
		meter.done()
		if err == nil && p.json {
			p.answer(map[string]any{"surges": alerts})
		}
		return err
	}
	w.engine = engine.New(store, options)
	for {
		_, err := w.round(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			p.tell("✗ %v; looking again in %v", err, f.every)
		}
		pause(ctx, f.every)
		if ctx.Err() != nil {
			return nil
		}
	}
}

// check says what cannot be watched.
func (f watchFlags) check() error {
	switch {
	case f.every < time.Minute:
		return fmt.Errorf("--every %v: want a minute or more", f.every)
	case f.days < 1 || f.history < 2*f.days:
		return fmt.Errorf("--days %d of --history %d: want at least 1, and at most half of the history", f.days, f.history)
	case f.recurrence < 1 || f.recurrence > 99_999:
		return fmt.Errorf("--recurrence %d: want 1 to 99999 days", f.recurrence)
	case f.quiet < 0 || f.retries < 0:
		return errors.New("--quiet and --retries: want 0 or more")
	}
	return nil
}

// round looks once, and tells of what was not told before.
func (w *watcher) round(ctx context.Context) ([]alert, error) {
	now := w.p.now()
	_, _, last, err := w.engine.Extent(ctx)
	if err != nil {
		return nil, err
	}
	settings, err := w.engine.Settings(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := settings.Location()
	if err != nil {
		return nil, err
	}
	end := last.In(zone)
	if now.Before(last) {
		end = now.In(zone)
	}
	given := map[string]string{
		"step": "day", "when": "now", "longest": strconv.Itoa(w.flags.days),
		"from": end.AddDate(0, 0, -w.flags.history).Format(time.DateOnly), "to": end.AddDate(0, 0, 1).Format(time.DateOnly),
		// p has to be able to fall below one in the days of the recurrence.
		"simulations": strconv.Itoa(max(999, 2*w.flags.recurrence-1)),
	}
	for name, value := range map[string]string{"res": w.flags.res, "within": w.flags.within, "category": w.flags.category} {
		if value != "" {
			given[name] = value
		}
	}
	layer, err := w.engine.Run(ctx, clusters.Analysis.Name, given)
	if err != nil {
		return nil, err
	}
	fresh := w.state.fresh(alertsOf(layer, 1/float64(w.flags.recurrence), now), now, w.flags.quiet)
	for _, a := range fresh {
		if !w.p.json {
			w.p.say("%s", a.words())
		}
	}
	if len(fresh) == 0 && !w.p.json {
		w.p.tell("%s: no surge that was not told before", end.Format(time.DateOnly))
	}
	w.state.add(fresh, w.hook != nil)
	if err := w.state.write(); err != nil {
		return fresh, err
	}
	return fresh, w.deliver(ctx)
}

// deliver posts what was not delivered yet, and remembers what was.
func (w *watcher) deliver(ctx context.Context) error {
	if w.hook == nil {
		return nil
	}
	var failed error
	for i := range w.state.Told {
		told := &w.state.Told[i]
		if !told.Pending {
			continue
		}
		if err := w.hook.post(ctx, told.Event); err != nil {
			failed = fmt.Errorf("tell %s of a surge: %w; it will be tried again in the next round", w.hook.shown(), err)
			continue
		}
		told.Pending = false
	}
	if err := w.state.write(); err != nil {
		return err
	}
	return failed
}

// readSecret reads the key that posts are signed with.
func readSecret(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("read the key of the webhook: %w", err)
	}
	key := strings.TrimSpace(string(text))
	if len(key) < 16 {
		return nil, usageError(fmt.Errorf("the key of the webhook in %s has %d characters: want 16 or more", path, len(key)))
	}
	return []byte(key), nil
}
