package postgis

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
)

// sinks are the functions that take SQL, and which argument it is.
var sinks = map[string]int{
	"Exec": 1, "Query": 1, "QueryRow": 1, "ExecParams": 1, "CopyFrom": 2, // pgx
	"readWords": 3, "one": 2, "texts": 1, "kept": 2, // ours, which pass it on
}

// safe are the functions whose result may stand in SQL: they give names of
// ours, quoted, or SQL that is itself looked at here.
var safe = map[string]bool{
	"quote": true, "Sanitize": true, "expression": true, "both": true, "holds": true, "lacks": true, "arg": true,
	"present": true, "past": true, "numbers": true, "view": true, "single": true, "stored": true, "times": true, "readable": true, "createView": true,
	"sqlType": true, "where": true, "condition": true, "columns": true, "count": true, "Itoa": true, "Repeat": true,
	"make": true, "String": true, // empty; of a strings.Builder
}

// TestStatementsHoldNoText reads the source of this package: whatever is handed
// to the server as SQL is made of constants and of what safe functions give.
func TestStatementsHoldNoText(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	positions := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(positions, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	faults, statements := faultsOf(positions, files)
	for _, fault := range faults {
		t.Error(fault)
	}
	if statements < 40 {
		t.Errorf("looked at %d statements: the test has lost sight of them", statements)
	}
}

// TestStatementsWithTextAreCaught shows that the rule can be broken.
func TestStatementsWithTextAreCaught(t *testing.T) {
	f := func(body string, caught bool) {
		t.Helper()
		positions := token.NewFileSet()
		file, err := parser.ParseFile(positions, "x.go", "package x\nconst c = \"1\"\nfunc f(text string) {\n"+body+"\n}", 0)
		if err != nil {
			t.Fatal(err)
		}
		if faults, _ := faultsOf(positions, []*ast.File{file}); (len(faults) > 0) != caught {
			t.Errorf("%s: faults %q, want some: %t", body, faults, caught)
		}
	}
	f(`tx.Exec(ctx, "SELECT $1", text)`, false)
	f(`q := "SELECT " + c; tx.Exec(ctx, q, text)`, false)
	f(`tx.Exec(ctx, "SELECT " + quote(text))`, false)
	f(`tx.Exec(ctx, text)`, true)
	f(`tx.Exec(ctx, "SELECT '" + text + "'")`, true)
	f(`q := "SELECT 1"; q += text; tx.Query(ctx, q)`, true)
	f(`q := fmt.Sprintf("SELECT %s", text); tx.QueryRow(ctx, q)`, true)
	f(`for _, q := range []string{"SELECT 1", text} { tx.Exec(ctx, q) }`, true)
	f(`tx.Exec(ctx, strings.ReplaceAll("SELECT ?", "?", text))`, true)
}

// faultsOf returns the statements that may hold anybody's text, and how many
// statements there are.
func faultsOf(positions *token.FileSet, files []*ast.File) (faults []string, statements int) {
	look := reading{constants: map[string]bool{}}
	for _, f := range files {
		look.collect(f)
	}
	for _, f := range files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				at, sink := sinks[nameOf(call.Fun)]
				if !sink || len(call.Args) <= at {
					return true
				}
				statements++
				if why := look.unsafe(fn, call.Args[at], map[string]bool{}); why != "" {
					faults = append(faults, fmt.Sprintf("%s: SQL holds %s, which is neither a constant nor from a safe function", positions.Position(call.Pos()), why))
				}
				return true
			})
		}
	}
	return faults, statements
}

// A reading knows the constants of the package.
type reading struct{ constants map[string]bool }

func (r reading) collect(f *ast.File) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				r.constants[name.Name] = true
			}
		}
	}
}

// unsafe returns what in an expression may be anybody's text, "" for nothing.
func (r reading) unsafe(fn *ast.FuncDecl, e ast.Expr, seen map[string]bool) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		return ""
	case *ast.BinaryExpr:
		if why := r.unsafe(fn, e.X, seen); why != "" {
			return why
		}
		return r.unsafe(fn, e.Y, seen)
	case *ast.ParenExpr:
		return r.unsafe(fn, e.X, seen)
	case *ast.CompositeLit:
		return r.unsafeAmong(fn, e.Elts, seen)
	case *ast.CallExpr:
		switch nameOf(e.Fun) {
		case "append", "Join", "Sprintf":
			return r.unsafeAmong(fn, e.Args, seen)
		}
		if safe[nameOf(e.Fun)] {
			return ""
		}
		return "the result of " + nameOf(e.Fun)
	case *ast.SelectorExpr: // a field: text of a statement, embedded SQL
		if e.Sel.Name == "text" {
			return ""
		}
		return "field " + e.Sel.Name
	case *ast.Ident:
		if r.constants[e.Name] || seen[e.Name] {
			return ""
		}
		seen[e.Name] = true
		return r.variable(fn, e.Name, seen)
	}
	return "something else"
}

func (r reading) unsafeAmong(fn *ast.FuncDecl, list []ast.Expr, seen map[string]bool) string {
	for _, e := range list {
		if why := r.unsafe(fn, e, seen); why != "" {
			return why
		}
	}
	return ""
}

// variable looks at all that a function assigns to a variable.
func (r reading) variable(fn *ast.FuncDecl, name string, seen map[string]bool) (why string) {
	assigned := false
	check := func(e ast.Expr) {
		assigned = true
		if w := r.unsafe(fn, e, seen); w != "" && why == "" {
			why = w
		}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if element, ok := left.(*ast.IndexExpr); ok {
					left = element.X
				}
				if id, ok := left.(*ast.Ident); ok && id.Name == name && len(n.Rhs) == len(n.Lhs) {
					check(n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if id.Name == name && i < len(n.Values) {
					check(n.Values[i])
				}
			}
		case *ast.RangeStmt:
			if id, ok := n.Value.(*ast.Ident); ok && id.Name == name {
				check(n.X)
			}
		}
		return true
	})
	if at, sink := sinks[fn.Name.Name]; sink && parameters(fn)[at] == name {
		return why // its callers are looked at
	}
	if !assigned {
		return "parameter " + name
	}
	return why
}

// parameters returns the names of a function's parameters, by position.
func parameters(fn *ast.FuncDecl) map[int]string {
	names := map[int]string{}
	for _, field := range fn.Type.Params.List {
		for _, name := range field.Names {
			names[len(names)] = name.Name
		}
	}
	return names
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// FuzzStatements puts any text wherever users can: the SQL of a query, a feed
// and a rollup is the same as with harmless text, and all of the text is among
// the arguments.
func FuzzStatements(f *testing.F) {
	for _, text := range []string{"a", "' OR 1=1 --", `"; DROP TABLE civgrid.incident; --`, "$1", "\\", "\x00", "\xff", "%s", "朝阳区", strings.Repeat("'", 3000)} {
		f.Add(text)
	}
	settings := data.Settings{Resolutions: data.DefaultResolutions(), Zone: "UTC"}
	sqlOf := func(text string) (all []string) {
		s := &Store{}
		s.settings.Store(&settings)
		words := &vocabulary{ids: map[string]int32{text: 7}, words: map[int32]string{7: text}}
		tables, err := s.tableOf(data.Incidents)
		if err != nil {
			f.Fatal(err)
		}
		is := func(column string) data.Condition { return data.Compare{Column: column, Op: data.Equal, Value: text} }
		r := data.Rollup{
			Name: text, Dataset: data.Incidents, Where: data.Any{is("id"), is("category"), data.Not{Condition: is("address")}},
			Keys: []data.Key{
				data.ByCode{Column: "community", Recode: map[string]string{text: text}},
				data.ByHourOfWeek{Column: "reported_at", Zone: time.FixedZone(text, 3600)},
				data.ByWait{From: "reported_at", To: "closed_at", AsOf: time.Unix(1, 0), Bounds: []int64{1, 2}},
			},
			Counts: []data.Count{
				{Name: "n", Where: data.In{Column: "channel", Words: []string{text, "other"}}},
				{Name: "m", Where: data.Any{data.Like{Column: "channel", Pattern: text}, data.InAnyCase{Column: "status", Words: []string{text}}}},
			},
			Sums: []data.Sum{{Name: text, Column: "found", Where: is("address")}, {Name: text + text, Column: "found"}},
		}
		sum := newSummary(words, tables, r)
		if !sum.inSQL {
			f.Fatal("a rollup of a dozen terms is not written in SQL")
		}
		at := frontier{limit: 9, except: []int64{3}}
		for _, p := range tables.since(at, frontier{limit: 12, except: []int64{5}}) {
			st := sum.statement(p)
			all = append(all, st.text)
			for i := range st.args {
				if !strings.Contains(st.text, "$"+strconv.Itoa(i+1)) {
					all = append(all, "argument "+strconv.Itoa(i+1)+" is not used")
				}
			}
		}
		return all
	}
	harmless := sqlOf("a")
	f.Fuzz(func(t *testing.T, text string) {
		for i, got := range sqlOf(text) {
			if i >= len(harmless) || got != harmless[i] {
				t.Fatalf("SQL with %q is\n%s\nwant that with harmless text\n%s", text, got, harmless[min(i, len(harmless)-1)])
			}
		}
	})
}
