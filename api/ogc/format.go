package ogc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
)

// featureFormats returns the formats of features, GeoJSON first: all there are
// but JSON without geometry, whose name and media type stand for GeoJSON here.
func featureFormats() []encode.Format {
	var list []encode.Format
	for _, f := range encode.Formats() {
		if f.Name != "json" {
			list = append(list, f)
		}
	}
	return list
}

// formatNames returns the values of the parameter f, the default first.
func formatNames() []string {
	names := []string{"geojson", "json"}
	for _, f := range featureFormats()[1:] {
		names = append(names, f.Name)
	}
	return names
}

// formatMedia returns the media types of all formats.
func formatMedia() []api.MediaType {
	var list []api.MediaType
	for _, f := range featureFormats() {
		list = append(list, f.MediaType)
	}
	return list
}

func (r *request) parseFormat(text string) error {
	if text == "json" {
		text = "geojson"
	}
	for _, f := range featureFormats() {
		if slices.Contains(endings(f), text) {
			r.format, r.media = f, f.MediaType
			return nil
		}
	}
	return fmt.Errorf("want one of %s; geojson and json are the same", strings.Join(formatNames(), ", "))
}

// negotiate chooses the format by Accept where f does not say. GeoJSON is JSON
// too, and is what is offered first: browsers, which want a page more than
// anything else, get one.
func (r *request) negotiate(accept string) error {
	if r.format.Name != "" {
		return nil
	}
	var offers []api.MediaType
	by := map[api.MediaType]encode.Format{}
	offer := func(m api.MediaType, f encode.Format) { offers, by[m] = append(offers, m), f }
	for i, f := range featureFormats() {
		offer(f.MediaType, f)
		if i == 0 {
			offer(api.JSON, f)
		}
		for _, m := range f.Also {
			offer(m, f)
		}
	}
	media, ok := api.Negotiate(accept, offers)
	if !ok {
		return api.NewProblem("not-acceptable", "Features are served as "+joinMedia(formatMedia())+".")
	}
	r.format, r.media = by[media], by[media].MediaType
	if media == api.JSON {
		r.media = media
	}
	return nil
}

func joinMedia(list []api.MediaType) string {
	words := make([]string, len(list))
	for i, m := range list {
		words[i] = m.Bare()
	}
	return strings.Join(words, ", ")
}
