package analytics

import (
	"context"
	"time"

	"github.com/civgrid/civgrid/data"
)

// An Analysis is one thing that can be computed for every row of a grid. It is
// a value: it can be listed, printed and checked. Adding one is one file and
// one line in the engine's list.
type Analysis struct {
	Name  string // "hotspot": on the command line, in URLs, in files
	Title string // one line, no full stop
	Doc   string // what the numbers mean, for those who read them
	// Reference names the source of the method: authors, year, equations.
	Reference string
	// Params are the analysis' own parameters, beside those all have in common.
	Params []Param
	// Dataset is what it counts first: its quality report says what was left out,
	// and until when things are known. "" means incidents.
	Dataset data.Dataset
	// Whole says that its figures for communities are those of all facts: default
	// locations are left out of cells only.
	Whole bool
	// Near says that rows are compared with those around them, so that rows which
	// are no places have no result.
	Near bool
	// Places reports whether the plan of a request counts in the dataset Places
	// too. Nil means that none does.
	Places func(Request) bool
	// Sites says that Compute looks at the frame's Sites and, where the plan counts
	// in Places, at its Homes.
	Sites bool
	// Columns describes the result without values, in order.
	Columns []Column
	// Window returns the period that is meant where neither from nor to is given.
	// Nil means all there is.
	Window func(Values, Vantage) (from, to time.Time, err error)
	// Derive returns the columns that the plan needs and no store keeps; they
	// depend on the request, but not on its Where. Nil means none.
	Derive func(Request) []Derivation
	// Plan says which counts and sums are needed. It is called with a complete
	// request.
	Plan func(Request, *Frame) ([]data.Rollup, error)
	// Contrast says how two periods are compared. Nil means that they cannot be.
	Contrast *Contrast
	// Compute makes the layer of the answered rollups, in their order: columns,
	// legend, matrix, summary and caveats. The engine adds the rest. It has no
	// input besides, no output and no clock.
	Compute func(context.Context, Request, *Frame, []Tally) (*Layer, error)
}

// Facts returns what a plan for the request is answered from: the source, with
// the columns that the analysis derives where it derives any.
func (a Analysis) Facts(source data.Source, r Request) data.Source {
	if a.Derive == nil {
		return source
	}
	for _, d := range a.Derive(r) {
		source = data.Derive(source, d.Dataset, d.Derivation)
	}
	return source
}

// A Vantage is what a window is seen from.
type Vantage struct {
	AsOf time.Time // moment of judgement
	Last time.Time // last fact that is known then
	// Now is the present, by which a period may be over that the facts do not see
	// the end of; it is AsOf where that was asked for.
	Now time.Time
}

// A Request says what is asked of an analysis.
type Request struct {
	Unit   Unit
	Within string // code of a community; "" for the whole study area
	// From and To bound the period, half open. What has to fall into it is the
	// analysis' business.
	From, To time.Time
	// Against is the period that this one is compared with; zero for none.
	Against Span
	// First and Last bound the facts there are; zero where that is not known.
	First, Last time.Time
	// AsOf is the moment as of which cases are judged: what happened later is
	// not known yet.
	AsOf time.Time
	// Recorded is the moment as of which facts are what the store had of them;
	// zero means now.
	Recorded time.Time
	Zone     *time.Location // in which hours and days are counted
	// Whole is that of the analysis.
	Whole bool
	// Where narrows the facts further: category, channel, default locations.
	Where data.Condition
	// Params holds the analysis' own parameters; every one has a value.
	Params Values
	// Progress is told how far a long computation is: how many of so many steps
	// are done. Nil tells nobody.
	Progress func(done, of int)
}

// Member returns the condition of facts whose time in the column falls into
// the period and not after AsOf, joined with Where.
func (r Request) Member(column string) data.All {
	return append(data.All{
		data.Compare{Column: column, Op: data.GreaterOrEqual, Value: r.From},
		data.Compare{Column: column, Op: data.Less, Value: r.To},
		data.Compare{Column: column, Op: data.LessOrEqual, Value: r.AsOf},
	}, r.narrowing()...)
}

// Tell tells Progress, if anybody listens, how many of so many steps are done.
func (r Request) Tell(done, of int) {
	if r.Progress != nil {
		r.Progress(done, of)
	}
}

// Narrow joins a condition with Where.
func (r Request) Narrow(c data.Condition) data.All { return append(data.All{c}, r.narrowing()...) }

func (r Request) narrowing() data.All {
	if r.Where == nil {
		return nil
	}
	return data.All{r.Where}
}

// A Derivation is one of columns of a dataset.
type Derivation struct {
	Dataset data.Dataset
	data.Derivation
}
