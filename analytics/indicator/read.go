package indicator

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"

	"github.com/civgrid/civgrid/analytics/clock"
)

// maxFile is the most bytes a file of definitions may have.
const maxFile = 4 << 20

// A File is what a file declares: one indicator, a pack of them, or a calendar.
type File struct {
	Pack     *Pack
	Calendar *clock.File
}

// A Pack is a group of indicators that belong together. Its settings are
// numbers and words that differ between cities; they stand in definitions as
// ${name}. Examples are worked with the defaults, and left out with others.
type Pack struct {
	Name     string             `yaml:"pack"`
	Title    string             `yaml:"title"`
	Doc      string             `yaml:"doc"`
	Settings map[string]Setting `yaml:"settings"`
	// Indicators are in the order of the file, with settings put in.
	Indicators []*Definition `yaml:"indicators"`
}

// A Setting is a number or word that a city chooses.
type Setting struct {
	Default string `yaml:"default"`
	Doc     string `yaml:"doc"`
	Unit    string `yaml:"unit,omitempty"`
}

// Read reads a file of definitions: a mapping with the key code is one
// indicator, with pack a pack, with calendar a calendar. given overrides settings of
// the pack. Errors are [*FieldError]s with line and column, joined; where there
// are any there is no file.
func Read(r io.Reader, given map[string]string) (File, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return File{}, err
	}
	if len(text) > maxFile {
		return File{}, fmt.Errorf("file has more than %d bytes", maxFile)
	}
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return File{}, &FieldError{Why: "the file is empty"}
		}
		return File{}, &FieldError{Why: err.Error()}
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return File{}, &FieldError{Why: "the file holds several documents: want one"}
	}
	return readNode(document.Content[0], given)
}

func readNode(root *yaml.Node, given map[string]string) (File, error) {
	if root.Kind != yaml.MappingNode {
		return File{}, at(root, "", "want names and values")
	}
	if err := countAliases(root); err != nil {
		return File{}, err
	}
	switch {
	case value(root, "pack") != nil:
		return readPack(root, given)
	case value(root, "calendar") != nil:
		return readCalendar(root)
	case value(root, "code") == nil:
		return File{}, at(root, "", "want a key code, for one indicator, pack, for several, or calendar")
	}
	d := &Definition{}
	if err := decode(root, d); err != nil {
		return File{}, err
	}
	return File{Pack: &Pack{Name: d.Code, Title: d.Title("en"), Indicators: []*Definition{d}}}, nil
}

// readPack puts settings in before the indicators are read.
func readPack(root *yaml.Node, given map[string]string) (File, error) {
	settings := map[string]Setting{}
	if node := value(root, "settings"); node != nil {
		if err := decode(node, &settings); err != nil {
			return File{}, err
		}
	}
	values := map[string]string{}
	for name, s := range settings {
		values[name] = s.Default
	}
	for name, v := range given {
		if _, ok := settings[name]; !ok {
			return File{}, at(root, "settings", "there is no setting "+name+nearest(name, keysOf(settings)))
		}
		values[name] = v
	}
	changed := false
	for name, s := range settings {
		changed = changed || values[name] != s.Default
	}
	if list := value(root, "indicators"); list != nil {
		if err := substitute(list, values); err != nil {
			return File{}, err
		}
	}
	p := &Pack{}
	if err := decode(root, p); err != nil {
		return File{}, err
	}
	if len(p.Indicators) == 0 {
		return File{}, at(root, "indicators", "a pack without indicators")
	}
	if changed { // examples are worked with the defaults
		for _, d := range p.Indicators {
			if d != nil {
				d.Examples = nil
			}
		}
	}
	for i, d := range p.Indicators {
		if d == nil {
			return File{}, at(value(root, "indicators").Content[i], fmt.Sprintf("indicators[%d]", i+1), "is empty")
		}
	}
	return File{Pack: p}, nil
}

// A calendarFile is a calendar as it stands in a file of its own.
type calendarFile struct {
	Calendar   string `yaml:"calendar"`
	clock.File `yaml:",inline"`
}

func readCalendar(root *yaml.Node) (File, error) {
	var c calendarFile
	if err := decode(root, &c); err != nil {
		return File{}, err
	}
	c.ID = c.Calendar
	return File{Calendar: &c.File}, nil
}

// UnmarshalYAML reads a single condition or a list of them.
func (t *Terms) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*t = Terms{{Where: node.Value, Weight: 1}}
		return nil
	}
	var list []Term
	if err := node.Decode(&list); err != nil {
		return err
	}
	*t = list
	return nil
}

// Write writes a definition as a file that Read reads.
func Write(d *Definition) ([]byte, error) { return yaml.Marshal(d) }

// WriteCalendar writes a calendar as a file that Read reads.
func WriteCalendar(f clock.File) ([]byte, error) {
	file := calendarFile{Calendar: f.ID, File: f}
	file.ID = "" // it is written once
	return yaml.Marshal(file)
}

// MarshalYAML writes a single condition as text.
func (t Terms) MarshalYAML() (any, error) {
	if len(t) == 1 && t[0].Weight == 1 {
		return t[0].Where, nil
	}
	return []Term(t), nil
}
