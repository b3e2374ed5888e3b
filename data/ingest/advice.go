package ingest

import (
	"errors"
	"fmt"
	"strings"
)

// A Setting is a setting of an import as a text names it, by the name of its flag, with
// the values to give it, if any. Who takes settings in another way spells it otherwise.
// The name boundaries stands for the import of a file of outlines, which is its value.
type Setting struct {
	Name   string
	Values []string
}

const setBoundaries = "boundaries"

func set(name string, values ...string) Setting { return Setting{name, values} }

// Flag returns the setting as it stands on a command line, once for each value.
func (s Setting) Flag() string {
	if len(s.Values) == 0 {
		return "--" + s.Name
	}
	if s.Name == setBoundaries {
		return "civgrid import boundaries " + quotedFlag(s.Values[0])
	}
	flags := make([]string, len(s.Values))
	for i, v := range s.Values {
		flags[i] = "--" + s.Name + " " + quotedFlag(v)
	}
	return strings.Join(flags, " ")
}

// quotedFlag writes a value as it stands on a command line.
func quotedFlag(s string) string {
	if strings.ContainsAny(s, " '\"$&()*;<>?[]`|\\") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// Advice is a text that may name settings. The zero Advice is none.
type Advice struct {
	format string
	args   []any // Settings among them
}

func advise(format string, args ...any) Advice { return Advice{format, args} }

// String returns the text with settings as flags of the command line.
func (a Advice) String() string { return a.Spell(Setting.Flag) }

// MarshalText returns the text as String does.
func (a Advice) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Spell returns the text with settings spelled by a function.
func (a Advice) Spell(spell func(Setting) string) string {
	args := make([]any, len(a.args))
	for i, arg := range a.args {
		if s, ok := arg.(Setting); ok {
			arg = spell(s)
		}
		args[i] = arg
	}
	return fmt.Sprintf(a.format, args...)
}

// A SettingError says what is wrong with a file or with how it is read, and by which
// settings to mend it.
type SettingError struct {
	Advice
	cause error // nil for none
}

// Error returns the text with settings as flags of the command line.
func (e *SettingError) Error() string { return e.String() }

// Unwrap returns the cause, which the text has at its end.
func (e *SettingError) Unwrap() error { return e.cause }

func settingError(format string, args ...any) error {
	e := &SettingError{Advice: advise(format, args...)}
	if len(args) > 0 {
		e.cause, _ = args[len(args)-1].(error)
	}
	return e
}

// Spell returns the text of an error of this package with the settings that it names
// spelled by a function, and not as flags of the command line.
func Spell(err error, spell func(Setting) string) string {
	var named interface {
		error
		Spell(spell func(Setting) string) string
	}
	if !errors.As(err, &named) {
		return err.Error()
	}
	return strings.Replace(err.Error(), named.Error(), named.Spell(spell), 1)
}
