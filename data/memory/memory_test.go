package memory_test

import (
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) data.Store { return memory.New() })
}
