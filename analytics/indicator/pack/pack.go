package pack

import (
	"bytes"
	"embed"
	"fmt"
	"strings"

	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

//go:embed *.yaml
var packFiles embed.FS

const extension = ".yaml"

// Names returns the names of the packs, sorted.
func Names() []string {
	entries, err := packFiles.ReadDir(".")
	if err != nil {
		panic("BUG: the packs are not there: " + err.Error())
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = strings.TrimSuffix(entry.Name(), extension)
	}
	return names
}

// Read returns a pack with settings of its own in place of the defaults, by
// their names; nil leaves all as they are. The pack is the caller's. The error
// wraps data.ErrNotFound where there is no pack of that name, and is an
// [*indicator.FieldError] where the pack has no setting of a name. That what is
// set makes sense is for [indicator.LintPack] to say.
func Read(name string, settings map[string]string) (*indicator.Pack, error) {
	text, err := packFiles.ReadFile(name + extension)
	if err != nil {
		return nil, fmt.Errorf("pack %q: %w; there are %s", name, data.ErrNotFound, strings.Join(Names(), ", "))
	}
	file, err := indicator.Read(bytes.NewReader(text), settings)
	if err != nil {
		return nil, fmt.Errorf("read pack %s: %w", name, err)
	}
	return file.Pack, nil
}

// Library returns the definitions of all packs with their default settings, and
// all calendars. Definitions of the packs given take the place of those of the
// same code and version: that is how a pack with other settings comes in.
func Library(given ...*indicator.Pack) (*indicator.Library, error) {
	var definitions []*indicator.Definition
	for _, name := range Names() {
		p, err := Read(name, nil)
		if err != nil {
			return nil, err
		}
		definitions = append(definitions, p.Indicators...)
	}
	for _, p := range given {
		definitions = append(definitions, p.Indicators...)
	}
	calendars, err := calendars()
	if err != nil {
		return nil, err
	}
	return indicator.NewLibrary(definitions, calendars), nil
}
