package web

import (
	"embed"
	"io/fs"
	"path"
	"sync"

	"github.com/civgrid/civgrid/api"
)

// Policy is the Content-Security-Policy under which the page works, with its map:
// everything comes from the service itself, and nothing is written into the page as a
// script or a style. MapLibre GL JS draws the signs of its buttons by data addresses.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"

// The folder static/vendor holds MapLibre GL JS where npm put it there, and is not
// there otherwise.
//
//go:embed page.html static
var files embed.FS

// library is the file without which there is no interactive map.
const library = "static/vendor/maplibre-gl.mjs"

// hasMap reports whether the program was built with the interactive map.
var hasMap = sync.OnceValue(func() bool {
	_, err := fs.Stat(files, library)
	return err == nil
})

// Static returns a file that the page needs, by its path below static/, with its media
// type.
func Static(name string) (content []byte, media api.MediaType, ok bool) {
	kinds := map[string]api.MediaType{
		".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".svg": api.SVG, ".txt": api.Text,
	}
	media, known := kinds[path.Ext(name)]
	if !known || !fs.ValidPath(name) {
		return nil, "", false
	}
	content, err := files.ReadFile("static/" + name)
	return content, media, err == nil
}
