package postgis

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"

	"github.com/civgrid/civgrid/data"
)

// ErrOutdated is returned when an older program made the store.
var ErrOutdated = errors.New("store has an older format than this program")

// ErrNoPostGIS is returned when the database has no PostGIS and the role may
// not, or the server cannot, add it.
var ErrNoPostGIS = errors.New("the database has no PostGIS, and it cannot be added")

// ErrPermission is returned when the role may not do it. It wraps
// fs.ErrPermission.
var ErrPermission = fmt.Errorf("%w: the role lacks a privilege", fs.ErrPermission)

// errPartial says that a batch is committed, and not to be seen whole yet.
var errPartial = fmt.Errorf("%w: a worker has not committed", data.ErrUnavailable)

// isNetwork reports whether an error comes from the connection itself.
func isNetwork(err error) bool {
	var failed *net.OpError
	return errors.As(err, &failed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
