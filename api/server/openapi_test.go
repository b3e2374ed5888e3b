package server

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// TestTheInterfaceIsOpenAPI validates the definition of a service with every analysis
// there is, the defaults of parameters against their schemas included.
func TestTheInterfaceIsOpenAPI(t *testing.T) {
	h, _ := town(t)
	document, err := openapi3.NewLoader().LoadFromData(do(h, "GET", "/api").Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation(), openapi3.EnableSchemaPatternValidation()); err != nil {
		t.Error(err)
	}
}
