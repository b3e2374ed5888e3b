package compliance

import (
	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// JudgeColumns returns the columns that [Judge] reads.
func JudgeColumns() []string { return []string{"status", "reported_at", "closed_at", "due_at"} }

// Members returns the condition of the cases that a request speaks of.
func Members(r analytics.Request) data.Condition {
	return r.Narrow(policyOf(r).members(r.From, r.To, r.AsOf))
}

// Judge returns the verdict on each case of a batch under the policy of a
// request: data.VerdictOnTime, data.VerdictLate, or "" where the case does not
// count. Added up, verdicts are the columns on_time and n of the layer.
func Judge(b data.Batch, r analytics.Request) []string {
	counts, policy := populations(r.AsOf), policyOf(r)
	marks := make(map[string][]bool, len(counts))
	for _, c := range counts {
		marks[c.Name] = data.Select(nil, b, c.Where)
	}
	verdicts := make([]string, b.Len())
	for row := range verdicts {
		onTime, n := policy.share(func(population string) int64 {
			if marks[population][row] {
				return 1
			}
			return 0
		})
		switch {
		case n == 0:
		case onTime > 0:
			verdicts[row] = data.VerdictOnTime
		default:
			verdicts[row] = data.VerdictLate
		}
	}
	return verdicts
}
