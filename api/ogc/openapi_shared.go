package ogc

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/civgrid/civgrid/api"
)

// shareParameters moves parameters that several operations of a document have alike to
// its components, and refers to them (OpenAPI 3.0.3, section 4.7.23). Those whose names
// are alike are told apart by a number, in the order of paths. It changes the operations.
func shareParameters(paths, components object) error {
	type place struct {
		in []object
		at int
	}
	places, names := map[string][]place{}, map[string]string{} // by what is described
	var order []string
	for name, described := range components {
		text, err := json.Marshal(described)
		if err != nil {
			return fmt.Errorf("describe the parameter %s: %w", name, err)
		}
		names[string(text)] = name
	}
	for described := range parametersOf(paths) {
		for i, p := range described {
			if _, refers := p["$ref"]; refers {
				continue
			}
			text, err := json.Marshal(p)
			if err != nil {
				return fmt.Errorf("describe the parameter %v: %w", p["name"], err)
			}
			key := string(text)
			if places[key] == nil {
				order = append(order, key)
			}
			places[key] = append(places[key], place{described, i})
		}
	}
	for _, key := range order {
		all := places[key]
		if len(all) < 2 && names[key] == "" {
			continue
		}
		if names[key] == "" {
			p := all[0].in[all[0].at]
			names[key] = freeName(components, fmt.Sprint(p["name"]))
			components[names[key]] = p
		}
		for _, one := range all {
			one.in[one.at] = shared(names[key])
		}
	}
	return nil
}

// copyItem copies a path item as deep as shareParameters changes it.
func copyItem(item object) object {
	item = maps.Clone(item)
	for method, described := range item {
		operation, _ := described.(object)
		if parameters, ok := operation["parameters"].([]object); ok {
			operation = maps.Clone(operation)
			operation["parameters"] = slices.Clone(parameters)
			item[method] = operation
		}
	}
	return item
}

// parametersOf yields the parameters of each operation, which may be replaced.
func parametersOf(paths object) func(yield func([]object) bool) {
	return func(yield func([]object) bool) {
		for _, path := range slices.Sorted(maps.Keys(paths)) {
			item := paths[path].(object) //nolint:forcetypeassert // made by get, or by an extension alike
			for _, method := range slices.Sorted(maps.Keys(item)) {
				operation, _ := item[method].(object)
				if described, ok := operation["parameters"].([]object); ok && !yield(described) {
					return
				}
			}
		}
	}
}

// freeName returns the name of a parameter, or of one of several of that name.
func freeName(components object, name string) string {
	free := name
	for n := 2; components[free] != nil; n++ {
		free = name + "-" + strconv.Itoa(n)
	}
	return free
}

// sharedResponses describes what any operation may answer. Those that say when to
// come back are apart from other problems, since clients can obey by themselves. Browsers
// get problems as pages.
func sharedResponses() object {
	problem := func(description string) object {
		return object{
			"description": description,
			"content": object{
				string(api.ProblemJSON): object{"schema": object{"type": "object"}},
				string(api.HTML):        object{"schema": object{"type": "string"}},
			},
		}
	}
	later := func(description string) object {
		response := problem(description)
		response["headers"] = object{"Retry-After": object{
			"description": "Seconds after which to ask again (RFC 9110, section 10.2.3)",
			"schema":      object{"type": "integer", "minimum": 1},
		}}
		return response
	}
	return object{
		"NotModified":     object{"description": "The client has it already (RFC 9110, section 15.4.5)"},
		"Problem":         problem("What went wrong (RFC 9457)"),
		"TooManyRequests": later("More requests than a client may make (RFC 6585, section 4)"),
		"Unavailable":     later("The service is overloaded, its store is away, or the answer took too long (RFC 9110, section 15.6.4)"),
	}
}
