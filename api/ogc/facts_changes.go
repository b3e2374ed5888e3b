package ogc

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
)

// maxMissed is how many changes are told one by one to who comes back; who missed more
// reads the collection anew.
const maxMissed = 10_000

// The types of events of a stream of features: one is new or another than before, one was
// withdrawn, or so much happened, or the store went back to an earlier state, that the
// collection is to be read anew.
const (
	featureChanged   = "org.civgrid.feature.changed"
	featureWithdrawn = "org.civgrid.feature.withdrawn"
	resync           = "org.civgrid.resync"
)

// changedFeature is what an event of a feature tells: where to read it.
type changedFeature struct {
	Collection string `json:"collection"`
	Href       string `json:"href"`
}

// A listener follows the facts of a collection that a request asks for.
type listener struct {
	*service
	c     *gin.Context
	col   *collection
	told  place // after the last change that was told of
	asked *question
}

// changeParameters are those of a stream of changes, beside the properties.
func changeParameters() []string {
	return slices.DeleteFunc(exportParameters(), func(name string) bool {
		return slices.Contains([]string{"crs", "datum", "properties", "skipGeometry"}, name)
	})
}

// changes answers /collections/{collectionId}/changes of facts with a stream of
// server-sent events, one for each fact that changes and meets the conditions of the
// request, as it is then. Who comes back with Last-Event-ID is told what was missed. A
// fact that ceases to meet the conditions is not told of.
func (s *service) changes(c *gin.Context) error {
	col, k, err := s.findAny(c, c.Param("collectionId"))
	if err != nil {
		return err
	}
	if col.facts == nil || s.Facts.Feed == nil {
		return api.NewProblem("not-found", "What is computed has no changes of single features: /changes tells when it is to be asked for anew.")
	}
	r := &request{}
	if err := r.parse(c.Request.URL.RawQuery, changeParameters(), "", col, k.zone); err != nil {
		return err
	}
	ctx, done, err := s.Facts.Stream(c.Request)
	if err != nil {
		return err
	}
	defer done()
	l := &listener{service: s, c: c, col: col}
	if l.asked, err = col.facts.asked(ctx, r); err != nil {
		return err
	}
	missed, err := l.begin(ctx)
	if err != nil {
		return err
	}
	api.BeginEvents(c.Writer.Header())
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return nil
	}
	if missed {
		err = l.tell(resync, "", l.id())
	} else {
		_, err = c.Writer.WriteString(": listening\n\n")
	}
	c.Writer.Flush()
	if err == nil {
		l.follow(ctx)
	}
	return nil
}

// begin finds out where the stream begins, and whether what was missed cannot be told.
func (l *listener) begin(ctx context.Context) (missed bool, err error) {
	d := l.col.facts.Dataset()
	if l.told, _, _, err = l.watches[d].look(ctx, place{}, 0); err != nil {
		return false, err
	}
	last := l.c.GetHeader("Last-Event-ID")
	if last == "" {
		return false, nil
	}
	mark, lineage, ok := l.parseID(last)
	if !ok || mark > l.told.mark {
		return true, nil
	}
	then, err := l.Facts.Feed.Lineage(ctx, d, mark)
	if err != nil {
		return false, err
	}
	if lineageHash(then) != lineage {
		return true, nil
	}
	l.told = place{mark, then}
	return false, nil
}

// follow tells of changes until ctx is done or the client is gone.
func (l *listener) follow(ctx context.Context) {
	look, beat := time.NewTicker(api.LookEvery), time.NewTicker(api.Heartbeat)
	defer look.Stop()
	defer beat.Stop()
	for err := l.look(ctx); err == nil; {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			_, err = l.c.Writer.WriteString(": still here\n\n")
			l.c.Writer.Flush()
		case <-look.C:
			err = l.look(ctx)
		}
	}
}

// errGoneClient says that a client takes no more.
var errGoneClient = errors.New("the client is gone")

// look tells of what changed since the last look. A store that does not answer has not
// changed for all we know; the error says that the client is gone.
func (l *listener) look(ctx context.Context) error {
	events, lost, err := l.news(ctx)
	switch {
	case err == nil && lost:
		return l.tell(resync, "", l.id())
	case err == nil && len(events) > 0:
		return l.tellAll(events)
	}
	return nil
}

// tellAll writes events, of which the last says where the stream is: who breaks off
// before is told all of them again.
func (l *listener) tellAll(events []change) error {
	for i, e := range events {
		id := ""
		if i == len(events)-1 {
			id = l.id()
		}
		if err := l.tell(e.kind, e.subject, id); err != nil {
			return err
		}
	}
	return nil
}

// tell writes one event.
func (l *listener) tell(kind, subject, id string) error {
	base := l.Base(l.c.Request)
	what := changedFeature{Collection: l.col.id, Href: base + "/collections/" + l.col.id + "/items"}
	if subject != "" {
		what.Href = l.itemURL(l.c, l.col, subject)
	}
	now := l.Now()
	e := api.NewEvent(api.Digest(l.id(), kind, subject), base+"/collections/"+l.col.id, kind, now, what)
	e.Subject = subject
	if api.WriteEvent(l.c.Writer, id, e) != nil {
		return errGoneClient
	}
	if id != "" {
		l.c.Writer.Flush()
	}
	return nil
}

// id returns the name of where the stream is. It is the mark and its lineage as one block
// of AES under a key of this world, so that it tells nobody how much changes elsewhere.
func (l *listener) id() string {
	var block [aes.BlockSize]byte
	binary.BigEndian.PutUint64(block[:8], uint64(l.told.mark))
	binary.BigEndian.PutUint64(block[8:], lineageHash(l.told.lineage))
	l.cipher().Encrypt(block[:], block[:])
	return base64.RawURLEncoding.EncodeToString(block[:])
}

// parseID reads a name that id made.
func (l *listener) parseID(text string) (mark int64, lineage uint64, ok bool) {
	block, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(block) != aes.BlockSize {
		return 0, 0, false
	}
	l.cipher().Decrypt(block, block)
	mark = int64(binary.BigEndian.Uint64(block[:8]))
	return mark, binary.BigEndian.Uint64(block[8:]), mark >= 0
}

func (l *listener) cipher() cipher.Block {
	key := sha256.Sum256(append([]byte("changes of "+l.col.id+"\n"), l.Secret...))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("BUG: a key of 32 bytes is none: " + err.Error())
	}
	return block
}

func lineageHash(lineage string) uint64 {
	sum := sha256.Sum256([]byte(lineage))
	return binary.BigEndian.Uint64(sum[:8])
}
