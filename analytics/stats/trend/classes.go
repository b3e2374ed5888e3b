package trend

// A Family says whether a pattern is one of a hot spot or of a cold one.
type Family int8

// The families; the sign is that of z.
const (
	Cold      Family = -1
	NoPattern Family = 0
	Hot       Family = 1
)

// A Pattern is what has become of a hot or cold spot.
type Pattern uint8

// The patterns of emerging hot spot analysis (Esri, "How Emerging Hot Spot
// Analysis works", ArcGIS Pro 3), in order of precedence. 90 % of the steps is
// 10 H ≥ 9 T.
const (
	None         Pattern = iota // none of the following
	New                         // significant in the last step for the first time
	Consecutive                 // in the last two steps or more without a gap, never before, in fewer than 90 %
	Intensifying                // in 90 % and the last, with more and more of it
	Diminishing                 // in 90 % and the last, with less and less of it
	Historical                  // in 90 %, not in the last
	Persistent                  // in 90 % and the last, without a trend
	Sporadic                    // on and off, in the last, in fewer than 90 %, never of the other family
	Oscillating                 // in the last, of the other family before, in fewer than 90 %
)

// A Class is one of the 17: a pattern of a family, or none.
type Class struct {
	Family  Family
	Pattern Pattern
}

// Classes returns all 17, hot ones first, no pattern last.
func Classes() []Class {
	var all []Class
	for _, f := range []Family{Hot, Cold} {
		for p := New; p <= Oscillating; p++ {
			all = append(all, Class{f, p})
		}
	}
	return append(all, Class{})
}

// String returns the name in the words of ArcGIS: "new hot spot".
func (c Class) String() string {
	return c.name([...]string{"", "new", "consecutive", "intensifying", "diminishing", "historical", "persistent", "sporadic", "oscillating"}, "no pattern")
}

// CARTO returns the name in the words of CARTO: "incipient hot spot".
func (c Class) CARTO() string {
	return c.name([...]string{"", "incipient", "sequential", "strengthening", "declining", "legacy", "stable", "occasional", "fluctuating"}, "undetected pattern")
}

func (c Class) name(patterns [Oscillating + 1]string, none string) string {
	switch c.Family {
	case Hot:
		return patterns[c.Pattern] + " hot spot"
	case Cold:
		return patterns[c.Pattern] + " cold spot"
	}
	return none
}

// Classify names the pattern of one cell. bins says of each step, the first one
// first, whether the cell was significantly hot (above 0), cold (below 0) or
// neither; rise whether its z rises (above 0), falls (below 0) or neither, by a
// test. Where several patterns fit, the family of the last step goes first, then
// the first pattern of the list; a cold spot intensifies where z falls.
func Classify(bins []int8, rise int) Class {
	if len(bins) == 0 {
		return Class{}
	}
	families := []Family{Hot, Cold}
	if bins[len(bins)-1] < 0 {
		families = []Family{Cold, Hot}
	}
	for _, f := range families {
		if p := patternOf(bins, f, rise*int(f)); p != None {
			return Class{f, p}
		}
	}
	return Class{}
}

// patternOf returns the pattern of one family, for which more is more significant.
func patternOf(bins []int8, f Family, more int) Pattern {
	of, other, run := 0, 0, 0
	for _, b := range bins {
		switch sign := int(b) * int(f); {
		case sign > 0:
			of++
			run++
		case sign < 0:
			other++
			run = 0
		default:
			run = 0
		}
	}
	last := run > 0
	mostly := 10*of >= 9*len(bins)
	switch {
	case last && of == 1:
		return New
	case last && run == of && !mostly:
		return Consecutive
	case last && mostly && more > 0:
		return Intensifying
	case last && mostly && more < 0:
		return Diminishing
	case !last && mostly:
		return Historical
	case last && mostly:
		return Persistent
	case last && other == 0:
		return Sporadic
	case last:
		return Oscillating
	}
	return None
}
