package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// A reportedEngine is an engine whose version changes with the quality report as
// well as with the content. Layers depend on the report: it says which default
// locations are left out, and as of when cases are judged. An import keeps its
// report some time after its last facts, and what is computed in between must
// not pass for the layer of both.
type reportedEngine struct {
	*engine.Engine
	store data.Store
}

// Version identifies everything a layer is made of.
func (e reportedEngine) Version(ctx context.Context) (string, error) {
	version, err := e.Engine.Version(ctx)
	if err != nil {
		return "", err
	}
	report, err := e.store.Report(ctx, data.Incidents)
	if errors.Is(err, data.ErrNotFound) {
		return version, nil
	}
	if err != nil {
		return "", fmt.Errorf("read the quality report: %w", err)
	}
	text, err := json.Marshal(report)
	if err != nil {
		return "", fmt.Errorf("name the quality report: %w", err)
	}
	return version + "-" + api.Digest(string(text)), nil
}
