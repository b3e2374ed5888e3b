package jobs

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// boundaries is the dataset of files of outlines, which is no data.Dataset.
const boundaries = "boundaries"

// An importParam is a parameter of POST /imports.
type importParam struct {
	name, doc string
	facts     bool // of files of facts
	outlines  bool // of files of outlines
	schema    object
}

// importParams lists them. They are the flags of civgrid import; mapping takes the
// place of those that can be repeated.
func importParams() []importParam {
	text, flag := object{"type": "string"}, object{"type": "boolean", "default": false}
	datasets := []string{boundaries}
	for _, d := range data.Datasets() {
		datasets = append(datasets, string(d))
	}
	var levels, profiles []string
	for _, l := range data.Levels() {
		levels = append(levels, string(l))
	}
	for _, p := range ingest.Profiles() {
		profiles = append(profiles, p.Name)
	}
	day := object{"type": "string", "format": "date"}
	return []importParam{
		{"dataset", "What the file holds.", true, true, object{"type": "string", "enum": datasets}},
		{"filename", "The name of the file, where Content-Disposition does not say.", true, true, text},
		{"crs", "The coordinate system: wgs84, cgcs2000, gcj02, bd09 or epsg:3857.", true, true, text},
		{"dry-run", "Read and check everything, write nothing.", true, true, flag},
		{"source", "The name of the system the rows come from; ids are unique within it.", true, false, text},
		{"profile", "A built-in mapping; without it, the one that fits the header.", true, false, object{"type": "string", "enum": profiles}},
		{"zone", "The time zone of times without an offset, such as Asia/Shanghai.", true, false, text},
		{"mapping", `What the columns mean: a mapping file as one line of JSON, such as {"map": {"reported_at": "open_dt"}}.`, true, false, text},
		{"max-errors", "Write nothing if more rows are rejected; 0 for no limit.", true, false, object{"type": "integer", "minimum": 0, "default": 0}},
		{"all-or-nothing", "Write nothing if any row is rejected.", true, false, flag},
		{"ignore-doubts", "Import even where the file looks misread, or its cases are there from another source.", true, false, flag},
		{"level", "What the areas are.", false, true, object{"type": "string", "enum": levels}},
		{"level-property", "The property that says the level, area by area.", false, true, text},
		{"geometry", "The column of a CSV file that holds the outlines.", false, true, text},
		{"code", "The property that holds the code.", false, true, text},
		{"name", "The property that holds the name.", false, true, text},
		{"parent", "The property that holds the code of the area above.", false, true, text},
		{"population", "The property that holds the number of inhabitants.", false, true, text},
		{"language", "The language of the names: en, zh-Hans or zh-Hant.", false, true, text},
		{"valid-from", "The first day the outlines are in force.", false, true, day},
		{"valid-to", "The day after the last.", false, true, day},
	}
}

// An importRequest says how a file is imported.
type importRequest struct {
	dataset  string
	filename string
	dryRun   bool
	facts    ingest.Options
	outlines ingest.BoundaryOptions
}

// parseImport reads the parameters of an import. All that is wrong with them is
// told at once.
func parseImport(rawQuery string, h http.Header, now time.Time) (importRequest, error) {
	var known []string
	for _, p := range importParams() {
		known = append(known, p.name)
	}
	q, err := api.ParseQuery(rawQuery, known)
	if err != nil {
		return importRequest{}, err
	}
	r := importRequest{dataset: q.Get("dataset")}
	var wrong faults
	if r.filename, err = fileName(h.Get("Content-Disposition"), q.Get("filename")); err != nil {
		wrong.add("filename", "%s", err)
	}
	r.dryRun = readFlag(q, "dry-run", &wrong)
	switch r.dataset {
	case "":
		wrong.add("dataset", "is not given; want %s or one of %v", boundaries, data.Datasets())
	case boundaries:
		r.readOutlines(q, now, &wrong)
	default:
		r.readFacts(q, now, &wrong)
	}
	for _, p := range importParams() {
		if of := r.dataset == boundaries; q.Has(p.name) && (of && !p.outlines || !of && !p.facts) {
			wrong.add(p.name, "does not go with the dataset %s", r.dataset)
		}
	}
	return r, wrong.err(known)
}

func readFlag(q api.Query, name string, wrong *faults) bool {
	if !q.Has(name) {
		return false
	}
	on, err := strconv.ParseBool(q.Get(name))
	if err != nil {
		wrong.add(name, "want true or false")
	}
	return on
}

// readFacts reads the parameters of files of facts, as civgrid import does its
// flags.
func (r *importRequest) readFacts(q api.Query, now time.Time, wrong *faults) {
	o := ingest.Options{Now: now, DryRun: r.dryRun, AllOrNothing: readFlag(q, "all-or-nothing", wrong), IgnoreDoubts: readFlag(q, "ignore-doubts", wrong)}
	var err error
	if o.Dataset, err = data.ParseDataset(r.dataset); err != nil {
		wrong.add("dataset", "%s", err)
		return
	}
	if q.Has("max-errors") {
		if o.MaxErrors, err = strconv.ParseInt(q.Get("max-errors"), 10, 64); err != nil || o.MaxErrors < 0 {
			wrong.add("max-errors", "want a whole number from 0 on")
		}
	}
	if o.Mapping, err = ingest.ReadMapping(strings.NewReader(q.Get("mapping"))); err != nil {
		wrong.add("mapping", "%s", err)
		return
	}
	o.Mapping.Dataset = o.Dataset
	for name, to := range map[string]*string{"profile": &o.Mapping.Profile, "source": &o.Mapping.Source, "zone": &o.Mapping.Zone, "crs": &o.Mapping.CRS} {
		if q.Has(name) {
			*to = q.Get(name)
		}
	}
	if err := o.Mapping.Check(); err != nil {
		wrong.add("mapping", "%s", err)
	}
	if r.filename == "" && o.Mapping.Source == "" {
		wrong.add("source", "is not given, and the file has no name to take it from")
	}
	r.facts = o
}

// readOutlines reads the parameters of files of outlines.
func (r *importRequest) readOutlines(q api.Query, now time.Time, wrong *faults) {
	o := ingest.BoundaryOptions{
		LevelProperty: q.Get("level-property"), Geometry: q.Get("geometry"), Code: q.Get("code"), Name: q.Get("name"),
		Parent: q.Get("parent"), Population: q.Get("population"), Language: q.Get("language"), CRS: q.Get("crs"), Now: now, DryRun: r.dryRun,
	}
	var err error
	if q.Has("level") {
		if o.Level, err = data.ParseLevel(q.Get("level")); err != nil {
			wrong.add("level", "%s", err)
		}
	}
	day := func(name string, to *time.Time) {
		if !q.Has(name) {
			return
		}
		if *to, err = time.Parse(time.DateOnly, q.Get(name)); err != nil {
			wrong.add(name, "want a day such as 2024-01-01")
		}
	}
	day("valid-from", &o.ValidFrom)
	day("valid-to", &o.ValidTo)
	r.outlines = o
}

// maxName is the most bytes the name of a file has.
const maxName = 255

// fileName returns the name of a file that a Content-Disposition field or the
// parameter filename says, without folders (RFC 6266, section 4.3); "" for none. It
// is for the record and helps to tell what the file is; no file here has it.
func fileName(disposition, given string) (string, error) {
	name := given
	if disposition != "" {
		_, params, err := mime.ParseMediaType(disposition)
		if err != nil {
			return "", errors.New("Content-Disposition is not well-formed")
		}
		if params["filename"] != "" {
			name = params["filename"]
		}
	}
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	switch {
	case name == "":
		return "", nil
	case len(name) > maxName, !utf8.ValidString(name), plainText(name) != nil, slices.Contains([]string{".", ".."}, name):
		return "", errors.New("want a name of a file, with 255 bytes at most")
	}
	return name, nil
}

// spell returns a setting of an import as a parameter of POST /imports takes it. Those
// that can be given several times are in the mapping.
func spell(s ingest.Setting) string {
	switch s.Name {
	case boundaries:
		return "dataset=" + boundaries
	case "map":
		columns := map[string]string{}
		for _, v := range s.Values {
			column, source, _ := strings.Cut(v, "=")
			columns[column] = source
		}
		return inMapping("map", columns, len(s.Values) == 0)
	case "time-format":
		return inMapping("times", s.Values, len(s.Values) == 0)
	}
	if len(s.Values) == 0 {
		return "the parameter " + s.Name
	}
	return s.Name + "=" + strings.Join(s.Values, ", ")
}

// inMapping returns a member of the mapping as the parameter of that name takes it.
func inMapping(name string, value any, empty bool) string {
	if empty {
		return "the parameter mapping"
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object{name: value}); err != nil {
		panic("BUG: a mapping of texts does not encode: " + err.Error())
	}
	return "mapping=" + strings.TrimSpace(text.String())
}
