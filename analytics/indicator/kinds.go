package indicator

import (
	"fmt"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// The names of kinds that definitions treat differently.
const (
	accessShareKind = "access_share"
	ratioKind       = "ratio"
	countKind       = "count"
	densityKind     = "density"
	perCapitaKind   = "per_capita"
	compositeKind   = "composite"
	documentKind    = "document"
	quantileKind    = "quantile"
	meanKind        = "mean"
	shareWithinKind = "share_within"
	scoreKind       = "score"
)

// kinds lists every kind of indicator, by name.
var kinds = []Kind{
	accessShare,
	composite,
	count,
	density,
	distinct,
	document,
	mean,
	perCapita,
	quantile,
	ratio,
	recurrence,
	score,
	shareWithin,
}

// Kinds returns every kind, by name. The slice is the caller's.
func Kinds() []Kind { return append([]Kind(nil), kinds...) }

// KindOf returns the kind of that name. The error wraps data.ErrNotFound.
func KindOf(name string) (Kind, error) {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		if k.Name == name {
			return k, nil
		}
		names[i] = k.Name
	}
	return Kind{}, fmt.Errorf("kind %q: %w; there are %s", name, data.ErrNotFound, strings.Join(names, ", "))
}
