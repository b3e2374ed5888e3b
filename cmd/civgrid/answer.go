package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data/ingest"
)

// answerSchema is the JSON schema of what --json prints.
//
//go:embed answer.schema.json
var answerSchema string

// An answer is the one object that a command prints with --json, as
// answer.schema.json has it.
type answer struct {
	OK       bool      `json:"ok"`
	Data     any       `json:"data,omitempty"`
	Error    *trouble  `json:"error,omitempty"`
	Warnings []string  `json:"warnings"`
	Timing   stopwatch `json:"timing"`
}

// A trouble says why a command did not end well.
type trouble struct {
	Code    int      `json:"code"`
	Message string   `json:"message"`
	Hint    string   `json:"hint"`
	Details []detail `json:"details"`
}

// A detail is one thing that is wrong, as far as it is known where.
type detail struct {
	File    string `json:"file,omitempty"`
	Line    int64  `json:"line,omitempty"`
	Name    string `json:"name,omitempty"` // of the column, field or parameter
	Value   string `json:"value,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
}

// A stopwatch says when a command began and how long it took.
type stopwatch struct {
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
}

// answer keeps the result of a command for the object that --json prints when
// the command is done.
func (p *program) answer(result any) { p.result = result }

// print prints the object of a run that began at a moment and ended with err.
func (p *program) print(began time.Time, err error) {
	a := answer{
		OK: err == nil, Data: p.result, Warnings: append([]string{}, p.warnings...),
		Timing: stopwatch{began.UTC(), p.now().Sub(began).Seconds()},
	}
	if a.OK && a.Data == nil {
		a.Data = struct{}{}
	}
	if !a.OK {
		code, message, hint := told(err)
		a.Error = &trouble{code, message, hint, append([]detail{}, detailsOf(err)...)}
	}
	if err := writeJSON(p.out, a); err != nil {
		fmt.Fprintf(p.err, "✗ write the answer: %s\n", err)
	}
}

// detailsOf takes an error apart into what is wrong where.
func detailsOf(err error) []detail {
	var coded *codedError
	if errors.As(err, &coded) && len(coded.details) > 0 {
		return coded.details
	}
	var details []detail
	for _, part := range partsOf(err) {
		details = append(details, detailsOf(part)...)
	}
	if len(details) > 0 {
		return details
	}
	var param *analytics.ParamError
	var field *indicator.FieldError
	var row *ingest.RowError
	var doubt *ingest.DoubtError
	switch {
	case errors.As(err, &param):
		return []detail{{Name: param.Name, Value: param.Value, Message: param.Why}}
	case errors.As(err, &field):
		return []detail{{Line: int64(field.Line), Name: field.Field, Message: field.Why}}
	case errors.As(err, &row):
		return []detail{detailOf("", *row)}
	case errors.As(err, &doubt):
		return []detail{{Code: doubt.Doubt.Code, Message: doubt.Doubt.Message}}
	}
	return nil
}

// partsOf returns the errors that are joined in one.
func partsOf(err error) []error {
	for ; err != nil; err = errors.Unwrap(err) {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			return joined.Unwrap()
		}
	}
	return nil
}

// detailOf says what is wrong with a row of a file.
func detailOf(file string, r ingest.Reject) detail {
	return detail{File: file, Line: r.Line, Name: r.Column, Value: r.Value, Code: r.Code, Message: r.Message}
}

func (p *program) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON schema of what --json prints", Args: noArgs,
		Long: "Every command takes --json and then prints one object of one shape: see civgrid\n" +
			"help json. This is its schema (JSON Schema 2020-12), for programs that check\n" +
			"what they read.",
		Example: "  civgrid schema\n" +
			"  civgrid schema > answer.schema.json",
		RunE: func(*cobra.Command, []string) error {
			if p.json {
				p.answer(json.RawMessage(answerSchema))
				return nil
			}
			_, err := fmt.Fprint(p.out, answerSchema)
			return err
		},
	}
}
