package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestInit: what init writes is taken by the program as it is, and with every
// setting set to what stands there; nothing is written over.
func TestInit(t *testing.T) {
	t.Chdir(t.TempDir())
	if code, _, told := run(t, "init", "town"); code != exitOK || !strings.Contains(told, "indicators.yaml") {
		t.Fatalf("exit code %d\n%s", code, told)
	}
	t.Chdir("town")
	text, err := os.ReadFile(settingsName)
	if err != nil {
		t.Fatal(err)
	}
	if code, out, told := run(t, "config", "show", "--origin"); code != exitOK || strings.Contains(out, "# file") {
		t.Errorf("exit code %d, and a setting is set:\n%s%s", code, out, told)
	}
	for _, name := range settable() {
		if n := len(regexp.MustCompile("(?m)^# "+name+":").FindAllString(string(text), -1)); n != 1 {
			t.Errorf("%s stands there %d times", name, n)
		}
	}
	set := regexp.MustCompile("(?m)^# ([a-z-]+: .)").ReplaceAllString(string(text), "$1")
	if err := os.WriteFile(settingsName, []byte(set), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, told := run(t, "config", "show", "--origin")
	if code != exitOK || !regexp.MustCompile("(?m)^store +civgrid.gpkg +# file civgrid.yaml$").MatchString(out) {
		t.Errorf("exit code %d\n%s%s", code, out, told)
	}
	for _, args := range [][]string{{"indicators", "lint", "--strict", "indicators.yaml"}, {"indicators", "test", "indicators.yaml"}, {"indicators", "publish", "indicators.yaml"}} {
		if code, out, told := run(t, args...); code != exitOK {
			t.Errorf("%v: exit code %d\n%s%s", args, code, out, told)
		}
	}
	if code, _, told := run(t, "init", "."); code != exitOK || strings.Count(told, "is left as it is") != 2 {
		t.Errorf("init again: exit code %d, %s", code, told)
	}
	again, err := os.ReadFile(settingsName)
	if err != nil || string(again) != set {
		t.Errorf("init wrote over %s: %v", filepath.Join("town", settingsName), err)
	}
}
