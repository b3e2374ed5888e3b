package stats

import "fmt"

// A ShareMethod is a way of making the interval of a share, to be chosen by
// name in the definition of an indicator. The zero value is ByWilson.
type ShareMethod uint8

// The methods, and the functions they stand for.
const (
	ByWilson         ShareMethod = iota // Wilson: "wilson"
	ByClopperPearson                    // ClopperPearson: "clopper_pearson"
	ByJeffreys                          // Jeffreys: "jeffreys"
)

var shareMethods = [...]struct {
	name     string
	interval func(successes, trials int64, level float64) (Interval, bool)
}{
	ByWilson:         {"wilson", Wilson},
	ByClopperPearson: {"clopper_pearson", ClopperPearson},
	ByJeffreys:       {"jeffreys", Jeffreys},
}

// ParseShareMethod returns the method of a name, in lower case as above.
func ParseShareMethod(name string) (ShareMethod, error) {
	for m, known := range shareMethods {
		if known.name == name {
			return ShareMethod(m), nil
		}
	}
	return 0, fmt.Errorf("interval of a share: unknown method %q: want wilson, clopper_pearson or jeffreys", name)
}

// String returns the name of m.
func (m ShareMethod) String() string {
	if int(m) < len(shareMethods) {
		return shareMethods[m].name
	}
	return fmt.Sprintf("share_method(%d)", uint8(m))
}

// Interval returns the interval of a share by method m; ok is false as for
// Wilson, and for a method that there is not.
func (m ShareMethod) Interval(successes, trials int64, level float64) (iv Interval, ok bool) {
	if int(m) >= len(shareMethods) {
		return Interval{}, false
	}
	return shareMethods[m].interval(successes, trials, level)
}
