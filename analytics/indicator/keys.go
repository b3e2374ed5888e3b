package indicator

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// value returns the value of a key of a mapping, or nil.
func value(node *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

func at(node *yaml.Node, field, why string) error {
	return &FieldError{Field: field, Line: node.Line, Col: node.Column, Why: why}
}

// countAliases refuses anchors and aliases, with which a small file can stand
// for a huge one.
func countAliases(node *yaml.Node) error {
	if node.Kind == yaml.AliasNode || node.Anchor != "" {
		return at(node, "", "anchors and aliases are not read")
	}
	for _, child := range node.Content {
		if err := countAliases(child); err != nil {
			return err
		}
	}
	return nil
}

// decode reads a node into a value of ours. All keys that it does not have are
// told at once, each with the nearest that it has.
func decode(node *yaml.Node, into any) error {
	var wrong []error
	checkKeys(node, reflect.TypeOf(into).Elem(), "", &wrong)
	if len(wrong) > 0 {
		return errors.Join(wrong...)
	}
	if err := node.Decode(into); err != nil {
		if failed := (*yaml.TypeError)(nil); errors.As(err, &failed) {
			return &FieldError{Why: plain(strings.Join(failed.Errors, "; "))}
		}
		return &FieldError{Why: err.Error()}
	}
	return nil
}

// plain says in plain words what could not be read as what.
func plain(text string) string {
	text = regexp.MustCompile("cannot unmarshal !!\\w+ (`[^`]*`) into ").ReplaceAllString(text, "$1 is no ")
	return strings.NewReplacer("is no float64", "is no number", "is no int64", "is no whole number", "is no int", "is no whole number", "is no bool", "is neither true nor false").Replace(text)
}

// checkKeys finds keys that t has no field for, and values of another shape.
func checkKeys(node *yaml.Node, t reflect.Type, path string, wrong *[]error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[Terms]() && node.Kind == yaml.ScalarNode:
	case t.Kind() == reflect.Slice && node.Kind == yaml.SequenceNode:
		for i, child := range node.Content {
			checkKeys(child, t.Elem(), fmt.Sprintf("%s[%d]", path, i+1), wrong)
		}
	case t.Kind() == reflect.Map && node.Kind == yaml.MappingNode:
		checkMap(node, t, path, wrong)
	case t.Kind() == reflect.Struct && node.Kind == yaml.MappingNode:
		checkFields(node, t, path, wrong)
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Slice || t.Kind() == reflect.Map:
		*wrong = append(*wrong, at(node, path, "want "+shape(t)))
	case node.Kind != yaml.ScalarNode:
		*wrong = append(*wrong, at(node, path, "want one value"))
	}
}

func shape(t reflect.Type) string {
	if t.Kind() == reflect.Slice {
		return "a list"
	}
	return "names and values"
}

func checkMap(node *yaml.Node, t reflect.Type, path string, wrong *[]error) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if seen[key.Value] {
			*wrong = append(*wrong, at(key, join(path, key.Value), "given twice"))
		}
		seen[key.Value] = true
		checkKeys(node.Content[i+1], t.Elem(), join(path, key.Value), wrong)
	}
}

func checkFields(node *yaml.Node, t reflect.Type, path string, wrong *[]error) {
	fields := fieldsOf(t)
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		field, ok := fields[key.Value]
		switch {
		case !ok:
			*wrong = append(*wrong, at(key, join(path, key.Value), "there is no such key"+nearest(key.Value, keysOf(fields))))
			continue
		case seen[key.Value]:
			*wrong = append(*wrong, at(key, join(path, key.Value), "given twice"))
		}
		seen[key.Value] = true
		checkKeys(node.Content[i+1], field, join(path, key.Value), wrong)
	}
}

// fieldsOf returns the types of the fields of a struct by the keys they have in
// files.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			maps.Copy(fields, fieldsOf(f.Type))
		case name != "" && name != "-":
			fields[name] = f.Type
		}
	}
	return fields
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

var reference = regexp.MustCompile(`\$\{([^}]*)\}`)

// substitute puts settings in for ${name} in all values. A value that is one
// reference takes the type of what is put in.
func substitute(node *yaml.Node, values map[string]string) error {
	if node.Kind == yaml.ScalarNode {
		var unknown string
		text := reference.ReplaceAllStringFunc(node.Value, func(found string) string {
			name := strings.TrimSpace(found[2 : len(found)-1])
			v, ok := values[name]
			if !ok && unknown == "" {
				unknown = name
			}
			return v
		})
		if unknown != "" {
			return at(node, "", "there is no setting "+unknown+nearest(unknown, keysOf(values)))
		}
		if text != node.Value {
			if reference.FindString(node.Value) == node.Value {
				node.Tag, node.Style = "", 0
			}
			node.Value = text
		}
		return nil
	}
	for _, child := range node.Content {
		if err := substitute(child, values); err != nil {
			return err
		}
	}
	return nil
}
