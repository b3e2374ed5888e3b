package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/compliance"
	"github.com/civgrid/civgrid/analytics/engine"
)

func (p *program) reconcileCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reconcile", Short: "Compare our verdict on every case with the source's own", Args: noArgs,
		Long: "Judges every case as the compliance analysis would and holds it against the\n" +
			"verdict that the source itself gives, so that nobody has to argue about totals.",
		Example: "  civgrid reconcile\n" +
			"  civgrid reconcile --open-policy pessimistic --no-limit on_time     the rule many 311 systems publish",
	}
	var params []analytics.Param
	for _, param := range engine.Params(compliance.Analysis) {
		switch param.Name {
		case "res", "level", "fill", "target", "min-n", "level-of-confidence", "within", "keep-default-locations":
			continue // these shape a layer, not a verdict
		}
		params = append(params, param)
	}
	given := p.paramFlags(cmd, params)
	list := cmd.Flags().Bool("list", false, "list the cases one by one")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		values := given()
		values["keep-default-locations"] = "true"
		return p.reconcile(cmd.Context(), values, *list)
	}
	return cmd
}

func (p *program) reconcile(ctx context.Context, values map[string]string, list bool) error {
	store, err := p.openToRead(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	r, err := engine.New(store, engine.Options{Now: p.now}).Reconcile(ctx, values)
	if err != nil {
		return err
	}
	if p.json {
		p.answer(r)
		return nil
	}
	p.say("%9d  cases of the period", r.Cases)
	p.say("%9d  judged by the source and by us: %d on time, %d late%s", r.Both, r.OnTime, r.Late, percent(r.OnTime, r.Both))
	p.say("%9d  of these agree", r.Agree)
	p.say("%9d  disagree", len(r.Differ))
	p.say("%9d  carry no verdict of the source", len(r.Unjudged))
	p.say("%9d  are judged by the source and not by us", len(r.Silent))
	if !list {
		return nil
	}
	for _, group := range []struct {
		title string
		cases []engine.Dispute
	}{{"disagree", r.Differ}, {"no verdict of the source", r.Unjudged}, {"not judged by us", r.Silent}} {
		for _, d := range group.cases {
			p.say("%s\t%s\t%s\ttheirs=%s\tours=%s", group.title, d.Source, d.ID, d.Theirs, d.Ours)
		}
	}
	return nil
}
