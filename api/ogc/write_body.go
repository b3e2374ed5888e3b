package ogc

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
)

// maxFeature is the largest body of one feature, in bytes.
const maxFeature = 1 << 20

// mergePatch is the type of a change to a feature (RFC 7396, section 4).
const mergePatch = "application/merge-patch+json"

// takenTypes returns the media types of bodies that a method takes.
func takenTypes(method string) []string {
	whole := []string{api.GeoJSON.Bare(), api.JSON.Bare()}
	switch method {
	case http.MethodPatch:
		return append([]string{mergePatch}, whole...)
	case http.MethodPost, http.MethodPut:
		return whole
	}
	return nil
}

// tellTypes sets the fields that tell which bodies methods take: Accept-Patch (RFC 5789,
// section 3.1), Accept-Post (Linked Data Platform 1.0, section 7.1), and of PUT, which has
// no field of its own, Accept (RFC 9110, section 12.5.1).
func tellTypes(h http.Header, methods ...string) {
	fields := map[string]string{http.MethodPatch: "Accept-Patch", http.MethodPost: "Accept-Post", http.MethodPut: "Accept"}
	for _, method := range methods {
		if types := takenTypes(method); types != nil {
			h.Set(fields[method], strings.Join(types, ", "))
		}
	}
}

// body reads the body of a request, which has one of the types that its method takes. It
// is taken as it is: a feature is small, and a coding would be one more thing to bound.
// Who sends one in a coding is told so (RFC 9110, sections 12.5.3 and 15.5.16).
func body(c *gin.Context) (text []byte, media string, err error) {
	types := takenTypes(c.Request.Method)
	media, _, err = mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || !slices.Contains(types, media) {
		tellTypes(c.Writer.Header(), c.Request.Method)
		return nil, "", api.NewProblem("unsupported-media-type", "The body of the request must be of the type "+strings.Join(types, " or ")+".")
	}
	for _, coding := range c.Request.Header.Values("Content-Encoding") {
		if !strings.EqualFold(strings.TrimSpace(coding), "identity") {
			c.Header("Accept-Encoding", "identity")
			return nil, "", api.NewProblem("unsupported-media-type", "Content-Encoding: a feature is sent as it is, in no coding.")
		}
	}
	text, err = io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxFeature))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, "", api.NewProblem("too-large", fmt.Sprintf("A feature has at most %d bytes.", maxFeature))
	case err != nil:
		return nil, "", bodyError(api.Fault{Parameter: "body", Detail: "ended before it was whole"})
	}
	return text, media, nil
}

// sentSystem returns the coordinate system of the body of a request (OGC API - Features
// Part 4, 20-002r1, "Content-Crs").
func sentSystem(c *gin.Context) (system, error) {
	uri := strings.Trim(c.GetHeader("Content-Crs"), "<> ")
	if uri == "" {
		uri = crs84
	}
	in, err := findSystem(uri)
	if err != nil {
		return system{}, &api.QueryError{Faults: []api.Fault{{Parameter: "Content-Crs", Detail: err.Error()}}}
	}
	return in, nil
}
