package targeting

// The names of measures.
const (
	HitRate       = "hit_rate" // share of events caught
	AccuracyIndex = "pai"
	Efficiency    = "pei"
	Recapture     = "rri"
	UnderCurve    = "auc"
	Accuracy1     = "pai_1" // PAI at 1, 2, 5 and 10 % of the area
	Accuracy2     = "pai_2"
	Accuracy5     = "pai_5"
	Accuracy10    = "pai_10"
)

// Measures returns the names of all measures, in order. The slice is the
// caller's.
func Measures() []string {
	return []string{HitRate, AccuracyIndex, Efficiency, Recapture, UnderCurve, Accuracy1, Accuracy2, Accuracy5, Accuracy10}
}

// An Estimate is a figure with its bootstrap interval.
type Estimate struct {
	Value *float64 `json:"value"` // nil where it cannot be computed
	// Low and High are the ends of the interval, nil where periods are too few or
	// too empty for one.
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
	// Reason says why one of them is nil: no_events, or too_few_periods.
	Reason string `json:"reason,omitempty"`
}

// The reasons of an Estimate.
const (
	NoEvents      = "no_events"
	TooFewPeriods = "too_few_periods"
)

// An account is what a ranking did in one period, or in several together.
type account struct {
	catch, best, before Catch
	under, weight       float64 // AUC times events, and events
	at                  [len(shares)]Catch
}

func (a *account) add(b *account) {
	a.catch.Add(b.catch)
	a.best.Add(b.best)
	a.before.Add(b.before)
	a.under += b.under
	a.weight += b.weight
	for i := range a.at {
		a.at[i].Add(b.at[i])
	}
}

// measures returns every measure in the order of Measures. Those of several
// periods are of their sums, not means of ratios, so that a quiet week weighs
// little.
func (a *account) measures() (values []float64, ok []bool) {
	add := func(value float64, has bool) { values, ok = append(values, value), append(ok, has) }
	add(a.catch.HitRate())
	add(a.catch.PAI())
	add(PEI(a.catch, a.best))
	add(RRI(a.catch, a.before))
	add(a.under/max(a.weight, 1), a.weight > 0)
	for i := range curved {
		add(a.at[i].PAI())
	}
	return values, ok
}

// accountOf says how scores did in a period with these counts, after one with
// those before.
func accountOf(scores []float64, area *Area, counts, before []float64, share float64) account {
	order := Order(scores, area.SquareKm)
	k := Within(order, area.SquareKm, share)
	a := account{
		catch:  Caught(order, k, area.SquareKm, counts),
		best:   Caught(Order(counts, area.SquareKm), k, area.SquareKm, counts),
		before: Caught(order, k, area.SquareKm, before),
	}
	if under, ok := AUC(scores, area.SquareKm, counts); ok {
		a.under, a.weight = under*a.catch.Events, a.catch.Events
	}
	for i, share := range shares {
		a.at[i] = Caught(order, Within(order, area.SquareKm, share), area.SquareKm, counts)
	}
	return a
}
