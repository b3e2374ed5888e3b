// Package sample makes up a city and a year of its cases, so that the product
// can be tried without anybody's data. The city is called Lancheng 澜城; it does
// not exist, nor do its people, streets and cases.
//
// A [City] is handed out as files, such as a town hall would hand over, to go
// through the ordinary import: areas as GeoJSON, cases of five systems as CSV
// and GeoJSON, one of them in GCJ-02 and one with nothing but community codes,
// resources and inspections. What was put into the data for analyses to find is
// told by [City.Planted].
//
// It is no simulation of how cities work and no benchmark: what it shows is
// what was put in.
//
// # Conventions
//
// Coordinates are WGS 84 degrees with six decimals except in the GCJ-02 file.
// Times are local, of the year 2025, with its public holidays and the weekend
// days worked in their place. Codes have 6 digits for a district and 3 more for
// each level below (GB/T 30428.1).
//
// # Design
//
// The plane is divided once, into some 2,000 small cells: a Voronoi diagram of
// seeds that keep a distance from each other, small in the middle and large at
// the rim. Seeds in threes along the river make its banks, seeds in pairs along
// the limits make them smooth. Districts, streets, communities and unit grids
// are sets of cells, split top down, and outlines are what is left of the
// cells' edges when those inside cancel. So neighbours share their borders
// point by point and areas are exactly the sum of those they are divided into,
// whatever the seed. The river belongs to no area, and nothing happens in it.
//
// Cases come from addresses, each with a liveliness of its own (log-normal), so
// that counts scatter more than a Poisson process would, as real ones do. Spots
// multiply it within a soft rim. Reports are spread flatter than people are:
// with a steep fall from the middle to the rim every statistic of raw counts
// would find the middle and nothing else.
//
// Complaints and inspections speak of the same streets, and in two spots they
// disagree: the wholesale market is swept when inspectors come, and in the quarter
// that hardly reports inspections fail. Both have more inspected points than their
// size would give them, for a dozen inspections of one point say little.
//
// Everything follows from the seed: streams of PCG-DXSM, whose output is fixed,
// drawn from in a fixed order, with no maps walked and no dates asked for.
// Choices are made on whole numbers or on places rounded to centimetres, so
// that the last bit of a sine or an exponential, which machines may differ in,
// has next to no say; a recorded hash of all files is tested.
package sample
