package ingest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A StamperCache remembers the Stamper it made last, so that several files
// imported one after the other index their communities once. The zero value is
// ready for use, and it is safe for concurrent use.
type StamperCache struct {
	mu      sync.Mutex
	made    string // what last was made for
	stamper *Stamper
}

// Stamper returns a Stamper for the communities and resolutions: the one made
// last if it was made for these, else a new one. A nil cache remembers nothing.
func (c *StamperCache) Stamper(communities []data.Community, resolutions []geo.Resolution) (*Stamper, error) {
	if c == nil {
		return NewStamper(communities, resolutions)
	}
	made := grounds{communities, resolutions}.key()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stamper != nil && c.made == made {
		return c.stamper, nil
	}
	stamper, err := NewStamper(communities, resolutions)
	if err != nil {
		return nil, err
	}
	c.made, c.stamper = made, stamper
	return stamper, nil
}

// grounds are what stamps depend on.
type grounds struct {
	communities []data.Community
	resolutions []geo.Resolution // none means data.DefaultResolutions
}

// groundsOf returns the grounds that a store holds now. One that answers from a copy
// looks first at what it copies: it may have been told of communities that the copy
// does not have yet.
func groundsOf(ctx context.Context, store data.Store) (grounds, error) {
	if copied, ok := store.(interface{ Look(context.Context) error }); ok {
		if err := copied.Look(ctx); err != nil {
			return grounds{}, fmt.Errorf("bring the copy of the store up to date: %w", err)
		}
	}
	settings, err := store.Settings(ctx)
	if err != nil {
		return grounds{}, err
	}
	communities, err := store.Communities(ctx)
	return grounds{communities, settings.Resolutions}, err
}

// key names the grounds: those of equal keys give equal stamps.
func (g grounds) key() string {
	if len(g.resolutions) == 0 {
		g.resolutions = data.DefaultResolutions()
	}
	var key strings.Builder
	fmt.Fprint(&key, g.resolutions)
	for _, c := range g.communities {
		key.WriteString(data.CommunityDigest(c))
	}
	return key.String()
}

func (g grounds) stamper() (*Stamper, error) { return NewStamper(g.communities, g.resolutions) }
