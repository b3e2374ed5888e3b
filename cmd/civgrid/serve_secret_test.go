package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCursorsHoldAfterARestart takes a cursor from one service to the next on the same
// store.
func TestCursorsHoldAfterARestart(t *testing.T) {
	dir := t.TempDir()
	store, areas := filepath.Join(dir, "city.gpkg"), filepath.Join(dir, "areas.geojson")
	const two = `{"type":"FeatureCollection","features":[
		{"type":"Feature","properties":{"code":"E1"},"geometry":{"type":"Polygon","coordinates":[[[114,22],[115,22],[115,23],[114,22]]]}},
		{"type":"Feature","properties":{"code":"E2"},"geometry":{"type":"Polygon","coordinates":[[[115,22],[116,22],[116,23],[115,22]]]}}]}`
	secret, other := filepath.Join(dir, "secret"), filepath.Join(dir, "other")
	for path, text := range map[string]string{areas: two, secret: strings.Repeat("s", 32) + "\n", other: strings.Repeat("o", 32)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ran(t, "import", "boundaries", areas, "--store", store, "--level", "district", "--code", "code")
	cursor := ""
	serve := func(name, want string, args ...string) {
		t.Run(name, func(t *testing.T) {
			at := startServe(t, append(args, "--store", store)...)["Map"] + "collections/communities/items?limit=1"
			if cursor != "" {
				at += "&cursor=" + url.QueryEscape(cursor)
			}
			response, err := http.Get(at)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var told struct {
				Type     string
				Features []struct {
					Properties struct{ Code string }
				}
				Links []struct{ Rel, Href string }
			}
			if err := json.NewDecoder(response.Body).Decode(&told); err != nil {
				t.Fatal(err)
			}
			got := told.Type[strings.LastIndexByte(told.Type, '/')+1:]
			if len(told.Features) == 1 {
				got = told.Features[0].Properties.Code
			}
			if got != want {
				t.Errorf("%d %+v, want %s", response.StatusCode, told, want)
			}
			for _, l := range told.Links {
				if next, err := url.Parse(l.Href); err == nil && l.Rel == "next" {
					cursor = next.Query().Get("cursor")
				}
			}
		})
	}
	serve("first", "E1", "--secret-file", secret)
	if cursor == "" {
		t.Fatal("the first page has no next one")
	}
	serve("again", "E2", "--secret-file", secret)
	serve("of another secret", "invalid-cursor", "--secret-file", other)
	serve("of a random secret", "invalid-cursor")
}

func TestSecretsThatAreNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	f := func(text string, mode os.FileMode, want string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		code, _, told := run(t, "serve", "--store", "memory:", "--addr", "127.0.0.1:0", "--secret-file", path)
		if code != exitFailure || !strings.Contains(told, want) || strings.Contains(told, "ssss") {
			t.Errorf("of %d bytes with mode %v: code %d, %s; want %s", len(text), mode, code, told, want)
		}
	}
	f(strings.Repeat("s", 31)+"\n", 0o600, "31 bytes, want 32")
	f("", 0o600, "0 bytes, want 32")
	f(strings.Repeat("s", 5000), 0o600, "want 32 to 4096")
	f(strings.Repeat("s", 32), 0o644, "everybody can read or write it (mode 0644)")
	f(strings.Repeat("s", 32), 0o602, "mode 0602")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if code, _, told := run(t, "serve", "--store", "memory:", "--addr", "127.0.0.1:0", "--secret-file", path); code != exitFailure || !strings.Contains(told, "no such file") {
		t.Errorf("without the file: code %d, %s", code, told)
	}
}
