// Package ogc serves layers, communities and resources as OGC API - Features
// Part 1 (17-069r4), in the way GDAL and QGIS need it.
//
// Every analysis is a collection, because collections are what reaches GIS
// tools: "hotspot" by cells of the default resolution, and, for tools that
// cannot pass parameters, "hotspot-district", "hotspot-street" … for each level
// of communities there is. All take the parameters of the analysis in the
// query. The same collections are served as vector tiles (OGC API - Tiles Part 1,
// 20-057) and their legends as styles.
//
// Incidents and inspections are collections where [Options.Facts] says so, which
// gives what the caller may see of them. A feature is a fact with the columns of its
// dataset, called by [encode.FactID]. They are not served as tiles. Every collection is
// also a file, /exports/{collectionId}.{extension}.
//
// The cells of layers are served as OGC API - DGGS Part 1 (21-038r1) as well, with
// H3 as the one grid: lists of zones, what is known of a zone, and values of those
// below it, for each analysis and for all of them together.
//
// # Design
//
// Real clients decide what the standard leaves open. QGIS needs absolute links,
// service-desc and data on the landing page, and takes its page size from
// components.parameters.limit of the OpenAPI document. GDAL needs an items link
// without query, reads OpenAPI 3.0 only, and counts with resultType=hits where
// the document offers it.
//
// One answer of a layer is a page of a table that is kept for a while
// ([Tables]), so paging costs no computing. A cursor holds the data version:
// pages belong to one state of the data, and when that is gone the client is
// told to begin again (410) and never given a mixture.
//
// Facts are too many to be kept. A page of them is what comes after a position in an
// order without ties, which the cursor holds: pages need no state of the store, and
// memory as large as a page. While facts are written those that nobody touches come
// exactly once; each page counts what matches at its own moment. A file is a single
// reading of the store, of one moment, in the order of the store.
//
// A tile of cells shows the resolution that its zoom can hold ([tile.Ladder]),
// computed for it. Only where none so coarse is computed does a parent stand for
// the worst of its cells. All tiles of a zoom show the same resolution.
//
// datetime chooses the period a layer is computed for: its features hold for
// that period, so they are what intersects it (requirement 26,
// /req/core/fc-time-response).
//
// Values of a zone are those of the layer at its own level, so data of several
// depths take a computation for each: neither is a rate of seven cells a mean of
// theirs, nor is a cell the ground of its children. For the same reason zones of
// levels at which facts are not indexed have no data, only kin. The order of zones
// below a zone is that of their numbers, which is H3's own.
//
// A filter is true of the rows that an answer is of: of the features, of the cells that
// a tile of the zoom draws, of the zones of the level or depth. Tiles of the dataset take
// none, as its layers have no properties in common.
//
// An entity tag names the data version, so an answer is of one: it is begun anew where
// the data move on before it is written. A layer whose facts never rested while it was
// computed is shown without a tag, and nobody keeps it.
//
// How many zones an answer would be of is told before any is made: by the area, by
// the box or by the powers of seven below a zone, whichever is least.
package ogc
