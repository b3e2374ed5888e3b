package ogc_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data/memory"
)

// TestExtensionsAreDescribed: what another part of the service says of itself stands
// on the landing page, among the classes, in the definition and on its page.
func TestExtensionsAreDescribed(t *testing.T) {
	operation := map[string]any{"operationId": "brew", "summary": "Brew something", "responses": map[string]any{"200": map[string]any{"description": "It"}}}
	router := gin.New()
	ogc.Register(router, ogc.Options{
		Tables: ogc.NewTables(&fakeEngine{version: "v1"}, memory.New()), Now: sometime, Base: func(*http.Request) string { return "https://example.org" },
		Extensions: []api.Extension{{
			Links:   []api.Link{{Href: "/pots", Rel: "pots"}},
			Classes: []string{"http://example.org/conf/pots"},
			Paths:   map[string]any{"/pots": map[string]any{"post": operation}},
		}},
	})
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	f := func(target string, words ...string) {
		t.Helper()
		body := get(t, "GET", server.URL+target).body
		for _, word := range words {
			if !strings.Contains(body, word) {
				t.Errorf("%s does not say %s", target, word)
			}
		}
	}
	f("/", `"href": "https://example.org/pots"`)
	f("/conformance", "http://example.org/conf/pots")
	f("/api?f=html", "<code>POST /pots</code>", "Brew something", "<code>/collections</code>")
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal([]byte(get(t, "GET", server.URL+"/api").body), &document); err != nil || document.Paths["/pots"]["post"] == nil {
		t.Errorf("the definition has no POST /pots: %v", err)
	}
}
