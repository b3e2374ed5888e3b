package engine

import (
	"fmt"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/spelling"
	"github.com/civgrid/civgrid/geo"
)

// keepDefaults is the name of the parameter that keeps default locations.
const keepDefaults = "keep-default-locations"

// recorded is the name of the parameter that says which state of the facts is
// meant.
const recorded = "recorded"

// weekday and hourOfDay are the names of the parameters that keep the facts of one
// day of the week and of one hour.
const (
	weekday   = "weekday"
	hourOfDay = "hour"
)

// plusObserved ends the name of a way to fill a study area, a geo.CoverMode,
// where cells with facts are added to it.
const plusObserved = "+observed"

// Params returns the parameters of an analysis: those all have in common, Compare
// where two periods may be asked for, then its own.
func Params(a analytics.Analysis) []analytics.Param {
	params := common()
	if a.Contrast != nil {
		params = append(params, compareParam())
	}
	return append(params, a.Params...)
}

func common() []analytics.Param {
	var levels []string
	for _, l := range append(data.Levels(), analytics.ResponsibleUnit, analytics.DutyGrid) {
		levels = append(levels, string(l))
	}
	return []analytics.Param{
		{
			Name: "res", Title: "H3 resolution of the grid", Kind: analytics.Integer, Min: 0, Max: float64(geo.MaxResolution),
			Doc: "Must be one that the store serves (7 to 11 unless set otherwise). Default: 9, or the finest served if that is coarser.",
		},
		{
			Name: "level", Title: "level of communities instead of cells", Kind: analytics.Choice, Choices: levels,
			Doc: "Makes one row for each community of this level, or for each responsible_unit or duty_grid that answers for facts.",
		},
		{
			Name: "within", Title: "code of a community to stay in", Kind: analytics.Word,
			Doc: "Cuts the study area to this community and everything below it.",
		},
		{
			Name: "from", Title: "first day of the period", Kind: analytics.Word,
			Doc: "A date (2011-07-01, 2011-07 or 2011) in the city's time zone, or an instant (RFC 3339). Default: the first day with data; of indicators, see period.",
		},
		{
			Name: "to", Title: "day after the period", Kind: analytics.Word,
			Doc: "As from; not part of the period. Default: the day after the last with data.",
		},
		{
			Name: "as-of", Title: "moment as of which cases are judged", Kind: analytics.Word,
			Doc: "What happened later is not known yet. Default: the latest moment the data know of.",
		},
		{
			Name: recorded, Title: "facts as the store had them at a moment", Kind: analytics.Word,
			Doc: "An instant, as-of or now. Default: as-of, where that is given and the store had facts by then, else now.",
		},
		{Name: "category", Title: "only facts of these categories", Kind: analytics.Word, Doc: "Several are separated by |."},
		{Name: "channel", Title: "only facts reported by these channels", Kind: analytics.Word, Doc: "Several are separated by |."},
		{Name: "source", Title: "only facts from these sources", Kind: analytics.Word, Doc: "Several are separated by |."},
		{
			Name: weekday, Title: "only facts of this day of the week", Kind: analytics.Integer, Min: 1, Max: 7,
			Doc: "1 is Monday, 7 Sunday (ISO 8601), on the clocks of the city.",
		},
		{
			Name: hourOfDay, Title: "only facts of this hour of the day", Kind: analytics.Integer, Min: 0, Max: 23,
			Doc: "19 is from seven to eight in the evening, on the clocks of the city.",
		},
		{
			Name: "fill", Title: "which cells make up the study area", Kind: analytics.Choice, Default: geo.Overlap.String(),
			Choices: []string{geo.Overlap.String(), geo.Centre.String(), geo.Overlap.String() + plusObserved, geo.Centre.String() + plusObserved},
			Doc:     "Cells that overlap the boundary or cells whose centre lies in it; +observed adds every cell with a located fact, of any time.",
		},
		{
			Name: keepDefaults, Title: "keep facts at default locations", Kind: analytics.Switch, Default: "false",
			Doc: "Points that a geocoder or form fills in when it does not know better are left out unless this is set. Indicators by community keep them: they count every fact.",
		},
	}
}

// request reads the given parameters of an analysis against what the store
// holds.
func (v *view) request(a analytics.Analysis, given map[string]string) (analytics.Request, error) {
	given, err := v.accept(a, given)
	if err != nil {
		return analytics.Request{}, err
	}
	values, err := analytics.ParseValues(Params(a), given)
	if err != nil {
		return analytics.Request{}, err
	}
	r := analytics.Request{Within: values.Text("within"), Zone: v.zone, Params: values}
	r.Whole = a.Whole
	if r.Unit, err = v.unit(values); err != nil {
		return r, err
	}
	if a.Near && r.Unit.IsParty() {
		return r, &analytics.ParamError{Name: "level", Value: r.Unit.String(), Why: "those who answer for facts are no places, which " + a.Name + " compares with the places around them"}
	}
	if err := v.within(r); err != nil {
		return r, err
	}
	if err := v.times(&r, a, values); err != nil {
		return r, err
	}
	r.Where, err = v.narrowing(r)
	return r, err
}

// unit reads the parameters res and level.
func (v *view) unit(values analytics.Values) (analytics.Unit, error) {
	if level := values.Text("level"); level != "" {
		if res := values.Text("res"); res != "" {
			return analytics.Unit{}, &analytics.ParamError{Name: "res", Value: res, Why: "a layer is by cells or by communities: give res or level, not both"}
		}
		unit := analytics.CommunitiesOf(data.Level(level))
		if !unit.IsParty() && len(v.hierarchy.At(data.Level(level))) == 0 {
			return analytics.Unit{}, &analytics.ParamError{Name: "level", Value: level, Why: "there are no communities of that level; " + v.levelsHint()}
		}
		return unit, nil
	}
	if values.Text("res") == "" {
		return analytics.CellsOf(DefaultResolution(v.settings)), nil
	}
	r := geo.Resolution(values.Int("res"))
	var served []string
	for _, s := range v.settings.Resolutions {
		if s == r {
			return analytics.CellsOf(r), nil
		}
		served = append(served, s.String())
	}
	return analytics.Unit{}, &analytics.ParamError{Name: "res", Value: r.String(), Why: "facts are indexed at resolutions " + strings.Join(served, ", ")}
}

// within tests whether there is such a community, and rows in it.
func (v *view) within(r analytics.Request) error {
	if r.Within == "" {
		return nil
	}
	c, ok := v.hierarchy.Get(r.Within)
	if !ok {
		return v.unknownCommunity(r.Within)
	}
	for _, code := range v.hierarchy.Within(r.Within) {
		if below, _ := v.hierarchy.Get(code); r.Unit.IsCells() || r.Unit.IsParty() || below.Level == r.Unit.Level {
			return nil
		}
	}
	return &analytics.ParamError{Name: "within", Value: r.Within, Why: fmt.Sprintf("it is a %s and holds nothing of level %s", c.Level, r.Unit.Level)}
}

// unknownCommunity says that there is no community of a code, and which was
// probably meant.
func (v *view) unknownCommunity(code string) error {
	var codes []string
	for _, level := range v.hierarchy.Levels() {
		for _, c := range v.hierarchy.At(level) {
			codes = append(codes, c.Code)
		}
	}
	why := "there is no community of that code"
	if near := spelling.Nearest(code, codes); near != "" {
		why += "; did you mean " + near + "?"
	}
	return &analytics.ParamError{Name: "within", Value: code, Why: why, Err: data.ErrNotFound}
}

// DefaultResolution returns the resolution of a layer when none is asked for:
// 9, hexagons of about 0.1 km², or the finest served where that is coarser.
func DefaultResolution(s data.Settings) geo.Resolution {
	best := s.Resolutions[0]
	for _, r := range s.Resolutions {
		if r <= 9 || r < best {
			best = r
		}
	}
	return best
}

func (v *view) levelsHint() string {
	var names []string
	for _, l := range v.hierarchy.Levels() {
		names = append(names, string(l))
	}
	if len(names) == 0 {
		return "no boundaries have been imported"
	}
	return "there are " + strings.Join(names, ", ")
}

// narrowing turns category, channel, source and default locations into a
// condition, nil for none.
func (v *view) narrowing(r analytics.Request) (data.Condition, error) {
	columns := data.SchemaOf(v.dataset, v.settings.Resolutions)
	for _, name := range narrowings() {
		if _, err := data.Pick(columns, name); err != nil && r.Params.Text(name) != "" {
			return nil, &analytics.ParamError{Name: name, Value: r.Params.Text(name), Why: fmt.Sprintf("%s have none", v.dataset)}
		}
	}
	for _, name := range clockParams() {
		if text := r.Params.Text(name); text != "" && data.EventTime(v.dataset) == "" {
			return nil, &analytics.ParamError{Name: name, Value: text, Why: fmt.Sprintf("%s last and are of no hour", v.dataset)}
		}
	}
	all := v.narrowedTo(r.Params)
	if r.Unit.IsParty() && r.Within != "" {
		all = append(all, data.In{Column: "community", Words: v.hierarchy.Within(r.Within)})
	}
	if v.leavesOut(r) {
		all = append(all, data.NotAt(v.report.Defaults))
	}
	if len(all) == 0 {
		return nil, nil //nolint:nilnil // no condition is one
	}
	return all, nil
}

// narrowings returns the parameters that are conditions on the column of their
// name.
func narrowings() []string { return []string{"category", "channel", "source"} }

// clockParams returns the parameters that are conditions on when a fact happened.
func clockParams() []string { return []string{weekday, hourOfDay} }

// narrowedTo turns category, channel and source, weekday and hour into conditions.
func (v *view) narrowedTo(values analytics.Values) (all data.All) {
	for _, column := range narrowings() {
		if words := values.Text(column); words != "" {
			all = append(all, data.In{Column: column, Words: strings.Split(words, "|")})
		}
	}
	if at := data.EventTime(v.dataset); at != "" && (values.Text(weekday) != "" || values.Text(hourOfDay) != "") {
		all = append(all, v.clockTest(at, values))
	}
	return all
}

// clockTest returns the condition that a moment is on the day of the week and in the
// hour that are asked for, on the clocks of the city.
func (v *view) clockTest(column string, values analytics.Values) data.Test {
	day, hour := -1, -1
	if values.Text(weekday) != "" {
		day = values.Int(weekday) % 7 // time.Weekday counts from Sunday
	}
	if values.Text(hourOfDay) != "" {
		hour = values.Int(hourOfDay)
	}
	return data.Test{Columns: []string{column}, Of: func(b data.Batch) func(int) bool {
		moments := b.Ints(column)
		return func(row int) bool {
			local := time.UnixMicro(moments[row]).In(v.zone)
			return (day < 0 || int(local.Weekday()) == day) && (hour < 0 || local.Hour() == hour)
		}
	}}
}

// leavesOut reports whether there are facts at default locations to leave out.
func (v *view) leavesOut(r analytics.Request) bool {
	kept := r.Params.On(keepDefaults) || r.Whole && !r.Unit.IsCells()
	return !kept && v.report != nil && len(v.report.Defaults) > 0
}
