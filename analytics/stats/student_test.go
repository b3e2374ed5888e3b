package stats

import (
	"math"
	"testing"
)

// TestStudentClosedForms has one and two degrees of freedom, where quantile and
// distribution are elementary: tan(π level/2), and level √(2/(1-level²)).
func TestStudentClosedForms(t *testing.T) {
	dev := worst{name: "Student's t with 1 and 2 degrees of freedom"}
	for _, level := range []float64{1e-100, 1e-9, 0.01, 0.3, 0.5, 0.8, 0.95, 0.999, 1 - 1e-6} {
		one, two := math.Tan(math.Pi/2*level), level*math.Sqrt(2/((1-level)*(1+level)))
		dev.within(t, studentQuantile(level, 1)/one, 1, 1e-9, "quantile %v of 1", level)
		dev.within(t, studentQuantile(level, 2)/two, 1, 1e-9, "quantile %v of 2", level)
		dev.within(t, studentP(-one, 1)/(1-level), 1, 1e-9, "p beyond %v of 1", one)
		dev.within(t, studentP(two, 2)/(1-level), 1, 1e-9, "p beyond %v of 2", two)
	}
	dev.log(t)
}

func TestStudentRecorded(t *testing.T) {
	dev := worst{name: "Student's t"}
	for _, want := range readChanges(t).Student {
		dev.within(t, studentQuantile(want.Level, want.DF)/want.T, 1, 1e-12, "quantile %v of %v", want.Level, want.DF)
		dev.within(t, studentP(want.T, want.DF)/(1-want.Level), 1, 1e-11, "p beyond %v of %v", want.T, want.DF)
	}
	dev.log(t)
}

// TestStudentIsNormalAtLast compares with the normal distribution at a million
// million degrees of freedom.
func TestStudentIsNormalAtLast(t *testing.T) {
	var dev worst
	for _, level := range []float64{0.1, 0.5, 0.95, 0.9999} {
		z, _ := confidenceZ(level)
		dev.near(t, studentQuantile(level, 1e12), z, 1e-10, "quantile %v", level)
	}
}
