package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ran runs the program and returns what it printed.
func ran(t *testing.T, args ...string) string {
	t.Helper()
	var out, told bytes.Buffer
	if code := (&program{out: &out, err: &told, now: time.Now}).run(t.Context(), args); code != exitOK {
		t.Fatalf("civgrid %q ended with %d: %s", args, code, &told)
	}
	return strings.TrimSpace(out.String())
}

// TestKeysAreMadeBesideAService makes a key and takes it back while a private service
// holds the store, and reads what the audit log says.
func TestKeysAreMadeBesideAService(t *testing.T) {
	dir := t.TempDir()
	store, audit := filepath.Join(dir, "city.gpkg"), filepath.Join(dir, "audit.jsonl")
	areas := filepath.Join(dir, "areas.geojson")
	if err := os.WriteFile(areas, []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"E1"},"geometry":{"type":"Polygon","coordinates":[[[114,22],[115,22],[115,23],[114,22]]]}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	ran(t, "import", "boundaries", areas, "--store", store, "--level", "district", "--code", "code")
	addresses := startServe(t, "--store", store, "--private", "--audit", audit)
	ask := func(key string) int {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, addresses["Map"]+"collections/communities/items", nil)
		if err != nil {
			t.Fatal(err)
		}
		if key != "" {
			request.SetBasicAuth("anybody", key)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode
	}
	if status := ask(""); status != 401 {
		t.Errorf("without a key: %d", status)
	}
	key := ran(t, "keys", "create", "me", "--role", "reader", "--store", store)
	waitFor(t, func() bool { return ask(key) == 200 })
	ran(t, "keys", "revoke", key[3:11], "--yes", "--store", store)
	waitFor(t, func() bool { return ask(key) == 401 })
	var did struct {
		Name, Role, Path string
		Status           int
		Rows             int
	}
	text, err := os.ReadFile(audit)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), key) {
		t.Error("the audit log has the key")
	}
	for line := range strings.Lines(string(text)) {
		if err := json.Unmarshal([]byte(line), &did); err != nil {
			t.Fatal(err)
		}
		if did.Status == 200 {
			break
		}
	}
	if did.Name != "me" || did.Role != "reader" || did.Rows != 1 || did.Path != "/collections/communities/items" {
		t.Errorf("the audit log says %+v", did)
	}
	if info, err := os.Stat(audit); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the audit log is open to %v (%v)", info.Mode(), err)
	}
}

// TestTheAuditLogGoesOnBehindAPartOfALine that a full disk, or a crash, left at its end.
func TestTheAuditLogGoesOnBehindAPartOfALine(t *testing.T) {
	whole, part := "{}\n", `{"time":"2026-`
	for text, want := range map[string]string{"": "", whole: whole, whole + part: whole + part + "\n"} {
		audit := filepath.Join(t.TempDir(), "audit.jsonl")
		if err := os.WriteFile(audit, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		addresses := startServe(t, "--audit", audit, "--private")
		if status, _ := statusOf(t, addresses["Map"]); status != 401 {
			t.Errorf("without a key: %d", status)
		}
		var line struct{ Status int }
		got, err := os.ReadFile(audit)
		if added, ok := strings.CutPrefix(string(got), want); err != nil || !ok || json.Unmarshal([]byte(added), &line) != nil || line.Status != 401 {
			t.Errorf("to %q is added %q (%v)", text, got, err)
		}
	}
}

// TestKeysEndWithADayOfTheCity: expected moments are by the offsets of the zones in the
// IANA database: +08:00, -05:00, and +01:00 after the clocks of Berlin went forward at
// 02:00 on 28 March 2027.
func TestKeysEndWithADayOfTheCity(t *testing.T) {
	now := time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
	f := func(expires, zone, want string) {
		t.Helper()
		in, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		end, err := parseExpiry(expires, now)
		if got := end.from(now, in).Format(time.RFC3339); err != nil || got != want {
			t.Errorf("%s in %s: %s (%v), want %s", expires, zone, got, err, want)
		}
	}
	f("2027-01-31", "", "2027-02-01T00:00:00Z")
	f("2027-01-31", "Asia/Shanghai", "2027-01-31T16:00:00Z")
	f("2027-01-31", "America/New_York", "2027-02-01T05:00:00Z")
	f("2027-03-27", "Europe/Berlin", "2027-03-27T23:00:00Z")
	f("2027-03-28", "Europe/Berlin", "2027-03-28T22:00:00Z")
	f("2027-12-31", "Asia/Shanghai", "2027-12-31T16:00:00Z")
	f("90d", "Asia/Shanghai", "2027-05-01T12:00:00Z")
	f("", "Asia/Shanghai", "0001-01-01T00:00:00Z")
	for _, wrong := range []string{"2027-01-29", "0d", "-1d", "31.1.2027", "2027-02-30", "200000d"} {
		if end, err := parseExpiry(wrong, now); err == nil {
			t.Errorf("%s is read as %v", wrong, end)
		}
	}
}

// waitFor waits until something is so.
func waitFor(t *testing.T, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come to pass in 20 s")
		}
	}
}
