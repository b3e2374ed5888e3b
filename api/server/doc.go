// Package server puts the service together: the OGC interface, the page for
// people, whole layers as files, probes, and what surrounds every request.
//
// # Routes
//
//	/                           the page in a browser, the landing page else
//	/map.svg                    the map of the page alone
//	/report                     the tables that planners publish, to print and as files
//	/layers/{name}.{extension}  a whole layer as a file, in any format of package encode
//	/collections …              OGC API - Features (package ogc)
//	/dggs …                     OGC API - DGGS (package ogc)
//	/tiles … /styles …          OGC API - Tiles and Styles (package ogc)
//	/tileMatrixSets …           which tiles there are (package ogc)
//	/changes                    when the data change, as a stream of events
//	/static/                    styles and icons of the page
//	/inspect                    the page that inspectors carry (package inspect)
//	/plan.{extension}           where inspectors go, in any format of package route
//	/photos/{sha256}            what inspectors saw
//	/problems/{slug}            what a problem means
//	/status                     how far the data are behind, as JSON
//	/livez /readyz /healthz     probes
//	/robots.txt
//
// On a listener of their own, for operators:
//
//	/metrics                    counts and durations, in the text format of Prometheus
//	/debug/pprof/               profiles of Go
//	/livez /readyz              probes
package server
