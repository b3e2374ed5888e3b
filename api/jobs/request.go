package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
)

// maxExecute is the most bytes of a request to execute a process: inputs are
// parameters, not data.
const maxExecute = 64 << 10

// An execution is a request to execute a process (18-062r2, execute.yaml).
type execution struct {
	inputs    map[string]string
	format    encode.Format
	document  bool // the results in one JSON document, not the layer itself
	reference bool // an address of the layer, not the layer itself
}

// readExecution reads a request to execute a process with these parameters. All
// that is wrong with it is told at once.
func readExecution(c *gin.Context, params []analytics.Param) (execution, error) {
	if media := api.MediaType(c.GetHeader("Content-Type")).Bare(); media != "" && media != api.JSON.Bare() {
		return execution{}, api.NewProblem("unsupported-media-type", "A request to execute a process is application/json.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxExecute))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return execution{}, api.NewProblem("too-large", "A request to execute a process has 64 KiB at most.")
	case err != nil:
		return execution{}, api.NewProblem("invalid-parameter", "The body of the request did not arrive.")
	}
	return parseExecution(body, params)
}

// faults collects what is wrong with a request.
type faults []api.Fault

func (f *faults) add(name, format string, args ...any) {
	*f = append(*f, api.Fault{Parameter: name, Detail: fmt.Sprintf(format, args...)})
}

func (f faults) err(known []string) error {
	if len(f) == 0 {
		return nil
	}
	return &api.QueryError{Faults: f, Known: known}
}

func parseExecution(body []byte, params []analytics.Param) (execution, error) {
	e := execution{inputs: map[string]string{}, format: encode.Formats()[0]}
	members := map[string]json.RawMessage{}
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 {
		if err := json.Unmarshal(trimmed, &members); err != nil || members == nil {
			return e, api.NewProblem("invalid-parameter", `The body of the request is not a JSON object, such as {"inputs": {}}.`)
		}
	}
	var wrong faults
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch raw := members[name]; name {
		case "inputs":
			e.readInputs(raw, params, &wrong)
		case "outputs":
			e.readOutputs(raw, &wrong)
		case "response":
			switch text := string(raw); text {
			case `"raw"`, `"document"`:
				e.document = text == `"document"`
			default:
				wrong.add(name, "want raw or document")
			}
		case "subscriber":
			wrong.add(name, "callbacks are not made: look at the job")
		default:
			wrong.add(name, "there is no such member; there are inputs, outputs and response")
		}
	}
	return e, wrong.err(nil)
}

// readInputs reads the values of parameters.
func (e *execution) readInputs(raw json.RawMessage, params []analytics.Param, wrong *faults) {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil {
		wrong.add("inputs", "want an object with the inputs by name")
		return
	}
	var names []string
	for _, p := range params {
		names = append(names, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		at := slices.Index(names, name)
		if at < 0 {
			wrong.add(name, "there is no such input; there are %s", strings.Join(names, ", "))
			continue
		}
		text, err := inputText(params[at], given[name], true)
		if err == nil {
			text, err = params[at].Parse(text)
		}
		var param *analytics.ParamError
		switch {
		case errors.As(err, &param):
			wrong.add(name, "%s", param.Why)
		case err != nil:
			wrong.add(name, "%s", err)
		default:
			e.inputs[name] = text
		}
	}
}

// inputText returns the value of an input as text: a value of the type that the
// schema says, or such a value in an object as its value, where that is allowed
// (qualifiedInputValue.yaml).
func inputText(p analytics.Param, raw json.RawMessage, qualified bool) (string, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) > 0 && raw[0] == '{' && qualified {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(raw, &object); err != nil {
			return "", err
		}
		if _, ok := object["href"]; ok {
			return "", errors.New("inputs by reference are not fetched: give the value itself")
		}
		if value, ok := object["value"]; ok {
			return inputText(p, value, false)
		}
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return "", errors.New("is not JSON")
	}
	switch value := value.(type) {
	case string:
		if p.Kind == analytics.Choice || p.Kind == analytics.Word {
			return value, plainText(value)
		}
	case json.Number:
		if p.Kind == analytics.Integer || p.Kind == analytics.Number {
			return wholeNumber(value.String()), nil
		}
	case bool:
		if p.Kind == analytics.Switch {
			return strconv.FormatBool(value), nil
		}
	}
	return "", fmt.Errorf("want a %s", api.ParamSchema(p)["type"])
}

// wholeNumber writes a number without a fraction as one: 9.0 is an integer in JSON
// Schema (draft 2020-12 validation, section 6.1.1).
func wholeNumber(text string) string {
	if x, err := strconv.ParseFloat(text, 64); err == nil && x == math.Trunc(x) && math.Abs(x) < 1<<53 {
		return strconv.FormatInt(int64(x), 10)
	}
	return text
}

func plainText(s string) error {
	if !utf8.ValidString(s) || strings.IndexFunc(s, unicode.IsControl) >= 0 {
		return errors.New("want text without control characters")
	}
	return nil
}

// readOutputs reads which outputs are wanted, and how. There is one only.
func (e *execution) readOutputs(raw json.RawMessage, wrong *faults) {
	var wanted map[string]struct {
		Format struct {
			MediaType string `json:"mediaType"`
		} `json:"format"`
		TransmissionMode string `json:"transmissionMode"`
	}
	if err := json.Unmarshal(raw, &wanted); err != nil {
		wrong.add("outputs", "want an object with the outputs by name")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if name != layerOutput {
			wrong.add("outputs", "there is no output %q; there is %s", name, layerOutput)
			continue
		}
		o := wanted[name]
		switch o.TransmissionMode {
		case "", "value", "reference":
			e.reference = o.TransmissionMode == "reference"
		default:
			wrong.add("outputs", "transmissionMode: want value or reference")
		}
		if o.Format.MediaType == "" {
			continue
		}
		f, ok := formatOf(api.MediaType(o.Format.MediaType))
		if !ok {
			wrong.add("outputs", "mediaType: the process description lists those there are")
			continue
		}
		e.format = f
	}
}

// formatOf returns the format of a media type.
func formatOf(m api.MediaType) (encode.Format, bool) {
	for _, f := range encode.Formats() {
		if f.MediaType.Bare() == m.Bare() || slices.Contains(f.Also, api.MediaType(m.Bare())) {
			return f, true
		}
	}
	return encode.Format{}, false
}
