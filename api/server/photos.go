package server

import (
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data/photos"
)

// putPhoto answers PUT /photos/{sha256} with a JPEG, which is kept once however often it
// is sent.
func (w *world) putPhoto(c *gin.Context) {
	if !w.Write || !w.role.May(api.WriteFacts) {
		w.fail(c, w.mayNot(api.WriteFacts))
		return
	}
	content, err := io.ReadAll(io.LimitReader(c.Request.Body, photos.MaxBytes+1))
	switch {
	case err != nil:
		w.fail(c, api.NewProblem("invalid-parameter", "The picture did not come through."))
		return
	case len(content) > photos.MaxBytes:
		w.fail(c, api.NewProblem("too-large", "A picture may have 1 MiB."))
		return
	}
	kept, err := w.Photos.Put(c.Param("sha256"), content)
	switch {
	case errors.Is(err, photos.ErrPicture):
		w.fail(c, api.NewProblem("unsupported-media-type", "Want a JPEG under its SHA-256: "+err.Error()+"."))
	case err != nil:
		w.fail(c, err)
	case kept:
		c.Status(http.StatusCreated)
	default:
		c.Status(http.StatusNoContent)
	}
	c.Writer.WriteHeaderNow()
}

// photo answers /photos/{sha256}. The hash, which nobody can guess, is told to those only
// who may read the record that names it, and so are faces and number plates: with personal
// data.
func (w *world) photo(c *gin.Context) {
	if !w.role.May(api.ReadPersonal) {
		w.fail(c, api.Denied(w.role, api.ReadPersonal))
		return
	}
	content, err := w.Photos.Get(c.Param("sha256"))
	if err != nil {
		w.fail(c, err)
		return
	}
	c.Header("Cache-Control", "private, max-age=31536000, immutable")
	c.Data(http.StatusOK, "image/jpeg", content)
}

// registerPhotos adds the routes of photos, where they are kept.
func (w *world) registerPhotos(router gin.IRouter) {
	if w.Photos == nil {
		return
	}
	const path = "/photos/:sha256"
	router.PUT(path, w.putPhoto)
	router.GET(path, w.photo)
	router.HEAD(path, w.photo)
}

// photoExtension describes them.
func (s *server) photoExtension() api.Extension {
	if s.Photos == nil {
		return api.Extension{}
	}
	type object = map[string]any
	hash := []object{{"name": "sha256", "in": "path", "required": true, "schema": object{"type": "string", "pattern": "^[0-9a-f]{64}$"}, "description": "The SHA-256 of the picture, which records name in photo_refs of their attributes."}}
	content := object{"image/jpeg": object{"schema": object{"type": "string", "format": "binary"}}}
	problem := object{"$ref": "#/components/responses/Problem"}
	return api.Extension{Paths: object{"/photos/{sha256}": object{
		"get": object{"operationId": "getPhoto", "summary": "A photo of an inspection", "parameters": hash, "responses": object{"200": object{"description": "The picture", "content": content}, "default": problem}},
		"put": object{
			"operationId": "putPhoto", "summary": "Keep a photo of an inspection, once", "parameters": hash, "requestBody": object{"required": true, "content": content},
			"responses": object{"201": object{"description": "It is kept."}, "204": object{"description": "It was kept already."}, "default": problem},
		},
	}}}
}
