package main

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api/server"
	"github.com/civgrid/civgrid/data/memory"
)

// demoOpen asks a service of open data for the communities of the synthetic city, and
// adds up what it does not tell.
func demoOpen(t *testing.T, path string) {
	store := openStore(t, path)
	exact := server.New(store, server.Options{Now: fixedNow, Engine: engine.Options{Now: fixedNow}})
	h, err := engineOf(store).Hierarchy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const month = "from=2025-05&to=2025-06"
	for _, least := range []int64{3, 10, 40} {
		public := server.New(store, server.Options{Now: fixedNow, Engine: engine.Options{Now: fixedNow, MinCount: int(least)}})
		told, truth := map[string]string{}, map[string]string{}
		for _, level := range h.Levels() {
			query := fmt.Sprintf("/layers/density.csv?level=%s&%s", level, month)
			add(t, told, public, query)
			add(t, truth, exact, query)
		}
		hides, sums, rest := map[string]int{}, map[string]int64{}, map[string]int64{}
		missing := 0
		for code, text := range told {
			n, err := strconv.ParseInt(truth[code], 10, 64)
			if err != nil {
				t.Fatalf("%s has %q reports", code, truth[code])
			}
			parent, _ := h.Parent(code)
			rest[code] += n
			rest[parent] -= n
			switch {
			case text == "":
				hides[parent]++
				sums[parent] += n
				missing++
			case text != truth[code] || n > 0 && n < least:
				t.Errorf("least %d: %s is told to have %s reports, and has %d", least, code, text, n)
			}
		}
		for code := range told {
			// What is known of a community and of none in it hides with those.
			if n := rest[code]; n > 0 && n < least && told[code] != "" {
				hides[code]++
				sums[code] += n
			}
			if n := hides[code]; told[code] != "" && (n == 1 || n > 1 && sums[code] < least) {
				t.Errorf("least %d: %s is told, and %d parts of it are not, of %d reports", least, code, n, sums[code])
			}
		}
		t.Logf("least %d: %d of %d communities are not told", least, missing, len(told))
	}
}

// add reads the reports of each code from a layer as CSV.
func add(t *testing.T, reports map[string]string, service http.Handler, query string) {
	t.Helper()
	w := httptest.NewRecorder()
	service.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, query, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", query, w.Code, w.Body)
	}
	rows, err := csv.NewReader(strings.NewReader(w.Body.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	code, observed := -1, -1
	for i, name := range rows[0] {
		switch name {
		case "code":
			code = i
		case "observed":
			observed = i
		}
	}
	for _, row := range rows[1:] {
		reports[row[code]] = row[observed]
	}
}

// TestServeOpenData asks the public service for what open data do not tell.
func TestServeOpenData(t *testing.T) {
	store := memory.New()
	service := server.New(store, server.Options{Now: fixedNow, Engine: engine.Options{Now: fixedNow, MinCount: 5}})
	w := httptest.NewRecorder()
	service.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/layers/density.json?res=8&as-of=2025-05-05", nil))
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "open data") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	f := func(text string, want int, fine bool) {
		t.Helper()
		if got, err := parseMinCount(text); got != want || (err == nil) != fine {
			t.Errorf("parseMinCount(%q) = %d, %v", text, got, err)
		}
	}
	f("", 0, true)
	f("0", 0, true)
	f("2", 2, true)
	f("1", 0, false)
	f("-5", 0, false)
	f("five", 0, false)
}
