package ingest

import (
	"slices"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// A Profile is a mapping for the files of one publisher.
type Profile struct {
	Name      string
	Title     string
	Doc       string // one sentence
	Reference string // whose files, from where
	Mapping   Mapping

	// signature are columns that such a file has and others do not: one of each
	// group "a|b".
	signature []string
}

// Profiles returns the built-in profiles in the order they are tried.
func Profiles() []Profile {
	return []Profile{
		boston311(), chicago311(), chicagoFood(), chicagoCrime(), nyc311(), nycCasework(), sf311(), open311(), policeUK(),
		beijing12345(), digitalCity(),
		generic(data.Incidents),
	}
}

func profileByName(name string) (Profile, error) {
	var names []string
	for _, p := range Profiles() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Profile{}, unknown("profile", name, names)
}

// detectProfile returns the profile a header fits. When a dataset is asked for
// profiles of another one do not count; generic fits any.
func detectProfile(columns []string, d data.Dataset) Profile {
	for _, p := range Profiles() {
		if len(p.signature) > 0 && (d == "" || p.Mapping.Dataset == d) && p.fits(columns) {
			return p
		}
	}
	if d == "" {
		d = data.Incidents
	}
	return generic(d)
}

func (p Profile) fits(columns []string) bool {
	for _, group := range p.signature {
		if findColumn(columns, group) < 0 {
			return false
		}
	}
	return true
}

// findColumn returns the ordinal of the first of the alternatives "a|b" that
// is a column, by exact name or else without regard to case, spaces and
// punctuation; -1 when there is none.
func findColumn(columns []string, alternatives string) int {
	if i := slices.Index(columns, alternatives); i >= 0 {
		return i
	}
	for _, name := range strings.Split(alternatives, "|") {
		if name == "" {
			continue
		}
		if i := slices.Index(columns, name); i >= 0 {
			return i
		}
		plain := plainName(name)
		if i := slices.IndexFunc(columns, func(c string) bool { return plainName(c) == plain }); i >= 0 {
			return i
		}
	}
	return -1
}

// plainName writes a column's name as Socrata's interface does: lower case,
// words joined by underscores.
func plainName(name string) string {
	words := strings.FieldsFunc(strings.ToLower(strings.Trim(name, "\ufeff ")), func(r rune) bool {
		return strings.ContainsRune(" _-./:()（）　#", r)
	})
	return strings.Join(words, "_")
}
