package quality

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// The rule for default locations.
//
// Many rows at one point are no proof: an airport, a shopping mall, a house
// whose owner complains every week are real. What a real place cannot have is
// rows that say they are elsewhere. So a point is looked at when it holds at
// least suspectRows rows and suspectShare of all that have a point, and it is
// flagged when
//
//   - its rows contradict it: fewer than half of them name the community that
//     most of them name, although other rows name theirs, and they name at least
//     severalAreas of them or are tenfold times as many as at the next point; or
//   - fewer than half of its rows give the address that most of them give,
//     although other rows give theirs, and it holds tenfold times as many rows
//     as the next point; or
//   - rows say nothing of community or address at all, and it holds blindShare
//     of all and tenfold times as many rows as the next point.
//
// The next point is the one with fewer rows that comes next. On the data this was
// weighed with, Boston's City Hall (4,775 of 58,251 rows, 22 neighbourhoods,
// 1,230 addresses) is flagged and nothing else is; O'Hare airport, with 560 of
// 27,490 food inspections, 558 of them at one address, is not.
const (
	suspectRows  = 30
	suspectShare = 0.005
	blindShare   = 0.02
	tenfold      = 10
	severalAreas = 3
)

// A suspect is a point that is looked at, with what its rows say.
type suspect struct {
	data.PileUp
	next      int64 // rows at the next point; 0 when there is none
	addresses map[string]int64
	words     wordCounts
}

// defaults finds the default locations, with a scan of the rows at suspects.
func (a *assessment) defaults(ctx context.Context, source data.Source, schema []data.Column) error {
	located := a.report.Located + a.report.Outside
	top := a.points.top(int(1/suspectShare)+1, located)
	suspects := map[point]*suspect{}
	var order []*suspect
	var at data.Any
	for _, p := range top {
		if p.Rows < suspectRows || p.Share < suspectShare {
			break
		}
		s := &suspect{PileUp: p, addresses: map[string]int64{}, words: wordCounts{}}
		suspects[point{p.Lon, p.Lat}] = s
		order = append(order, s)
		at = append(at, data.All{data.Compare{Column: "lon", Op: data.Equal, Value: p.Lon}, data.Compare{Column: "lat", Op: data.Equal, Value: p.Lat}})
	}
	if len(order) == 0 {
		return nil
	}
	for b, err := range source.Scan(ctx, data.Query{Dataset: a.dataset, Columns: columnsOf(a.dataset, schema), Where: at}) {
		if err != nil {
			return err
		}
		v := viewOf(b, a.dataset, a.scene)
		for p, s := range suspects {
			s.hear(v, b, p)
		}
	}
	for i, s := range order {
		switch {
		case i+1 < len(top):
			s.next = top[i+1].Rows
		case located > s.Rows: // all other points have one row
			s.next = 1
		}
		if reason := a.implausible(s); reason != "" {
			a.defaultPoints = append(a.defaultPoints, data.DefaultLocation{PileUp: s.PileUp, Traits: a.traits(s), Reason: reason})
		}
	}
	return nil
}

// hear takes down what the rows of a batch at point p say.
func (s *suspect) hear(v *view, b data.Batch, p point) {
	here := make([]bool, v.n)
	for i := range v.n {
		at, ok := v.point(i)
		if here[i] = ok && at == p; here[i] {
			s.addresses[plainAddress(v.address.At(i))]++
		}
	}
	s.words.add(b, here)
}

// plainAddress is an address without differences of case, spaces and
// punctuation.
func plainAddress(address string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(address), func(r rune) bool {
		return strings.ContainsRune(" ,.;#-\t", r)
	}), " ")
}

// implausible returns why a point cannot be where its rows happened, as a
// sentence, or "".
func (a *assessment) implausible(s *suspect) string {
	located := float64(a.report.Located + a.report.Outside)
	others := located - float64(s.Rows)
	namedElsewhere := others > 0 && 1-float64(a.words["community_given"][""]-s.words["community_given"][""])/others > 0.5
	addressedHere := s.Rows - s.addresses[""]
	addressedElsewhere := others > 0 && float64(a.addresses-addressedHere)/others > 0.5
	intro := fmt.Sprintf("%s rows, %.1f %% of all with a point, lie on exactly this point", grouped(s.Rows), 100*s.Share)
	if most, distinct := commonest(s.words["community_given"]); namedElsewhere && 2*most < s.Rows {
		return fmt.Sprintf("%s, yet %s.", intro, says(distinct, s.words["community_given"][""], s.Rows, "community", "communities"))
	}
	apart := s.next > 0 && s.Rows >= tenfold*s.next
	if most, distinct := commonest(s.addresses); addressedElsewhere && apart && 2*most < s.Rows {
		return fmt.Sprintf("%s, yet %s.", intro, says(distinct, s.addresses[""], s.Rows, "address", "addresses"))
	}
	if !namedElsewhere && !addressedElsewhere && apart && s.Share >= blindShare {
		return fmt.Sprintf("%s, the next point has %s.", intro, grouped(s.next))
	}
	return ""
}

// commonest returns how often the most frequent word occurs, no value left
// out, and how many words there are.
func commonest(words map[string]int64) (most int64, distinct int) {
	for w, n := range words {
		if w != "" {
			most = max(most, n)
			distinct++
		}
	}
	return most, distinct
}

func says(distinct int, missing, rows int64, one, many string) string {
	name := many
	if distinct == 1 {
		name = one
	}
	return fmt.Sprintf("they name %s different %s and %.0f %% of them name none", grouped(int64(distinct)), name, 100*float64(missing)/float64(rows))
}

// traits returns the words whose share among the rows of s is at least ten
// points from that among the other rows with a point: the ten furthest.
func (a *assessment) traits(s *suspect) []data.Trait {
	others := a.report.Located + a.report.Outside - s.Rows
	var traits []data.Trait
	for column, all := range a.words {
		for word, n := range all {
			t := data.Trait{Column: column, Value: word, Share: float64(s.words[column][word]) / float64(s.Rows)}
			if others > 0 {
				t.Others = float64(n-s.words[column][word]) / float64(others)
			}
			if math.Abs(t.Share-t.Others) >= 0.1 {
				traits = append(traits, t)
			}
		}
	}
	sort.Slice(traits, func(i, j int) bool {
		x, y := traits[i], traits[j]
		if d, e := math.Abs(x.Share-x.Others), math.Abs(y.Share-y.Others); d != e {
			return d > e
		}
		if x.Column != y.Column {
			return x.Column < y.Column
		}
		return x.Value < y.Value
	})
	return traits[:min(len(traits), 10)]
}

// grouped writes a number with commas between thousands.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
