package indicator

import "github.com/civgrid/civgrid/data"

// dataset returns what is counted.
func (d *Definition) dataset() data.Dataset {
	switch {
	case d.Dataset != "":
		return d.Dataset
	case d.Kind == accessShareKind:
		return data.Resources
	case d.Kind == documentKind:
		return data.Inspections
	}
	return data.Incidents
}

// or returns text, or otherwise where that is "".
func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// policy returns how open cases count: for quantiles as long as they waited,
// unless told otherwise.
func (d *Definition) policy() string {
	if d.Kind == quantileKind {
		return or(d.OpenPolicy, KaplanMeier)
	}
	return or(d.OpenPolicy, Matured)
}

func (d *Definition) level() float64 {
	if d.Interval.Level == 0 {
		return 0.95
	}
	return d.Interval.Level
}

func (d *Definition) per() float64 {
	if d.Per == 0 {
		return 1
	}
	return d.Per
}

// Counts returns what is counted.
func (d *Definition) Counts() data.Dataset { return d.dataset() }
