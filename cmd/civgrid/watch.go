package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/clusters"
	"github.com/civgrid/civgrid/analytics/engine"
)

// A watch looks again and again whether there is a surge, and tells of each once.
type watch struct {
	p     *program
	given map[string]string // parameters of the analysis
	asked string            // the same as text

	every         time.Duration
	glance        time.Duration // how soon to ask at the earliest whether there are new facts
	days, history int
	alpha         float64
	state         string   // path of the file that remembers alerts
	dryRun        bool     // neither remember nor post
	hook          *webhook // nil for none
}

func (p *program) watchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "watch", Short: "Look for surges of reports that go on now, and tell of each once", Args: noArgs, Long: watchHelp(),
		Example: "  civgrid watch --once                                        from cron, once a day\n" +
			"  civgrid watch --webhook https://ops.example/civgrid --webhook-secret-file secret.txt\n" +
			"  civgrid watch --once --category noise --within B --state noise.json",
	}
	flags := cmd.Flags()
	w := &watch{p: p, glance: time.Minute, days: 28, history: 365}
	once := flags.Bool("once", false, "look once and end")
	flags.BoolVar(&w.dryRun, "dry-run", false, "with --once: tell what is new, and neither post nor remember it")
	flags.DurationVar(&w.every, "every", 24*time.Hour, "how often to look where no new facts arrive; with --once, how often it is run")
	flags.Var((*dayCount)(&w.days), "days", "most days that a surge may last")
	flags.Var((*dayCount)(&w.history), "history", "days of facts that it is held against, its own included")
	flags.Float64Var(&w.alpha, "alpha", 0.01, "largest p that is told of, up to 0.1")
	flags.StringVar(&w.state, "state", "", "file that remembers alerts (default: beside a store that is a file, its name and .watch.json)")
	flags.String("base-url", "", "address of the service, for links to the map")
	flags.String("webhook", "", "address that alerts are posted to")
	flags.String("webhook-secret-file", "", "file with the secret that signs them")
	attempts := flags.Int("attempts", 10, "how often an alert is posted before it is given up until the next look")
	var params []analytics.Param
	for _, param := range engine.Params(clusters.Analysis) {
		if !slices.Contains(watched(), param.Name) {
			params = append(params, param)
		}
	}
	given := p.paramFlags(cmd, params)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		w.given = given()
		if err := w.prepare(*once, *attempts); err != nil {
			return usageError(err)
		}
		if *once {
			return w.once(cmd.Context())
		}
		return w.follow(cmd.Context())
	}
	return cmd
}

// watched are the parameters of the analysis that a watch sets itself.
func watched() []string {
	return []string{"from", "to", "as-of", "recorded", "step", "when", "longest"}
}

func watchHelp() string {
	return "Looks for hexagons or communities that have more reports in the last days than\n" +
		"chance explains: analysis clusters, by day, up to the last day with facts. It\n" +
		"looks when it starts, when facts have arrived, and as often as --every says, and\n" +
		"reads beside programs that write to the store.\n\n" +
		"A surge that goes on is told of once: one that shares a row with it and began no\n" +
		"later than it was last seen is the same. The file of --state remembers that.\n\n" +
		"p is how often chance alone shows a surge as strong anywhere. Who looks every\n" +
		"day for a p of 0.01 is alarmed for nothing every 100 days: the recurrence\n" +
		"interval, which each alert tells.\n\n" +
		"Alerts are posted as CloudEvents 1.0 in JSON, of type " + surgeType + ", and\n" +
		"signed as Standard Webhooks 1.0.0 are:\n\n" +
		"  Webhook-Id         the id of the event; the same each time it is posted\n" +
		"  Webhook-Timestamp  seconds since 1970, of this attempt\n" +
		"  Webhook-Signature  v1, and base64 of HMAC-SHA256(secret, ID.TIMESTAMP.BODY)\n\n" +
		"The secret is in the file of --webhook-secret-file or in CIVGRID_WEBHOOK_SECRET:\n" +
		"whsec_ and base64, or text, of 24 bytes or more. A receiver compares signatures,\n" +
		"turns away timestamps of more than some minutes ago and ids that it has. It\n" +
		"answers 2xx; after 408, 425, 429, 5xx or no answer in 20 s an alert is posted\n" +
		"again, after 1, 2, 4 and more seconds up to 5 minutes, or when Retry-After says;\n" +
		"after anything else, redirects included, with the next look. What was not taken\n" +
		"when its surge has long been over is dropped, and told of.\n"
}

// A dayCount is a flag: a number of days, 28 or 28d.
type dayCount int

// String implements pflag.Value.
func (d *dayCount) String() string { return strconv.Itoa(int(*d)) }

// Set implements pflag.Value.
func (d *dayCount) Set(text string) error {
	n, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || n < 1 {
		return errors.New("want a number of days, 1 or more")
	}
	*d = dayCount(n)
	return nil
}

// Type implements pflag.Value: what help shows behind the flag.
func (d *dayCount) Type() string { return "days" }

var _ pflag.Value = (*dayCount)(nil)

// prepare checks what is asked of a watch.
func (w *watch) prepare(once bool, attempts int) error {
	longest, simulations := paramOf("longest"), float64(999)
	if text, ok := w.given["simulations"]; ok {
		var err error
		if simulations, err = strconv.ParseFloat(text, 64); err != nil {
			return fmt.Errorf("--simulations %q: want a number", text)
		}
	}
	switch {
	case !once && w.dryRun:
		return errors.New("--dry-run looks once; add --once")
	case !once && w.p.json:
		return errors.New("--json answers once; add --once")
	case w.every <= 0:
		return fmt.Errorf("--every %v: want more than nothing", w.every)
	case float64(w.days) > longest.Max:
		return fmt.Errorf("--days %d: want at most %.0f", w.days, longest.Max)
	case w.history < 2*w.days:
		return fmt.Errorf("--history %d: want at least twice the %d of --days, to have something to hold a surge against", w.history, w.days)
	case !(w.alpha > 0 && w.alpha <= 0.1):
		return fmt.Errorf("--alpha %v: want more than 0 and at most 0.1", w.alpha)
	case w.alpha*(simulations+1) < 1:
		return fmt.Errorf("--alpha %v: no p of %.0f simulations is as small; want --simulations %.0f or more", w.alpha, simulations, 1/w.alpha-1)
	case attempts < 1:
		return fmt.Errorf("--attempts %d: want 1 or more", attempts)
	}
	asked := url.Values{}
	for name, value := range w.given {
		asked.Set(name, value)
	}
	w.asked = asked.Encode()
	if err := w.whereToRemember(); err != nil {
		return err
	}
	return w.whereToPost(attempts)
}

// paramOf returns a parameter of the analysis.
func paramOf(name string) analytics.Param {
	i := slices.IndexFunc(clusters.Analysis.Params, func(p analytics.Param) bool { return p.Name == name })
	return clusters.Analysis.Params[i]
}

// whereToRemember finds the file of alerts.
func (w *watch) whereToRemember() error {
	store := w.p.config.get("store")
	if w.state == "" && addressPrefix(store) != "" {
		return errors.New("--state has to name the file that remembers alerts, as the store is no file")
	}
	if w.state == "" {
		w.state = store + ".watch.json"
	}
	return nil
}

// whereToPost reads the settings of the webhook.
func (w *watch) whereToPost(attempts int) error {
	address := w.p.config.get("webhook")
	text, path := w.p.config.get("webhook-secret"), w.p.config.get("webhook-secret-file")
	if address == "" {
		if path != "" {
			return errors.New("--webhook-secret-file goes with --webhook")
		}
		return nil
	}
	if path != "" {
		content, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read the secret of the webhook: %w", err)
		}
		text = string(content)
	}
	var secret []byte
	if text != "" || path != "" {
		var err error
		if secret, err = parseSecret(text); err != nil {
			return fmt.Errorf("webhook: %w", err)
		}
	}
	var err error
	w.hook, err = newWebhook(address, secret, attempts, w.p.now)
	return err
}
