package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/auth"
	"github.com/civgrid/civgrid/data"
)

func (p *program) keysCommand() *cobra.Command {
	cmd := p.group(&cobra.Command{
		Use: "keys", Short: "Give, list and take back API keys of the service",
		Long: "A key opens what the public does not see: incidents and inspections, and, by\n" +
			"role, recording them, personal data, long computations and imports. A key for\n" +
			"some communities shows these alone: every map, count and file is made of what\n" +
			"lies in them. The store keeps a digest, so a key that was lost is taken back and\n" +
			"not looked up. A running service knows new and revoked keys within seconds.\n\n" +
			"  reader     incidents and inspections, without personal data\n" +
			"  inspector  with addresses and further columns; records incidents and inspections\n" +
			"  planner    with addresses and further columns; runs processes, imports files\n" +
			"  admin      all of this",
		Example: "  civgrid keys create 'field team' --role inspector --community D1 --expires 90d\n" +
			"  curl -H \"X-API-Key: $KEY\" http://127.0.0.1:8080/collections\n" +
			"  civgrid keys list\n" +
			"  civgrid keys revoke 3f9a21c4",
	})
	cmd.AddCommand(p.keysCreateCommand(), p.keysListCommand(), p.keysRevokeCommand())
	return cmd
}

func (p *program) keysCreateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Make a key and print it, this once", Args: oneArg("name"),
		Long: "Prints the key and nothing else to standard output, so that it can be piped to\n" +
			"where it is kept. It is not shown again.",
		Example: "  civgrid keys create 'field team' --role inspector --community D1 --expires 90d\n" +
			"  civgrid keys create 'nightly export' --role reader > key.txt",
	}
	role := cmd.Flags().String("role", "", "what it is for: reader, inspector, planner or admin")
	communities := cmd.Flags().StringArray("community", nil, "code of a community that it shows, with all below it; may be repeated (default: the whole city)")
	completeFlag(cmd, "community", p.communityCodes)
	expires := cmd.Flags().String("expires", "", "the last day on which it opens, such as 2027-01-31, in the city's time zone or UTC where none is set, or days from now such as 90d (default: it never ceases)")
	dryRun := dryRunFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		name := strings.TrimSpace(args[0])
		if name == "" {
			return usageError(errors.New("name \"\": want what people call the key, such as 'field team'"))
		}
		given, err := api.ParseRole(*role)
		if err != nil {
			return usageError(fmt.Errorf("--role: %w", err))
		}
		end, err := parseExpiry(*expires, p.now())
		if err != nil {
			return usageError(fmt.Errorf("--expires: %w", err))
		}
		return p.createKey(cmd.Context(), auth.Key{Name: name, Role: given, Communities: *communities}, end, *dryRun)
	}
	return cmd
}

// An expiry is when a key ends: some days from now, or with a day of the calendar. The
// zero expiry is never.
type expiry struct {
	days int
	last time.Time // the beginning of that day in UTC
}

// parseExpiry reads a date that is not over everywhere, or a number of days. Empty is the
// zero expiry.
func parseExpiry(s string, now time.Time) (expiry, error) {
	if s == "" {
		return expiry{}, nil
	}
	if number, ok := strings.CutSuffix(s, "d"); ok {
		if days, err := strconv.Atoi(number); err == nil && days > 0 && days <= maxExpiryDays {
			return expiry{days: days}, nil
		}
	}
	last, err := time.Parse(time.DateOnly, s)
	if err != nil || !last.AddDate(0, 0, 2).After(now) {
		return expiry{}, fmt.Errorf("%q: want a date to come, such as %s, or days such as 90d", s, now.AddDate(1, 0, 0).Format(time.DateOnly))
	}
	return expiry{last: last}, nil
}

// maxExpiryDays is some 270 years.
const maxExpiryDays = 100_000

// from returns the moment at which a key that is made now in a time zone ceases to open:
// the end of the last day there.
func (e expiry) from(now time.Time, zone *time.Location) time.Time {
	switch {
	case e.days > 0:
		return now.UTC().AddDate(0, 0, e.days).Truncate(time.Second)
	case e.last.IsZero():
		return time.Time{}
	}
	return time.Date(e.last.Year(), e.last.Month(), e.last.Day()+1, 0, 0, 0, 0, zone).UTC()
}

func (p *program) createKey(ctx context.Context, k auth.Key, end expiry, dryRun bool) error {
	open := p.openArchive
	if dryRun {
		open = p.openToRehearse
	}
	store, err := open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := knownCommunities(ctx, store, k.Communities); err != nil {
		return err
	}
	zone, err := cityZone(ctx, store)
	if err != nil {
		return err
	}
	k.Expires = end.from(p.now(), zone)
	k, secret, err := auth.Create(ctx, store, k, p.now())
	if err != nil {
		return err
	}
	if dryRun {
		return p.tellKey(k)
	}
	if p.json {
		p.answer(struct {
			auth.Key
			Secret string `json:"key"`
		}{k, secret})
		return nil
	}
	p.say("%s", secret)
	p.tell("✓ key %s for %s of %s, %s; it is not shown again", k.ID, k.Role, scopeWord(k), untilWord(k))
	return nil
}

// tellKey tells which key would be made.
func (p *program) tellKey(k auth.Key) error {
	if k.ID, k.Digest = "", ""; p.json {
		p.answer(k)
		return nil
	}
	p.tell("✓ a key for %s of %s, %s, would be made", k.Role, scopeWord(k), untilWord(k))
	return nil
}

// knownCommunities tests that there are the communities that a key is to show: a code
// with a slip in it would show nothing.
func knownCommunities(ctx context.Context, store data.Store, codes []string) error {
	all, err := store.Communities(ctx)
	if err != nil {
		return fmt.Errorf("read communities: %w", err)
	}
	hierarchy := data.NewHierarchy(all)
	for _, code := range codes {
		if _, ok := hierarchy.Get(code); !ok {
			return &codedError{
				code: exitNotFound, err: fmt.Errorf("community %q: %w", code, data.ErrNotFound),
				hint: "civgrid analyze density --level district --format csv lists codes; level street and so on those below",
			}
		}
	}
	return nil
}

func scopeWord(k auth.Key) string {
	if len(k.Communities) == 0 {
		return "the whole city"
	}
	return strings.Join(k.Communities, ", ")
}

func untilWord(k auth.Key) string {
	if k.Expires.IsZero() {
		return "for good"
	}
	return "until " + k.Expires.Format(time.DateTime) + " UTC"
}

func (p *program) keysListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List all keys that were ever made, and which hold", Args: noArgs,
		Example: "  civgrid keys list\n" +
			"  civgrid keys list --json | jq '.data[] | select(.state == \"holds\")'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := p.openToGlance(cmd.Context())
			if err != nil {
				return err
			}
			defer store.Close()
			keys, err := auth.Keys(cmd.Context(), store)
			if err != nil {
				return err
			}
			if p.json {
				p.answerKeys(keys)
				return nil
			}
			for _, k := range keys {
				p.say("%s  %-9s  %-8s  %-24s  %-32s  since %s", k.ID, k.Role, p.stateOf(k), cmp.Or(k.Name, "-"), scopeWord(k)+", "+untilWord(k), k.Created.Format(time.DateOnly))
			}
			return nil
		},
	}
}

// stateOf says in a word whether a key opens anything.
func (p *program) stateOf(k auth.Key) string {
	switch {
	case !k.Revoked.IsZero():
		return "revoked"
	case !k.Holds(p.now()):
		return "expired"
	}
	return "holds"
}

// answerKeys prints what is known of keys as JSON: digests are for nobody.
func (p *program) answerKeys(keys []auth.Key) {
	type shown struct {
		auth.Key
		State   string    `json:"state"`
		Revoked time.Time `json:"revoked,omitzero"`
	}
	list := make([]shown, len(keys))
	for i, k := range keys {
		list[i] = shown{k, p.stateOf(k), k.Revoked}
		list[i].Digest = ""
	}
	p.answer(list)
}

func (p *program) keysRevokeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "revoke ID", Short: "Take a key back, for good", Args: oneArg("id"),
		Example: "  civgrid keys list            shows the ids\n" +
			"  civgrid keys revoke 3f9a21c4\n" +
			"  civgrid keys revoke 3f9a21c4 --yes      from a script",
	}
	dryRun, yes := dryRunFlag(cmd), yesFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.revokeKey(cmd.Context(), args[0], *dryRun, *yes)
	}
	return cmd
}

func (p *program) revokeKey(ctx context.Context, id string, dryRun, yes bool) error {
	open := p.openArchive
	if dryRun {
		open = p.openToRehearse
	}
	store, err := open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	err = auth.Revoke(ctx, rehearse(store), id) // before people are asked
	if errors.Is(err, data.ErrNotFound) {
		return &codedError{code: exitNotFound, err: err, hint: "civgrid keys list shows the ids"}
	}
	if err == nil && !dryRun {
		if err = p.confirm(yes, "take key "+id+" back"); err == nil {
			err = auth.Revoke(ctx, store, id)
		}
	}
	switch {
	case err != nil:
		return err
	case p.json:
		p.answer(map[string]any{"id": id, "revoked": !dryRun})
	case dryRun:
		p.tell("✓ key %s would be taken back", id)
	default:
		p.tell("✓ key %s is taken back; a running service turns it away within seconds", id)
	}
	return nil
}
