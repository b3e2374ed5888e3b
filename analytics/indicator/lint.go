package indicator

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Severity says how sure it is that something is wrong.
type Severity string

// The severities.
const (
	Fatal    Severity = "error"   // it cannot be used
	Doubtful Severity = "warning" // it is probably meant otherwise
)

// An Issue is something that is wrong with a definition.
type Issue struct {
	Severity Severity `json:"severity"`
	ID       string   `json:"id"` // code@version
	Field    string   `json:"field"`
	Text     string   `json:"text"`
}

// String returns the issue as one line.
func (i Issue) String() string {
	return fmt.Sprintf("%s: %s: %s: %s", i.Severity, i.ID, i.Field, i.Text)
}

// Lint looks definitions over: each by itself and together with the others of
// the same library. Issues are in the order of definitions.
func Lint(definitions []*Definition, s Surroundings) []Issue {
	var issues []Issue
	for _, d := range definitions {
		l := linter{d: d}
		if _, err := Compile(d, s); err != nil {
			l.failed(err)
		} else {
			l.single()
			l.composite(s)
		}
		issues = append(issues, l.issues...)
	}
	return append(issues, overlaps(definitions, s.Library)...)
}

type linter struct {
	d      *Definition
	issues []Issue
}

func (l *linter) doubt(field, format string, args ...any) {
	l.issues = append(l.issues, Issue{Doubtful, l.d.ID(), field, fmt.Sprintf(format, args...)})
}

func (l *linter) failed(err error) {
	issue := Issue{Severity: Fatal, ID: l.d.ID(), Text: err.Error()}
	if failed := (*FieldError)(nil); errors.As(err, &failed) && failed.Code == l.d.Code {
		issue.Field, issue.Text = failed.Field, failed.Why
	}
	l.issues = append(l.issues, issue)
}

// single doubts what can be seen in one definition.
func (l *linter) single() {
	d := l.d
	kind, _ := KindOf(d.Kind)
	if d.Name.In("") == "" {
		l.doubt("name", "is missing: readers see the code instead")
	}
	if d.Kind == ratioKind && d.Denominator == "" && !d.byPolicy() {
		l.doubt("denominator", "is not named, so it is every fact that is not void: say of what the share is, such as due_in_period or all")
	}
	if d.Source == (Origin{}) {
		l.doubt("source", "is missing: say what standard, clause or decision the definition follows")
	}
	l.direction(kind)
	l.units(kind)
	if d.Scoring != nil && d.Scoring.Type == "pass_fail" && d.Target == nil {
		l.doubt("scoring", "pass_fail gives points for reaching a target, and there is none")
	}
	if kind.Shrink != NoShrinkage && d.MinN == 0 && d.Target != nil {
		l.doubt("min_n", "is missing: one fact is enough to be judged by")
	}
	if d.byPolicy() && (d.Clock == nil || d.Clock.Limit == nil) {
		l.doubt("clock.limit", "is missing, so no case is ever on time or late")
	}
	if d.policy() == KaplanMeier && d.byPolicy() && d.NoLimit == "on_time" {
		l.doubt("no_limit", "on_time means nothing with km, which knows cases with a limit only")
	}
	if len(d.Numerator) > 1 && d.Interval.Method != "" && d.Interval.Method != "wilson" {
		l.doubt("interval.method", "%s is for counts; weighted numerators take wilson", d.Interval.Method)
	}
	if d.policy() == ClosedOnly && (d.byPolicy() || d.Kind == quantileKind) {
		l.doubt("open_policy", "closed_only leaves out slow cases that are still open, which flatters")
	}
}

// direction doubts targets and scorings that pull the other way.
func (l *linter) direction(kind Kind) {
	d := l.d
	lower := d.Direction == "lower"
	if d.Target != nil && d.Direction != "none" && lower != (d.Target.Op == "<=") {
		l.doubt("direction", "%s is better, and the target is %s %s: one of them is inverted", d.Direction, d.Target.Op, number(d.Target.Value))
	}
	if s := d.Scoring; s != nil && d.Direction != "none" {
		switch {
		case s.Type == "linear" && s.Zero != s.Full && lower == (s.Full > s.Zero):
			l.doubt("scoring", "%s is better, and points go from %s to %s: one of them is inverted", d.Direction, number(s.Zero), number(s.Full))
		case s.Type == "deduct" && !lower:
			l.doubt("direction", "points are deducted the more there is, and %s is better", d.Direction)
		case s.Type == "band" && len(s.Bands) > 1 && lower != (s.Bands[0].Score > s.Bands[len(s.Bands)-1].Score):
			l.doubt("scoring", "%s is better, and the bands go the other way", d.Direction)
		}
	}
	if d.Direction == "higher" && kind.Unit(d) == "s" {
		l.doubt("direction", "it is a time, and higher is better")
	}
	badWords := []string{"overdue", "late", "rework", "超期", "逾期", "返工", "延期", "重复"}
	for _, name := range append([]string{d.Code}, d.Name["en"], d.Name["zh-Hans"]) {
		for _, bad := range badWords {
			if d.Direction == "higher" && hasWord(name, bad) {
				l.doubt("direction", "higher is better, and the name says %q", bad)
				return
			}
		}
	}
}

// hasWord reports whether name holds a word, whole if it is of Latin letters.
func hasWord(name, word string) bool {
	if word[0] >= 0x80 {
		return strings.Contains(name, word)
	}
	return slices.Contains(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r < 'a' || r > 'z' }), word)
}

// units doubts a target in another unit than the value.
func (l *linter) units(kind Kind) {
	t := l.d.Target
	if t == nil {
		return
	}
	unit := kind.Unit(l.d)
	declared := t.Unit
	if strings.HasPrefix(unit, "per ") {
		unit = "rate"
	}
	switch {
	case declared == "":
		l.doubt("target.unit", "is missing: the value is in %s", kind.Unit(l.d))
	case declared == "ratio":
		l.doubt("target.unit", "ratio is called share here")
	case declared != unit:
		l.doubt("target.unit", "is %s, and the value is in %s", declared, kind.Unit(l.d))
	}
}

// composite doubts weights that do not sum and items that point elsewhere.
func (l *linter) composite(s Surroundings) {
	d := l.d
	if d.Kind != compositeKind {
		return
	}
	if sum := d.points(); math.Abs(sum-1) > 1e-9 && math.Abs(sum-100) > 1e-9 {
		l.doubt("items", "the weights sum to %s, not to 1 or 100", sumText(sum))
	}
	for _, item := range d.Items {
		made, err := s.Library.InForce(item.Indicator, s.At)
		if err != nil {
			continue // it did not compile
		}
		if made.Scoring == nil && made.Direction == "lower" {
			l.doubt("items", "%s is better lower and has no scoring, so more of it gives more points", item.Indicator)
		}
	}
}

// overlaps finds versions of one code that are in force on the same day.
func overlaps(definitions []*Definition, l *Library) []Issue {
	var issues []Issue
	all := slices.Concat(definitions, l.Definitions()) // of two of one version, that which is looked over
	slices.SortStableFunc(all, compareVersions)
	all = slices.CompactFunc(all, func(a, b *Definition) bool { return a.ID() == b.ID() })
	for i, a := range all {
		for _, b := range all[i+1:] {
			if a.Code != b.Code {
				break
			}
			if overlap(a.Effective, b.Effective) && (slices.Contains(definitions, a) || slices.Contains(definitions, b)) {
				issues = append(issues, Issue{Doubtful, b.ID(), "effective", fmt.Sprintf(
					"version %d is in force at the same time: that is %s, this is %s", a.Version, a.Effective, b.Effective)})
			}
		}
	}
	return issues
}

func overlap(a, b Effective) bool {
	before := func(x, y string) bool { return cmp.Less(x, y) }
	return (a.To == "" || before(b.From, a.To)) && (b.To == "" || before(a.From, b.To))
}

// LintPack looks over a pack: its definitions, and whether their weights sum.
func LintPack(p *Pack, s Surroundings) []Issue {
	issues := Lint(p.Indicators, s)
	sum, weighted := 0.0, 0
	for _, d := range p.Indicators {
		if d.Weight != nil {
			sum += *d.Weight
			weighted++
		}
	}
	if weighted > 1 && math.Abs(sum-1) > 1e-9 && math.Abs(sum-100) > 1e-9 {
		issues = append(issues, Issue{Doubtful, p.Name, "weight", fmt.Sprintf("the weights of its %d weighted indicators sum to %s, not to 1 or 100", weighted, sumText(sum))})
	}
	return issues
}

// sumText writes a sum of weights without the dust of binary fractions.
func sumText(x float64) string { return number(math.Round(1e9*x) / 1e9) }
