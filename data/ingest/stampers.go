package ingest

import (
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
	var made strings.Builder
	fmt.Fprint(&made, resolutions)
	for _, community := range communities {
		made.WriteString(data.CommunityDigest(community))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stamper != nil && c.made == made.String() {
		return c.stamper, nil
	}
	stamper, err := NewStamper(communities, resolutions)
	if err != nil {
		return nil, err
	}
	c.made, c.stamper = made.String(), stamper
	return stamper, nil
}
