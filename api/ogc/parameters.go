package ogc

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data/cql2"
	"github.com/civgrid/civgrid/geo"
)

// A request is what the query of an items request asks for.
type request struct {
	query    api.Query
	known    []string // parameters
	format   encode.Format
	media    api.MediaType
	limit    int
	hits     bool
	box      *geo.Box
	zone     geo.Cell // NoCell: anywhere
	interval *api.Interval
	cursor   *cursor
	after    *position         // where a page of facts begins
	given    map[string]string // parameters of the analysis
	wanted   selection
	shown    encode.View
	crs      string
}

// ownParameters of items, beside those of the analysis, in reading order.
func ownParameters() []string {
	return []string{
		"limit", "bbox", "bbox-crs", "zone", "datetime", "filter", "filter-lang", "filter-crs", "sortby", "properties", "skipGeometry", "crs", "datum", "resultType", "cursor", "f",
	}
}

// knownParameters returns the names of all parameters of a request of features, of
// which some are its own.
func (col *collection) knownParameters(own []string) []string {
	return slices.Concat(own, names(col.params), col.properties())
}

// properties returns the names of the properties that can be parameters: those that
// are not the name of another.
func (col *collection) properties() (properties []string) {
	taken := append(ownParameters(), names(col.params)...)
	for _, c := range col.columns {
		if !slices.Contains(taken, c.Name) {
			properties = append(properties, c.Name)
		}
	}
	return properties
}

// parse reads the query of an items request. The error tells all faults.
func (s *service) parse(rawQuery, accept string, col *collection, zone *time.Location) (*request, error) {
	r := &request{limit: api.DefaultLimit}
	if err := r.parse(rawQuery, ownParameters(), accept, col, zone); err != nil {
		return nil, err
	}
	if r.format.Name == "html" && !r.query.Has("limit") {
		r.limit = api.DefaultPageLimit
	}
	return r, s.parseCursor(r, col)
}

// parse reads a query whose parameters are own and those of the collection. The error
// tells all faults.
func (r *request) parse(rawQuery string, own []string, accept string, col *collection, zone *time.Location) (err error) {
	r.known = col.knownParameters(own)
	if r.query, err = api.ParseQuery(rawQuery, r.known); err != nil {
		return err
	}
	if err := r.read(col, zone); err != nil {
		return err
	}
	if err := r.period(col, zone); err != nil {
		return err
	}
	if err := r.negotiate(accept); err != nil {
		return err
	}
	if !r.shown.Stored() && r.format.CRS84 {
		parameter := "crs"
		if r.shown.Datum != "" {
			parameter = "datum"
		}
		return &api.QueryError{Known: r.known, Faults: []api.Fault{{Parameter: parameter, Detail: r.format.Name + " is served in longitude and latitude only, " + crs84}}}
	}
	return nil
}

// read reads every parameter there is.
func (r *request) read(col *collection, zone *time.Location) error {
	q, faults := r.query, &api.QueryError{Known: r.known}
	read := func(name string, parse func(string) error) {
		if !q.Has(name) {
			return
		}
		if err := parse(q.Get(name)); err != nil {
			faults.Faults = append(faults.Faults, api.Fault{Parameter: name, Detail: err.Error()})
		}
	}
	read("limit", r.parseLimit)
	boxes := systems()[0]
	read("bbox-crs", func(uri string) (err error) { boxes, err = systemOf(uri, q.Has("bbox"), "box"); return err })
	read("bbox", func(text string) (err error) { r.box, err = parseCorners(text, boxes); return err })
	read("zone", func(text string) (err error) { r.zone, err = parseZone(text); return err })
	r.wanted.read(q, read)
	read("crs", r.parseCRS)
	read("datum", func(text string) error { return r.parseDatum(text, q.Has("crs")) })
	read("properties", func(text string) error { return r.parseProperties(text, col) })
	read("skipGeometry", r.parseSkip)
	read("datetime", func(text string) error { return r.parseTime(text, zone) })
	read("sortby", func(text string) (err error) { r.wanted.sort, err = parseSort(text); return err })
	read("resultType", r.parseResultType)
	read("f", r.parseFormat)
	r.given, faults.Faults = analysisParameters(q, col.params, faults.Faults)
	r.wanted.zone, r.wanted.equal = zone, map[string]string{}
	for _, name := range col.properties() {
		if q.Has(name) {
			r.wanted.equal[name] = q.Get(name)
		}
	}
	if len(faults.Faults) > 0 {
		return faults
	}
	return nil
}

// analysisParameters checks those the analysis declares as far as their kind
// goes; what the data allow is the engine's to say.
func analysisParameters(q api.Query, params []analytics.Param, faults []api.Fault) (map[string]string, []api.Fault) {
	given := map[string]string{}
	for _, p := range params {
		if !q.Has(p.Name) {
			continue
		}
		value, err := p.Parse(q.Get(p.Name))
		if err != nil {
			faults = append(faults, api.Fault{Parameter: p.Name, Detail: why(err)})
			continue
		}
		given[p.Name] = value
	}
	return given, faults
}

func why(err error) string {
	if p, ok := err.(*analytics.ParamError); ok { //nolint:errorlint // Param.Parse returns it as it is
		return p.Why
	}
	return err.Error()
}

func (r *request) parseLimit(text string) error {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n == 0 {
		return fmt.Errorf("want a whole number from 1 to %d", api.MaxLimit)
	}
	r.limit = min(int(n), api.MaxLimit)
	return nil
}

// parseCorners reads bbox: four numbers, or six of which the heights do not count
// (17-069r4, section 7.15.3; 21-038r1, requirement /req/zone-query/bbox), in the axis
// order of its coordinate system.
func parseCorners(text string, s system) (*geo.Box, error) {
	parts := strings.Split(text, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return nil, fmt.Errorf("want four numbers: west, south, east, north")
	}
	numbers := make([]float64, len(parts))
	for i, part := range parts {
		x, err := parseFinite(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		numbers[i] = x
	}
	half := len(numbers) / 2
	box, err := s.box(orb.Point{numbers[0], numbers[1]}, orb.Point{numbers[half], numbers[half+1]})
	switch {
	case err != nil:
		return nil, err
	case box.South > box.North:
		return nil, fmt.Errorf("south is greater than north")
	case math.Abs(box.South) > 90 || math.Abs(box.North) > 90:
		return nil, fmt.Errorf("a latitude lies beyond ±90")
	case math.Abs(box.West) > 180 || math.Abs(box.East) > 180:
		return nil, fmt.Errorf("a longitude lies beyond ±180")
	}
	return &box, nil
}

func (r *request) parseTime(text string, zone *time.Location) error {
	interval, err := api.ParseInterval(text, zone)
	if err != nil {
		return err
	}
	r.interval = &interval
	return nil
}

// parseProperties reads properties: the names of those that are wanted, parted by
// commas.
func (r *request) parseProperties(text string, col *collection) error {
	r.shown.Columns = []string{}
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); !hasColumn(col.columns, name) {
			return fmt.Errorf("there is no property %q", name)
		}
		r.shown.Columns = append(r.shown.Columns, name)
	}
	return nil
}

func (r *request) parseSkip(text string) (err error) {
	if r.shown.Bare, err = strconv.ParseBool(text); err != nil {
		return fmt.Errorf("want true or false")
	}
	return nil
}

// The languages that filters are written in. GDAL says cql-text.
const (
	cql2Text = "cql2-text"
	cql2JSON = "cql2-json"
	cqlText  = "cql-text"
)

// filterParameters are those that say a filter.
func filterParameters() []string { return []string{"filter", "filter-lang", "filter-crs"} }

// read reads the parameters of a filter; parse is called with each that is given.
func (s *selection) read(q api.Query, parse func(name string, parse func(string) error)) {
	parse("filter-crs", func(uri string) error {
		system, err := systemOf(uri, q.Has("filter"), "filter")
		s.point = system.back
		return err
	})
	parse("filter", func(text string) error { return s.parseFilter(text, q.Get("filter-lang")) })
	parse("filter-lang", func(text string) error { return checkLanguage(text, q.Has("filter")) })
}

func (s *selection) parseFilter(text, language string) (err error) {
	var e cql2.Expr
	if language == cql2JSON {
		e, err = cql2.ParseJSON([]byte(text))
	} else {
		e, err = cql2.Parse(text)
	}
	s.filter = &e
	return err
}

func checkLanguage(text string, filtered bool) error {
	switch {
	case text != cql2Text && text != cql2JSON && text != cqlText:
		return fmt.Errorf("want %s or %s", cql2Text, cql2JSON)
	case !filtered:
		return fmt.Errorf("is the language of a filter, and there is none")
	}
	return nil
}

func (r *request) parseResultType(text string) error {
	switch text {
	case "hits":
		r.hits = true
	case "results":
	default:
		return fmt.Errorf("want results or hits")
	}
	return nil
}

// period turns datetime into the period of a layer.
func (r *request) period(col *collection, zone *time.Location) error {
	if r.interval == nil || !col.period {
		return nil
	}
	if err := givePeriod(r.given, *r.interval, zone); err != nil {
		return &api.QueryError{Known: r.known, Faults: []api.Fault{{Parameter: "datetime", Detail: err.Error()}}}
	}
	return nil
}

// givePeriod adds the period of an interval to the parameters of an analysis.
func givePeriod(given map[string]string, interval api.Interval, zone *time.Location) error {
	for _, name := range []string{"from", "to"} {
		if _, twice := given[name]; twice {
			return fmt.Errorf("says the period, and so does %s: give one of them", name)
		}
	}
	from, to := interval.Period(zone)
	for name, at := range map[string]time.Time{"from": from, "to": to} {
		if !at.IsZero() {
			given[name] = at.Format(time.RFC3339)
		}
	}
	return nil
}

// parseCursor reads where a page begins: after a row of a table, or after a fact.
func (s *service) parseCursor(r *request, col *collection) (err error) {
	if !r.query.Has("cursor") {
		return nil
	}
	hash := queryHash(col.id, r.query)
	if col.facts != nil {
		p, err := col.facts.order(r.wanted.sort).parse(s.Secret, r.query.Get("cursor"), hash)
		r.after = &p
		return err
	}
	r.cursor, err = s.cursorOf(r.query, hash)
	return err
}
