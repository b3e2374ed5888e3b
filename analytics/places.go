package analytics

import (
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// Places is the dataset of the small cells, of H3 resolution 10, that the
// communities are made of, which no store keeps: where people live. It has the
// columns community and those of cells that facts have, besides those below, and
// is there for an analysis that asks for it. The inhabitants of a community live
// evenly over its places; where it has communities of known population below it,
// those live there, and the others over the other places.
const Places data.Dataset = "places"

// The columns of Places besides community and those of cells.
const (
	PlacePeople = "people"   // Int: thousandths of inhabitants; missing where not known
	PlaceArea   = "square_m" // Int
	PlaceWhere  = "location" // Code: always a point
	PlaceCell   = "place"    // Cell: the place itself
)

// A Home is one of Places as analyses see it: who lives there, and in which row.
type Home struct {
	Cell   geo.Cell
	Row    int32   // of the frame; -1 where it lies in none
	People float64 // meaningful only if Known
	Known  bool
}

// A Site is a resource as analyses see it: where it stands and what it offers.
type Site struct {
	Source, ID, Name string
	Kind             string // "" where not known
	Lon, Lat         float64
	Capacity         float64 // in the source's unit; meaningful only if HasCapacity
	HasCapacity      bool
}
