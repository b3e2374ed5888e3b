// Package storetest holds the promises of [data.Store] as tests. Every store
// runs them:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) data.Store { return memory.New() })
//	}
//
// The optional promises, [data.Feed], [data.Historian] and [data.Aggregator],
// are tested where the store makes them.
package storetest
