// Package cql2 reads conditions written in CQL2, the Common Query Language of
// the Open Geospatial Consortium (OGC 21-065r2), in its text and its JSON
// encoding, and compiles them against the columns of a dataset. It decides
// nothing about rows: that is what a [data.Condition] does.
//
// Of the standard's requirements classes it knows Basic CQL2, Advanced
// Comparison Operators (LIKE, BETWEEN, IN), Case-insensitive Comparison (CASEI),
// comparisons of two Time or two Int properties, and of Temporal Functions those
// that make sense of a property that is an instant: T_AFTER, T_BEFORE,
// T_CONTAINS, T_DISJOINT, T_DURING, T_EQUALS and T_INTERSECTS; of Spatial Functions
// all eight, between the geometry of a row and one that is written. ILIKE, which GDAL
// sends, is LIKE with CASEI on both sides. Array functions, other functions, ACCENTI
// and arithmetic are refused by name.
//
// # Conventions
//
// Logic is three-valued, as in SQL: a comparison with a missing value is neither
// true nor false, and neither is its negation. Rows are met where the whole is
// true.
//
// Names are bare, of letters of any script, or in double quotes. In text between
// single quotes a quote is doubled, and the backslash escapes as in C: \' \\ \a
// \b \t \n \v \f \r (requirement /req/cql2-text/escaping); before any other
// character it stands for itself, so that '50\%' is the pattern it looks like.
//
// Words, in Text and Code columns, are compared with =, <>, LIKE and IN. Int
// columns are compared with numbers exactly: found > 3.5 is met by 4, and
// found = 3.5 by nothing. For Float columns a number is the nearest that a
// float64 holds. Cells are given as text, '8931aa50003ffff'.
//
// Time columns are compared with DATE('2024-03-01'), TIMESTAMP('…Z') or plain
// text of either form; without Z or an offset the time is that of
// [Options.Zone]. A date, also as GDAL writes it, '2024-03-01T', is the whole
// day: = is met by any moment of it, < by moments before its beginning, > by
// moments after its end, <= and >= by what meets < or =, and > or =. An interval
// holds both its ends, a date at its end with the whole day. T_DURING leaves out
// the two ends, which are single moments: of INTERVAL('2024-03-01', '2024-03-31')
// the first and the last microsecond of March. T_INTERSECTS takes them in.
//
// Geometries are written in the axis order of their coordinate system, heights do not
// count, and a BBOX whose west is greater than its east crosses the antimeridian.
// Edges are straight lines in longitude and latitude. A row without a geometry meets
// neither a spatial function nor its NOT.
//
// # Design
//
// A condition of package data knows true and false only. So each part of an
// expression is compiled into two conditions, one for where it is true and one
// for where it is false; a row that meets neither has a value missing. NOT
// exchanges the two, AND and OR join them, and nothing has to be undone at the
// top.
//
// Text is limited in length and depth before anything is built of it, so that
// no input takes more than a moment or much of the stack.
package cql2
