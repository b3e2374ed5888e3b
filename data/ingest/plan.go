package ingest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
	"github.com/civgrid/civgrid/geo/crs"
)

// A plan is all that is decided about a file before its rows are read. It is
// immutable and safe for concurrent use.
type plan struct {
	format  Format
	layout  Layout
	mapping Mapping // the profile with what the user said over it
	profile Profile
	dataset data.Dataset
	columns []data.Column // of the dataset
	// sourceGuessed says that the source is the name of the file.
	sourceGuessed bool
	zone          *time.Location
	system        crs.System
	missing       map[string]bool
	// missingLength is the length in bytes of the longest word in missing, and
	// missingFirst the bytes with which one can begin, in upper or lower case.
	missingLength int
	missingFirst  [256]bool

	bindings []binding // by ordinal of columns; those without source are empty
	at       places
	keep     []int // source columns that become attributes
	levelled bool  // category and subcategory have one source
	sample   *sample
	doubts   []Doubt
	weighed  []string // how dates are read that can be read otherwise
}

// A binding ties a column of the dataset to the file.
type binding struct {
	column   data.Column
	sources  []int  // joined by a space; none where constant is set
	constant string // "=word"
	first    bool   // only the first source that has a value, "a||b"
	interval bool   // two sources are the ends of a pause
	values   map[string]string
	words    map[string]string // all there are, for a column that knows no others
	times    []TimeFormat
	guessed  bool // times were found by their looks
}

func (b binding) used() bool { return len(b.sources) > 0 || b.constant != "" }

// places are the ordinals of columns that are treated specially, -1 where the
// dataset has no such column.
type places struct {
	source, id, updated, event, closed, status                  int
	location, lon, lat, crs, x, y, community, given, attributes int
	category, subcategory, limit, unit, pauses                  int
}

func placesOf(columns []data.Column, d data.Dataset) places {
	at := func(name string) int {
		return slices.IndexFunc(columns, func(c data.Column) bool { return c.Name == name })
	}
	return places{
		source: at("source"), id: at("id"), updated: at("updated_at"), event: at(data.EventTime(d)), closed: at("closed_at"), status: at("status"),
		location: at("location"), lon: at("lon"), lat: at("lat"), crs: at("crs_given"), x: at("x_given"), y: at("y_given"),
		community: at("community"), given: at("community_given"), attributes: at("attributes"),
		category: at("category"), subcategory: at("subcategory"), limit: at("limit_amount"), unit: at("limit_unit"), pauses: at("pauses"),
	}
}

// newPlan decides how a file is read.
func newPlan(in Input, o Options, settings data.Settings) (*plan, error) {
	if err := o.Mapping.Check(); err != nil {
		return nil, err
	}
	head, whole, zipped, err := in.head()
	if err != nil {
		return nil, err
	}
	p := &plan{}
	if p.format, p.layout, err = layoutOf(in.Name, head, whole); err != nil {
		return nil, err
	}
	p.layout.Gzip = zipped
	if p.onlyOutlines(head) {
		return nil, settingError("these are outlines, not cases: %s %s (or street, community …)", set(setBoundaries, in.Name), set("level", "district"))
	}
	if err := p.chooseMapping(in, o); err != nil {
		return nil, err
	}
	resolutions := settings.Resolutions
	if len(resolutions) == 0 {
		resolutions = data.DefaultResolutions()
	}
	if err := p.chooseMeaning(resolutions, settings.Zone); err != nil {
		return nil, err
	}
	p.sample = sampleOf(p, head, whole)
	if err := p.bind(o.Mapping); err != nil {
		return nil, err
	}
	p.doubts = append(p.doubts, coordinateDoubts(p, p.sample)...)
	return p, nil
}

// chooseMapping finds the profile and puts what the user said over it.
func (p *plan) chooseMapping(in Input, o Options) error {
	d := o.Dataset
	if d == "" {
		d = o.Mapping.Dataset
	}
	p.profile = detectProfile(p.layout.Columns, d)
	if name := o.Mapping.Profile; name != "" {
		var err error
		if p.profile, err = profileByName(name); err != nil {
			return err
		}
		if name == "generic" && d != "" {
			p.profile = generic(d)
		}
	}
	p.mapping = o.Mapping.over(p.profile.Mapping)
	p.mapping.Profile = p.profile.Name
	if d != "" {
		p.mapping.Dataset = d
	}
	p.dataset = p.mapping.Dataset
	if p.mapping.Source == "" {
		name, _, _ := strings.Cut(in.Name, ".")
		p.mapping.Source, p.sourceGuessed = name, true
	}
	for canonical := range o.Mapping.Map {
		if err := checkCanonical(canonical, p.dataset); err != nil {
			return fmt.Errorf("map: %w", err)
		}
	}
	return nil
}

// chooseMeaning settles zone, coordinate system and schema.
func (p *plan) chooseMeaning(resolutions []geo.Resolution, storeZone string) error {
	if p.mapping.Zone == "" {
		p.mapping.Zone = storeZone
	}
	var err error
	if p.zone, err = loadZone(p.mapping.Zone); err != nil {
		return err
	}
	if p.mapping.CRS == "" {
		p.mapping.CRS = p.layout.CRS
	}
	if p.mapping.CRS != "" {
		if p.system, err = crs.Parse(p.mapping.CRS); err != nil {
			return fmt.Errorf("coordinate system: %w", err)
		}
	}
	p.mapping.CRS = p.system.String()
	p.columns = data.SchemaOf(p.dataset, resolutions)
	p.at = placesOf(p.columns, p.dataset)
	p.missing = maps.Clone(missingWords)
	for _, word := range p.mapping.Missing {
		p.missing[lower(trim(word))] = true
	}
	for first := range p.missingFirst {
		p.missingFirst[first] = first >= utf8.RuneSelf // whose lower case is any word's
	}
	for word := range p.missing {
		p.missingLength = max(p.missingLength, 2*len(word)) // a capital may take more bytes
		if word != "" && word[0] < utf8.RuneSelf {
			p.missingFirst[word[0]], p.missingFirst[byte(unicode.ToUpper(rune(word[0])))] = true, true
		}
	}
	return nil
}

// bind ties the columns of the dataset to those of the file.
func (p *plan) bind(said Mapping) error {
	p.bindings = make([]binding, len(p.columns))
	if p.layout.column(columnX) >= 0 && said.Map["lon"] == "" && said.Map["x"] == "" {
		p.mapping.Map["lon"], p.mapping.Map["lat"] = columnX, columnY
	}
	for from, to := range map[string]string{"x": "lon", "y": "lat"} {
		if s, ok := p.mapping.Map[from]; ok {
			p.mapping.Map[to] = s
			delete(p.mapping.Map, from)
			if said.Map[to] == "" {
				said.Map = maps.Clone(said.Map)
				said.Map[to] = s
			}
		}
	}
	for i, c := range p.columns {
		source := p.mapping.Map[c.Name]
		_, explicit := said.Map[c.Name]
		b, err := p.binding(c, source, explicit)
		if err != nil {
			return err
		}
		b.column, b.words = c, wordsOf(c.Name)
		b.interval = c.Name == "pauses" && len(b.sources) == 2 && !b.first
		if c.Type == data.Time && b.used() {
			if err := p.bindTimes(&b); err != nil {
				return err
			}
		}
		p.bindings[i] = b
	}
	p.freeKind(said)
	p.freeGuesses(said)
	if c, s := p.at.category, p.at.subcategory; c >= 0 {
		p.levelled = len(p.bindings[c].sources) > 0 && slices.Equal(p.bindings[c].sources, p.bindings[s].sources)
	}
	if err := p.bindKeep(); err != nil {
		return err
	}
	return p.checkRequired()
}

func (p *plan) bindTimes(b *binding) error {
	for _, name := range p.mapping.Times {
		f, err := timeFormatByName(name)
		if err != nil {
			return err
		}
		b.times = append(b.times, f)
	}
	if len(b.times) > 0 {
		return nil
	}
	b.times, _ = detectTimes(p.sample.values(p, *b))
	b.guessed = true
	return nil
}

func (p *plan) bindKeep() error {
	all := slices.Contains(p.mapping.Keep, "*")
	for _, name := range p.mapping.Keep {
		if name != "*" && findColumn(p.layout.Columns, name) < 0 {
			return fmt.Errorf("keep: the file has %w", unknown("column", name, p.layout.Columns))
		}
	}
	for i, name := range p.layout.Columns {
		switch {
		case isRejectColumn(name):
		case slices.ContainsFunc(p.mapping.Keep, func(k string) bool { return k != "*" && findColumn(p.layout.Columns, k) == i }),
			all && !p.isBound(i) && name != columnX && name != columnY && name != columnFeatureID:
			p.keep = append(p.keep, i)
		}
	}
	return nil
}

func (p *plan) isBound(source int) bool {
	return slices.ContainsFunc(p.bindings, func(b binding) bool { return slices.Contains(b.sources, source) })
}

// checkRequired tests that what every fact must have is somewhere in the file.
func (p *plan) checkRequired() error {
	if i := p.at.event; i >= 0 && !p.bindings[i].used() {
		name := p.columns[i].Name
		return settingError("no column of the file gives %s (columns: %s): name it with %s",
			name, strings.Join(p.layout.Columns, ", "), set("map", name+"=COLUMN"))
	}
	lon, lat := p.bindings[p.at.lon].used(), p.bindings[p.at.lat].used()
	if lon != lat {
		return settingError("the file gives only one of lon and lat (columns: %s): name the other with %s", strings.Join(p.layout.Columns, ", "), set("map"))
	}
	if p.mapping.Zone == "" && p.usesLocalTime() {
		p.doubts = append(p.doubts, Doubt{
			Code: "no_zone", Message: "the time zone is not known: times without an offset are read as UTC",
			Hint: advise("%s with the zone of the city, such as %s (%s if they are UTC)", set("zone"), set("zone", "Asia/Shanghai"), set("zone", "UTC")),
		})
	}
	return nil
}
