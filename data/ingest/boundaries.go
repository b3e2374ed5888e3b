package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
	"github.com/civgrid/civgrid/geo/crs"
)

// BoundaryOptions say how a file of outlines is read. Properties that are not
// named are guessed.
type BoundaryOptions struct {
	// Level is what the areas are. "" means what LevelProperty says, which then
	// must be there.
	Level data.Level
	// Geometry names the column of a CSV file that holds the outlines, as
	// well-known text or binary or as GeoJSON.
	Geometry string
	// Code, Name, Parent, LevelProperty and Population name properties. A file
	// without a code property uses the names as codes. "-" means there is none.
	Code, Name, Parent, LevelProperty, Population, Responsible string
	// Names gives the properties that hold names in further languages, by tag:
	// en, zh-Hans, zh-Hant. Those named in the usual ways, such as name_en or
	// name:zh-Hans, are found.
	Names map[string]string
	// Language is the tag of the names, such as "zh-Hans"; "" for none stated.
	Language string
	// CRS is the coordinate system. "" means what the file says, else WGS 84.
	CRS string
	// ValidFrom and ValidTo bound when the outlines are in force, see
	// data.Community.
	ValidFrom, ValidTo time.Time
	// Now is the moment of the import.
	Now time.Time
	// DryRun writes nothing.
	DryRun bool
}

// A BoundaryResult says what became of a file of outlines.
type BoundaryResult struct {
	Communities []data.Community // as read, by code
	Changed     int64            // of them, those that are new or different in the store
	Relinked    int64            // others in the store that got another parent
	Code, Name  string           // the properties used; "" for none
	Rejects     []Reject         // features without a usable outline or code
	// Notes say in words what was repaired, joined or linked, by code.
	Notes []BoundaryNote
	// Restamped are the facts whose cells or community changed.
	Restamped data.Changes
	// Reports are the quality reports made anew.
	Reports []data.Report
}

// A BoundaryNote is a remark on one community.
type BoundaryNote struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Boundaries reads communities from GeoJSON into the store, then stamps all
// facts anew and brings the quality reports up to date. Rings that are not
// valid are repaired and that is noted. Several features of one code become one
// community. A community without a parent is linked to the one of the nearest
// coarser level in the store that holds at least half of it. progress may be nil.
func Boundaries(ctx context.Context, store data.Store, in Input, o BoundaryOptions, progress func(Progress)) (BoundaryResult, error) {
	result, err := boundaries(ctx, store, in, o, progress)
	if err != nil {
		return result, fmt.Errorf("import boundaries %s: %w", in.Name, err)
	}
	return result, nil
}

func boundaries(ctx context.Context, store data.Store, in Input, o BoundaryOptions, progress func(Progress)) (BoundaryResult, error) {
	var result BoundaryResult
	if err := o.checkLanguages(); err != nil {
		return result, ofFile(err)
	}
	areas, err := readAreas(in, o, &result)
	if err != nil {
		return result, ofFile(err)
	}
	known, err := store.Communities(ctx)
	if err != nil {
		return result, err
	}
	all, linked := link(merge(known, areas), &result)
	result.Communities = only(all, areas)
	if o.DryRun {
		return result, nil
	}
	if result.Changed, err = store.PutCommunities(ctx, result.Communities); err != nil {
		return result, err
	}
	if others := only(linked, minus(linked, areas)); len(others) > 0 {
		if result.Relinked, err = store.PutCommunities(ctx, others); err != nil {
			return result, err
		}
	}
	return result, renew(ctx, store, o.Now, &result, progress)
}

// renew stamps all facts anew and makes the reports of datasets that have one.
func renew(ctx context.Context, store data.Store, now time.Time, result *BoundaryResult, progress func(Progress)) (err error) {
	if result.Restamped, err = restampAll(ctx, store, data.Datasets(), progress); err != nil {
		return err
	}
	for _, d := range data.Datasets() {
		_, err := store.Report(ctx, d)
		if errors.Is(err, data.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		report, err := Assess(ctx, store, d, now)
		if err != nil {
			return err
		}
		result.Reports = append(result.Reports, report)
	}
	return nil
}

type key struct {
	code string
	from int64
}

func keyOf(c data.Community) key {
	if c.ValidFrom.IsZero() {
		return key{c.Code, -1 << 63}
	}
	return key{c.Code, c.ValidFrom.UnixMicro()}
}

// merge returns known with areas over it.
func merge(known, areas []data.Community) []data.Community {
	place := map[key]int{}
	all := slices.Clone(known)
	for i, c := range all {
		place[keyOf(c)] = i
	}
	for _, c := range areas {
		if i, ok := place[keyOf(c)]; ok {
			all[i] = c
			continue
		}
		place[keyOf(c)] = len(all)
		all = append(all, c)
	}
	return all
}

// only returns the members of all that have the keys of some.
func only(all, some []data.Community) []data.Community {
	wanted := map[key]bool{}
	for _, c := range some {
		wanted[keyOf(c)] = true
	}
	var out []data.Community
	for _, c := range all {
		if wanted[keyOf(c)] {
			out = append(out, c)
		}
	}
	return out
}

func minus(all, some []data.Community) []data.Community {
	unwanted := map[key]bool{}
	for _, c := range some {
		unwanted[keyOf(c)] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(c data.Community) bool { return unwanted[keyOf(c)] })
}

// readAreas reads a file of outlines, in order of code.
func readAreas(in Input, o BoundaryOptions, result *BoundaryResult) ([]data.Community, error) {
	head, whole, _, err := in.head()
	if err != nil {
		return nil, err
	}
	format, layout, err := layoutOf(in.Name, head, whole)
	if err != nil {
		return nil, err
	}
	system, err := systemOf(o.CRS, layout.CRS)
	if err != nil {
		return nil, err
	}
	outlines, err := readOutlines(in, format, layout, o.Geometry, system, result)
	if err != nil {
		return nil, err
	}
	if err := o.checkProperties(outlines); err != nil {
		return nil, err
	}
	g := guessProperties(outlines, o)
	if err := g.checkLevel(outlines); err != nil {
		return nil, err
	}
	result.Code, result.Name = g.Code, g.Name
	byCode := map[string]*data.Community{}
	for _, f := range outlines {
		c, bad := g.community(f)
		if bad != nil {
			bad.Line, bad.Raw = f.record.line, f.record.raw
			result.Rejects = append(result.Rejects, *bad)
			continue
		}
		if old, ok := byCode[c.Code]; ok {
			old.Outline = append(old.Outline, c.Outline...)
			result.Notes = append(result.Notes, BoundaryNote{c.Code, "several features of this code were joined"})
			continue
		}
		byCode[c.Code] = &c
	}
	areas := make([]data.Community, 0, len(byCode))
	for _, c := range byCode {
		areas = append(areas, *c)
	}
	sort.Slice(areas, func(i, j int) bool { return areas[i].Code < areas[j].Code })
	return mend(areas, result), nil
}

func systemOf(said, file string) (crs.System, error) {
	if said == "" {
		said = file
	}
	if said == "" {
		return crs.WGS84, nil
	}
	system, err := crs.Parse(said)
	if err != nil {
		return 0, fmt.Errorf("coordinate system: %w", err)
	}
	return system, nil
}

// mend repairs outlines and leaves out those of which nothing is left.
func mend(areas []data.Community, result *BoundaryResult) []data.Community {
	kept := areas[:0]
	for _, c := range areas {
		repaired, notes := geo.Repair(c.Outline)
		for _, n := range notes {
			if strings.HasSuffix(n, "turned round") { // most files wind rings the old way
				continue
			}
			result.Notes = append(result.Notes, BoundaryNote{c.Code, n})
		}
		if len(repaired) == 0 {
			result.Rejects = append(result.Rejects, Reject{Column: result.Code, Value: c.Code, Code: CodeGeometry, Message: "an outline without area"})
			continue
		}
		c.Outline = repaired
		kept = append(kept, c)
	}
	return kept
}
