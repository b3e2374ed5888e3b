package analytics

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// params holds one parameter of each kind.
var params = []Param{
	{Name: "policy", Kind: Choice, Default: "matured", Choices: []string{"matured", "closed_only"}},
	{Name: "level", Kind: Choice, Choices: []string{"street", "district"}},
	{Name: "target", Kind: Number, Min: 0, Max: 1, Default: "0.95"},
	{Name: "min-n", Kind: Integer, Min: 1, Max: 1e6, Default: "10"},
	{Name: "res", Kind: Integer, Min: 0, Max: 15},
	{Name: "keep", Kind: Switch, Default: "false"},
	{Name: "within", Kind: Word},
}

func TestParametersNotGivenTakeTheirDefaults(t *testing.T) {
	v, err := ParseValues(params, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"policy": "matured", "target": "0.95", "min-n": "10", "keep": "false"}
	if diff := cmp.Diff(want, v.All()); diff != "" {
		t.Errorf("values of nothing given (-want +got):\n%s", diff)
	}
	if got := v.Number("target"); got != 0.95 {
		t.Errorf(`Number("target") = %v, want 0.95`, got)
	}
	if got := v.Int("min-n"); got != 10 {
		t.Errorf(`Int("min-n") = %v, want 10`, got)
	}
	if v.On("keep") || v.Text("within") != "" {
		t.Errorf("keep is %t and within %q, want neither", v.On("keep"), v.Text("within"))
	}
}

func TestParameterValuesBecomeCanonical(t *testing.T) {
	f := func(name, given, want string) {
		t.Helper()
		v, err := ParseValues(params, map[string]string{name: given})
		if err != nil {
			t.Errorf("%s=%q: %v", name, given, err)
			return
		}
		if got := v.Text(name); got != want {
			t.Errorf("%s=%q is kept as %q, want %q", name, given, got, want)
		}
	}
	f("policy", "closed_only", "closed_only")
	f("level", "", "") // not given
	f("target", "0.50", "0.5")
	f("target", "1", "1")
	f("target", "0", "0")
	f("target", "5e-1", "0.5")
	f("min-n", "007", "7")
	f("min-n", "1000000", "1000000")
	f("res", "0", "0")
	f("keep", "1", "true")
	f("keep", "TRUE", "true")
	f("within", " A|B ", " A|B ")
}

func TestBadParametersAreNamed(t *testing.T) {
	f := func(name, given, why string) {
		t.Helper()
		_, err := ParseValues(params, map[string]string{name: given})
		var wrong *ParamError
		if !errors.As(err, &wrong) {
			t.Errorf("%s=%q: error %v, want a *ParamError", name, given, err)
			return
		}
		if want := (ParamError{Name: name, Value: given, Why: why}); *wrong != want {
			t.Errorf("%s=%q: %#v, want %#v", name, given, *wrong, want)
		}
	}
	f("policy", "Matured", "want one of matured, closed_only")
	f("policy", "", "want one of matured, closed_only")
	f("level", "cell", "want one of street, district")
	f("target", "1.01", "want a number from 0 to 1")
	f("target", "-0.01", "want a number from 0 to 1")
	f("target", "NaN", "want a number from 0 to 1")
	f("target", "95%", "want a number from 0 to 1")
	f("target", "1e999", "want a number from 0 to 1")
	f("min-n", "0", "want a whole number from 1 to 1000000")
	f("min-n", "1000001", "want a whole number from 1 to 1000000")
	f("min-n", "10.0", "want a whole number from 1 to 1000000")
	f("min-n", "99999999999999999999", "want a whole number from 1 to 1000000")
	f("min-n", "", "want a whole number from 1 to 1000000")
	f("res", "16", "want a whole number from 0 to 15")
	f("keep", "maybe", "want true or false")
	f("polcy", "matured", "there is no such parameter")
}

func TestOfSeveralUnknownParametersTheFirstByNameIsTold(t *testing.T) {
	given := map[string]string{"zz": "1", "bb": "2", "mm": "3"}
	for range 20 {
		_, err := ParseValues(params, given)
		var wrong *ParamError
		if !errors.As(err, &wrong) || wrong.Name != "bb" {
			t.Fatalf("error %v, want one about bb", err)
		}
	}
}

func TestParamErrorSaysNameValueAndReason(t *testing.T) {
	err := &ParamError{Name: "target", Value: "95%", Why: "want a number from 0 to 1"}
	if got, want := err.Error(), `target "95%": want a number from 0 to 1`; got != want {
		t.Errorf("Error() = %s, want %s", got, want)
	}
}
