package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

func TestPointsOutsideOfAllBoundariesAreDoubted(t *testing.T) {
	f := func(inside, outside int, doubtful, refused bool) {
		t.Helper()
		store := newStore()
		boundaries(t, store, features(box(`"code":"D"`, 116.30, 39.90, 116.40, 39.95)), ingest.BoundaryOptions{Level: data.District})
		var file strings.Builder
		file.WriteString("id,opened_at,lon,lat\n")
		for i := range inside + outside {
			lon := 116.351
			if i >= inside {
				lon = 100.351
			}
			fmt.Fprintf(&file, "%d,2024-01-01T00:00:00Z,%v,39.9123\n", i, lon)
		}
		in := ingest.Bytes("a.csv", []byte(file.String()))
		r, err := ingest.Import(context.Background(), store, in, ingest.Options{}, nil)
		var doubt *ingest.DoubtError
		if errors.As(err, &doubt) != refused || err != nil && !refused || refused && doubt.Doubt.Code != "outside" {
			t.Errorf("%d inside, %d outside: %v, want refused %v", inside, outside, err, refused)
		}
		if got := len(r.Reading.Doubts) == 1 && r.Reading.Doubts[0].Code == "outside"; got != doubtful {
			t.Errorf("%d inside, %d outside: doubts %+v, want one %v", inside, outside, r.Reading.Doubts, doubtful)
		}
		if _, err := ingest.Import(context.Background(), store, in, ingest.Options{IgnoreDoubts: true}, nil); err != nil {
			t.Errorf("%d inside, %d outside, doubts ignored: %v", inside, outside, err)
		}
	}
	f(20, 0, false, false)
	f(81, 19, false, false)
	f(80, 20, true, false)
	f(11, 89, true, false)
	f(10, 90, true, true)
	f(0, 20, true, true)
	f(0, 19, false, false)
}
