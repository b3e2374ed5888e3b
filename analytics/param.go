package analytics

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// A Kind is the type of a parameter's value.
type Kind string

// The kinds of parameters.
const (
	Choice  Kind = "choice"  // one of Param.Choices
	Number  Kind = "number"  // a finite float64 from Min to Max
	Integer Kind = "integer" // from Min to Max
	Switch  Kind = "switch"  // true or false
	Word    Kind = "word"    // any text
)

// A Param describes a parameter. Flags of the command line, query parameters
// of the service and documentation are made of it.
type Param struct {
	Name     string // "open-policy"
	Title    string // one line, no full stop
	Doc      string
	Kind     Kind
	Default  string // "" for a parameter that need not be given
	Choices  []string
	Min, Max float64
	Unit     string
	// Offers are the values of a Word that there are at present; nil says nothing
	// about them.
	Offers []Offer
}

// An Offer is a value that a parameter takes.
type Offer struct {
	Value string
	Names data.Names // what it is called
	Doc   string     // what it means, in a sentence
	// Lacks names what there is none of, a dataset or "population", so that the
	// value would show nothing; "" where nothing is known to lack.
	Lacks string
}

// A ParamError says which parameter cannot be used and why.
type ParamError struct {
	Name  string
	Value string
	Why   string
	Err   error // the cause, where callers decide by it: data.ErrNotFound for the name of nothing; else nil
}

// Error implements error.
func (e *ParamError) Error() string { return fmt.Sprintf("%s %q: %s", e.Name, e.Value, e.Why) }

// Unwrap returns the cause.
func (e *ParamError) Unwrap() error { return e.Err }

// Values holds the value of each parameter of a list.
type Values struct{ text map[string]string }

// ParseValues reads given values against params and fills in defaults. A name
// that is not among params is an error, as is a value the parameter does not
// take: a [*ParamError].
func ParseValues(params []Param, given map[string]string) (Values, error) {
	v := Values{text: make(map[string]string, len(params))}
	known := map[string]bool{}
	for _, p := range params {
		known[p.Name] = true
		value, ok := given[p.Name]
		if !ok {
			value = p.Default
		}
		value, err := p.Parse(value)
		if err != nil {
			return Values{}, err
		}
		v.text[p.Name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !known[name] {
			return Values{}, &ParamError{Name: name, Value: given[name], Why: "there is no such parameter"}
		}
	}
	return v, nil
}

// Parse checks one value and returns it in canonical form.
func (p Param) Parse(value string) (string, error) {
	if value == "" && p.Default == "" {
		return "", nil // not given
	}
	fail := func(why string) (string, error) { return "", &ParamError{Name: p.Name, Value: value, Why: why} }
	switch p.Kind {
	case Choice:
		if !slices.Contains(p.Choices, value) {
			return fail("want one of " + strings.Join(p.Choices, ", "))
		}
		return value, nil
	case Integer:
		n, err := strconv.Atoi(value)
		if err != nil || float64(n) < p.Min || float64(n) > p.Max {
			return fail("want a whole number " + p.bounds())
		}
		return strconv.Itoa(n), nil
	case Number:
		x, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(x) || x < p.Min || x > p.Max {
			return fail("want a number " + p.bounds())
		}
		return strconv.FormatFloat(x, 'g', -1, 64), nil
	case Switch:
		b, err := strconv.ParseBool(value)
		if err != nil {
			return fail("want true or false")
		}
		return strconv.FormatBool(b), nil
	}
	return value, nil
}

// bounds returns "from 1 to 1000000".
func (p Param) bounds() string {
	plain := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	return "from " + plain(p.Min) + " to " + plain(p.Max)
}

// Text returns the value of a parameter as text.
func (v Values) Text(name string) string {
	value, ok := v.text[name]
	if !ok {
		panic(fmt.Sprintf("BUG: no parameter %q", name))
	}
	return value
}

// All returns the value of every parameter that has one, by name. The map is
// the caller's.
func (v Values) All() map[string]string {
	all := map[string]string{}
	for name, value := range v.text {
		if value != "" {
			all[name] = value
		}
	}
	return all
}

// Number returns the value of a Number or Integer parameter.
func (v Values) Number(name string) float64 {
	x, err := strconv.ParseFloat(v.Text(name), 64)
	if err != nil {
		panic("BUG: parameter " + name + " is not a number")
	}
	return x
}

// Int returns the value of an Integer parameter.
func (v Values) Int(name string) int { return int(v.Number(name)) }

// On returns the value of a Switch parameter.
func (v Values) On(name string) bool { return v.Text(name) == "true" }
