// Package encode turns layers and other rows into bytes: GeoJSON and its kin,
// CSV, FlatGeobuf, Arrow, GeoParquet, HTML, JSON and a table for terminals. It is
// the one door through which results leave, so the command line's --format and the
// service's f= are one list ([Formats]).
//
// Geometry returns here: cells are drawn from their number, communities from
// their outline. Nothing is computed.
//
// # Conventions
//
// Writers append to one reused buffer and hand it on at 32 KiB, or gather a few
// thousand rows where a format wants them in batches, so memory does not grow
// with the number of rows. Same rows, same bytes. Rows come as one [Table], or table by
// table ([Stream]) where there are more than should be held.
//
// A number of a float column always has a decimal point or an exponent, 5.0 and
// not 5: GDAL and QGIS take the type of a field from the first ten features,
// and a float field that begins with whole numbers would lose its fractions.
// Every row has every property, null where there is no value; NaN and
// infinities are no value.
//
// GeoJSON follows RFC 7946: exterior rings counter-clockwise (section 3.1.6),
// no "crs", coordinates with at most seven decimals (section 11.2 asks for
// restraint; seven are about a centimetre). What is known about a layer stands
// in the foreign member "civgrid" (section 6.1).
//
// Formats that are not text keep coordinates as they are, have the column "id"
// first, and know a word column as text, an int column as 64-bit integers and a
// float column as double precision, whatever the values; a time column as their own
// type of instant. In text an instant is RFC 3339 in UTC.
package encode
