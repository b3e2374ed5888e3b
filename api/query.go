package api

import (
	"fmt"
	"net/url"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/civgrid/civgrid/data/spelling"
)

// A Query holds the parameters of a request, each given once.
type Query struct{ values map[string]string }

// A Fault says what is wrong with one parameter.
type Fault struct {
	Parameter string `json:"parameter"`
	Detail    string `json:"detail"`
}

// A QueryError says what is wrong with a query, all of it.
type QueryError struct {
	Faults []Fault
	// Known are the parameters there are, in the order they should be read.
	Known []string
	// Unknown is set where parameters that do not exist are the only fault.
	Unknown bool
}

// Error implements error.
func (e *QueryError) Error() string {
	told := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		told[i] = f.Parameter + ": " + f.Detail
	}
	return "query: " + strings.Join(told, "; ")
}

// ParseQuery reads the query of a URL as sent, without its question mark.
// Nothing is dropped in silence, which net/url does with what it cannot read:
// a filter that is not understood must not become no filter. Parameters that
// are not among known, that come twice, that are empty, or that are not
// well-formed UTF-8 are faults; so is a semicolon, which once was a separator.
// The error is a [*QueryError] with all of them.
func ParseQuery(raw string, known []string) (Query, error) {
	q := Query{values: map[string]string{}}
	e := &QueryError{Known: known, Unknown: true}
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, err := splitParameter(part)
		if err != nil {
			e.add(false, name, err.Error())
			continue
		}
		switch _, twice := q.values[name]; {
		case !contains(known, name):
			e.add(true, name, "there is no such parameter"+suggest(name, known))
		case twice:
			e.add(false, name, "is given more than once")
		case value == "":
			e.add(false, name, "has no value")
		default:
			q.values[name] = value
		}
	}
	if len(e.Faults) > 0 {
		return Query{}, e
	}
	return q, nil
}

func (e *QueryError) add(unknown bool, name, detail string) {
	e.Unknown = e.Unknown && unknown
	e.Faults = append(e.Faults, Fault{name, detail})
}

func splitParameter(part string) (name, value string, err error) {
	rawName, rawValue, _ := strings.Cut(part, "=")
	if strings.Contains(part, ";") {
		return printable(rawName), "", fmt.Errorf("a semicolon is written %%3B in a query")
	}
	if name, err = url.QueryUnescape(rawName); err != nil || !isText(name) {
		return printable(rawName), "", fmt.Errorf("is not well-formed")
	}
	if value, err = url.QueryUnescape(rawValue); err != nil || !isText(value) {
		return name, "", fmt.Errorf("has a value that is not well-formed; a per cent sign is written %%25")
	}
	return name, value, nil
}

// isText reports whether s is UTF-8 without control characters.
func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

func printable(s string) string {
	if isText(s) {
		return s
	}
	return strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s), "\uFFFD")
}

func contains(list []string, s string) bool {
	for _, other := range list {
		if other == s {
			return true
		}
	}
	return false
}

// Get returns the value of a parameter, "" where it is not given.
func (q Query) Get(name string) string { return q.values[name] }

// Has reports whether the parameter is given.
func (q Query) Has(name string) bool { _, ok := q.values[name]; return ok }

// Canonical returns the query in one order and one way of writing, without the
// named parameters: equal queries are equal text.
func (q Query) Canonical(without ...string) string {
	names := make([]string, 0, len(q.values))
	for name := range q.values {
		if !contains(without, name) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(name) + "=" + url.QueryEscape(q.values[name]))
	}
	return b.String()
}

// With returns the query with one parameter set anew.
func (q Query) With(name, value string) Query {
	values := map[string]string{name: value}
	for n, v := range q.values {
		if n != name {
			values[n] = v
		}
	}
	return Query{values}
}

// suggest names the known parameter that was probably meant.
func suggest(name string, known []string) string {
	near := spelling.Nearest(name, known)
	if near == "" {
		return ""
	}
	return "; did you mean " + near + "?"
}
