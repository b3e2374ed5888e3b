package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"strconv"
	"strings"
	"testing"
)

// A claim is what a page says that the program prints.
type claim struct {
	line  int
	token string
}

// calculate redoes the arithmetic of a block. A line is
//
//	name = expression = value → token within 1%
//
// where the value is rounded as it is written, and what follows the arrow, if there is
// one, is the same number as the program prints it, or within some percent of it.
func (r *reading) calculate(f fence) []claim {
	r.Helper()
	var claims []claim
	for i, line := range strings.Split(strings.TrimSuffix(f.text, "\n"), "\n") {
		at := f.line + 1 + i
		sum, printed, told := strings.Cut(line, "→")
		parts := strings.Split(sum, "=")
		if len(parts) != 3 {
			r.Errorf("line %d: want name = expression = value: %s", at, line)
			continue
		}
		got, err := r.reckon.eval(parts[1])
		if err != nil {
			r.Errorf("line %d: %v", at, err)
			continue
		}
		name, value := strings.TrimSpace(parts[0]), strings.TrimSpace(parts[2])
		if !rounds(got, value) {
			r.Errorf("line %d: %s is %v, not %s", at, name, got, value)
		}
		r.reckon[name] = got
		if !told {
			continue
		}
		token, tolerance, _ := strings.Cut(strings.TrimSpace(printed), " within ")
		if !isPrinted(got, token, tolerance) {
			r.Errorf("line %d: %s is %v, which is not printed as %s", at, name, got, token)
		}
		claims = append(claims, claim{at, token})
	}
	return claims
}

// isPrinted reports whether a number is printed as a token: rounded as it is, or within a
// tolerance such as 1%. A token ending in a percent sign is a share.
func isPrinted(x float64, token, tolerance string) bool {
	shown, percent := strings.CutSuffix(token, "%")
	if percent {
		x *= 100
	}
	if tolerance == "" {
		return rounds(x, shown)
	}
	n, err := strconv.ParseFloat(shown, 64)
	most, err2 := strconv.ParseFloat(strings.TrimSuffix(tolerance, "%"), 64)
	return err == nil && err2 == nil && math.Abs(x-n) <= most/100*math.Abs(n)
}

// rounds reports whether a number written with some decimals is x, rounded.
func rounds(x float64, written string) bool {
	n, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimPrefix(written, "+"), "−", "-"), 64)
	_, decimals, _ := strings.Cut(written, ".")
	decimals, _, scientific := strings.Cut(decimals, "e")
	if scientific {
		return err == nil && math.Abs(x-n) <= math.Abs(n)*0.51*math.Pow10(-len(decimals))
	}
	return err == nil && math.Abs(x-n) <= 0.5000001*math.Pow10(-len(decimals))
}

// A reckoner knows numbers by name.
type reckoner map[string]float64

// eval returns the value of an expression with + - * /, names and functions.
func (k reckoner) eval(expression string) (float64, error) {
	e, err := parser.ParseExpr(strings.ReplaceAll(expression, "−", "-"))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", expression, err)
	}
	return k.value(e)
}

func (k reckoner) value(e ast.Expr) (float64, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return strconv.ParseFloat(e.Value, 64)
	case *ast.ParenExpr:
		return k.value(e.X)
	case *ast.UnaryExpr:
		x, err := k.value(e.X)
		return -x, err
	case *ast.Ident:
		if e.Name == "pi" {
			return math.Pi, nil
		}
		x, ok := k[e.Name]
		if !ok {
			return 0, fmt.Errorf("there is no %s", e.Name)
		}
		return x, nil
	case *ast.BinaryExpr:
		x, err := k.value(e.X)
		if err != nil {
			return 0, err
		}
		y, err := k.value(e.Y)
		return map[token.Token]float64{token.ADD: x + y, token.SUB: x - y, token.MUL: x * y, token.QUO: x / y}[e.Op], err
	case *ast.CallExpr:
		return k.call(e)
	}
	return 0, fmt.Errorf("%T is no arithmetic", e)
}

// call returns the value of a function as spreadsheets know it.
func (k reckoner) call(e *ast.CallExpr) (float64, error) {
	var x []float64
	for _, arg := range e.Args {
		v, err := k.value(arg)
		if err != nil {
			return 0, err
		}
		x = append(x, v)
	}
	one := map[string]func(float64) float64{
		"sqrt": math.Sqrt, "exp": math.Exp, "ln": math.Log, "abs": math.Abs, "sin": math.Sin, "cos": math.Cos, "asin": math.Asin,
		"radians": func(d float64) float64 { return d * math.Pi / 180 },
	}
	name := e.Fun.(*ast.Ident).Name
	switch f := one[name]; {
	case f != nil && len(x) == 1:
		return f(x[0]), nil
	case name == "power" && len(x) == 2:
		return math.Pow(x[0], x[1]), nil
	case name == "combin" && len(x) == 2:
		n, _ := math.Lgamma(x[0] + 1)
		a, _ := math.Lgamma(x[1] + 1)
		b, _ := math.Lgamma(x[0] - x[1] + 1)
		return math.Round(math.Exp(n - a - b)), nil
	case name == "min" && len(x) > 0:
		least := x[0]
		for _, v := range x {
			least = math.Min(least, v)
		}
		return least, nil
	case name == "max" && len(x) > 0:
		most := x[0]
		for _, v := range x {
			most = math.Max(most, v)
		}
		return most, nil
	}
	return 0, fmt.Errorf("there is no function %s of %d numbers", name, len(x))
}

// TestReckoning shows that wrong arithmetic is told.
func TestReckoning(t *testing.T) {
	k := reckoner{"a": 3}
	for expression, want := range map[string]float64{
		"1 + 2 * a": 7, "sqrt(a * a) / 3": 1, "combin(9, 2)": 36, "power(2, 10) − 24": 1000, "min(4, a) - max(1, -2)": 2,
	} {
		if got, err := k.eval(expression); err != nil || math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v (%v), want %v", expression, got, err, want)
		}
	}
	for _, bad := range []string{"b", "1 +", "tan(1)", `"a"`, "sqrt(1, 2)"} {
		if got, err := k.eval(bad); err == nil {
			t.Errorf("%s is %v, want an error", bad, got)
		}
	}
	if !rounds(2.0/3, "0.67") || rounds(2.0/3, "0.66") || !rounds(-1.25, "−1.3") && !rounds(-1.25, "−1.2") || !rounds(0.00123, "1.2e-03") {
		t.Error("rounding is not told from another number")
	}
	if !matches([]string{"a  b", "…", "c … d"}, "a  b\nx\ny\nc 7 d\n") || matches([]string{"a"}, "ab\n") || matches([]string{"a"}, "a\nb\n") {
		t.Error("text is matched wrongly")
	}
}
