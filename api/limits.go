package api

// The bounds of a request.
const (
	// MaxURLBytes is the longest request target that is read (RFC 9110, section
	// 4.1, asks for at least 8,000).
	MaxURLBytes = 8 << 10
	// MaxHeaderBytes is the most that all header fields may take together.
	MaxHeaderBytes = 32 << 10
	// DefaultLimit is how many features one answer holds unless asked otherwise.
	// QGIS asks for pages of the default size but not above the maximum; with
	// pages of 100 a city's grid would take hundreds of requests.
	DefaultLimit = 10_000
	// DefaultPageLimit is how many features a page shows people unless asked otherwise.
	DefaultPageLimit = 100
	// MaxLimit is the most features one answer holds. A larger limit is not an
	// error but cut to it (OGC API - Features Part 1, 17-069r4, requirement 20
	// /req/core/fc-limit-response-1). Whole layers are under /layers.
	MaxLimit = 10_000
	// MaxZones is the most cells of a grid that one answer lists or has values of.
	MaxZones = 100_000
)
