package indicator

var distinct = Kind{
	Name:  "distinct",
	Title: "Number of different subjects",
	Doc: "subject names the columns that together make a subject, such as point: how many points were visited, whatever the number of visits. " +
		"numerator says which facts count. What was counted is known, so it has no interval.",
	Fields:   []string{"subject", "numerator", "clock"},
	Needs:    []string{"subject"},
	Subjects: true,
	Zero:     true,
	Unit:     func(*Definition) string { return "count" },
	Counts:   eventCounts,
	Estimate: func(_ *Compiled, s Sample) Estimate {
		e := Estimate{N: s.count("events"), Has: true, HasLow: true, HasHigh: true}
		for _, n := range s.findings {
			if n > 0 {
				e.Value++
			}
		}
		e.Low, e.High = e.Value, e.Value
		return e
	},
}
