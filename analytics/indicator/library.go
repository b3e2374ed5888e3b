package indicator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/data"
)

// A Library holds definitions by code and version, and calendars by id and
// version. It is immutable and safe for concurrent use; a nil Library is empty.
type Library struct {
	definitions []*Definition     // by code and then version
	calendars   []*clock.Calendar // by id and then as given
}

// NewLibrary returns a library of definitions and calendars. Of several of one
// code or id and version, the last is kept. The last calendar of an id is the one
// that definitions mean which name no version.
func NewLibrary(definitions []*Definition, calendars []*clock.Calendar) *Library {
	l := &Library{}
	for _, d := range definitions {
		at, found := slices.BinarySearchFunc(l.definitions, d, compareVersions)
		if found {
			l.definitions[at] = d
			continue
		}
		l.definitions = slices.Insert(l.definitions, at, d)
	}
	for i, c := range calendars {
		again := func(later *clock.Calendar) bool { return later.ID() == c.ID() && later.Version() == c.Version() }
		if !slices.ContainsFunc(calendars[i+1:], again) {
			l.calendars = append(l.calendars, c)
		}
	}
	slices.SortStableFunc(l.calendars, func(a, b *clock.Calendar) int { return strings.Compare(a.ID(), b.ID()) })
	return l
}

func compareVersions(a, b *Definition) int {
	return cmp.Or(strings.Compare(a.Code, b.Code), cmp.Compare(a.Version, b.Version))
}

// Definitions returns every version of every definition, by code and version.
// The slice is the caller's.
func (l *Library) Definitions() []*Definition {
	if l == nil {
		return nil
	}
	return slices.Clone(l.definitions)
}

// Calendars returns every version of every calendar, by id. The versions of one
// id are in the order in which they were given. The slice is the caller's.
func (l *Library) Calendars() []*clock.Calendar {
	if l == nil {
		return nil
	}
	return slices.Clone(l.calendars)
}

// Calendar returns a calendar by "id@version", or by "id" the one that was given
// last. The error wraps data.ErrNotFound.
func (l *Library) Calendar(name string) (*clock.Calendar, error) {
	id, version, pinned := strings.Cut(name, "@")
	var ids, versions []string
	for _, c := range slices.Backward(l.Calendars()) {
		if c.ID() == id && (!pinned || c.Version() == version) {
			return c, nil
		}
		if c.ID() == id {
			versions = append(versions, c.Version())
		}
		ids = append(ids, c.ID())
	}
	if versions != nil {
		slices.Reverse(versions)
		return nil, fmt.Errorf("calendar %s, version %s: %w; there are %s", id, version, data.ErrNotFound, strings.Join(versions, ", "))
	}
	slices.Reverse(ids)
	return nil, fmt.Errorf("calendar %q: %w%s", id, data.ErrNotFound, nearest(id, slices.Compact(ids)))
}

// GoBy returns the definitions whose clock goes by a calendar without naming its
// version, so that they go by another once there is one.
func (l *Library) GoBy(calendar string) []*Definition {
	return slices.DeleteFunc(l.Definitions(), func(d *Definition) bool { return d.Clock == nil || d.Clock.Calendar != calendar })
}

// versions returns the versions of a code, ascending.
func (l *Library) versions(code string) ([]*Definition, error) {
	var found []*Definition
	var codes []string
	for _, d := range l.Definitions() {
		if d.Code == code {
			found = append(found, d)
		}
		codes = append(codes, d.Code)
	}
	if found == nil {
		return nil, fmt.Errorf("indicator %q: %w%s", code, data.ErrNotFound, kin(code, slices.Compact(codes)))
	}
	return found, nil
}

// mostKin is how many codes are suggested in place of one there is not.
const mostKin = 8

// kin suggests codes in place of one there is not: the nearest, or those that
// share its pack, which is what stands before the first dot, or its name.
func kin(code string, codes []string) string {
	if near := nearest(code, codes); near != "" {
		return near
	}
	pack, name, _ := strings.Cut(code, ".")
	var found []string
	for _, other := range codes {
		itsPack, itsName, _ := strings.Cut(other, ".")
		if (itsPack == pack || itsName == or(name, pack)) && len(found) < mostKin {
			found = append(found, other)
		}
	}
	if found == nil {
		return ""
	}
	return "; there are " + strings.Join(found, ", ")
}

// Public returns the library without the definitions that are declared for
// internal use.
func (l *Library) Public() *Library {
	if l == nil {
		return nil
	}
	internal := func(d *Definition) bool { return d.Visibility == "internal" }
	return &Library{definitions: slices.DeleteFunc(l.Definitions(), internal), calendars: l.calendars}
}

// Version returns one version of a code. The error wraps data.ErrNotFound.
func (l *Library) Version(code string, version int) (*Definition, error) {
	versions, err := l.versions(code)
	if err != nil {
		return nil, err
	}
	var numbers []string
	for _, d := range versions {
		if d.Version == version {
			return d, nil
		}
		numbers = append(numbers, fmt.Sprint(d.Version))
	}
	return nil, fmt.Errorf("indicator %s, version %d: %w; there are %s", code, version, data.ErrNotFound, strings.Join(numbers, ", "))
}

// InForce returns the highest version of a code that is in force at a moment;
// the zero time asks for the highest of all. The error wraps data.ErrNotFound.
func (l *Library) InForce(code string, at time.Time) (*Definition, error) {
	versions, err := l.versions(code)
	if err != nil {
		return nil, err
	}
	for _, d := range slices.Backward(versions) {
		if at.IsZero() || d.InForce(at) {
			return d, nil
		}
	}
	last := versions[len(versions)-1]
	return nil, fmt.Errorf("indicator %q: no version is in force on %s; the last one, %d, is %s: %w",
		code, at.Format(time.DateOnly), last.Version, last.Effective, data.ErrNotFound)
}

// InForce reports whether d is in force at a moment, by its date in the time
// zone of at.
func (d *Definition) InForce(at time.Time) bool {
	day := at.Format(time.DateOnly)
	return (d.Effective.From == "" || d.Effective.From <= day) && (d.Effective.To == "" || day < d.Effective.To)
}
