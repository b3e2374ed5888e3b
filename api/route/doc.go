// Package route writes itineraries: as a table for the terminal, as CSV and
// GeoJSON, and as GPX and KML for the devices and maps that inspectors carry.
//
// It computes nothing: stops, times and ways are as the engine made them, and
// are rounded here. Every format holds the stops in the order of visits with
// what speaks for each in words, and says that ways are straight lines.
//
// # Conventions
//
// Coordinates are WGS 84 with seven decimals, about a centimetre. Times are those
// of the city, with their offset. Names come from files of others and are
// escaped, never trusted.
package route
