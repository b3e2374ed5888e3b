package engine

import (
	"sync"
	"sync/atomic"
	"testing"
)

// TestEachRunTellsItsOwnProgress: two runs of one engine at once are told apart, and
// a run with a listener of its own does not tell that of the engine.
func TestEachRunTellsItsOwnProgress(t *testing.T) {
	var common atomic.Int64
	e := New(storeOf(t, "Asia/Shanghai", cityOf(), weekly(3, 30, 20), 100), Options{Progress: func(string, int, int) { common.Add(1) }})
	var group sync.WaitGroup
	last := map[string]int{"1": 0, "20": 0}
	var mu sync.Mutex
	for _, simulations := range []string{"1", "20"} {
		group.Go(func() {
			ctx := WithProgress(t.Context(), func(_ string, done, of int) {
				mu.Lock()
				defer mu.Unlock()
				if done == of {
					last[simulations] = of
				}
			})
			if _, err := e.Run(ctx, "clusters", map[string]string{"simulations": simulations + "99"}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if common.Load() != 0 || last["1"] != 199 || last["20"] != 2099 {
		t.Errorf("told to the engine %d times, and %v steps; want none, 199 and 2099", common.Load(), last)
	}
	if _, err := e.Run(t.Context(), "clusters", map[string]string{"simulations": "199"}); err != nil || common.Load() == 0 {
		t.Errorf("without a listener of its own: told to the engine %d times, %v", common.Load(), err)
	}
}
