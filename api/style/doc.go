// Package style writes the legend of a layer as a style: for MapLibre as a style
// document of version 8 that draws vector tiles, for QGIS as QML that draws
// features.
//
// Colours are those of the legend and cover what lies below: a fill one can see
// through would show a colour that the legend does not have. Cells of one class
// stay apart by thin pale lines.
//
// # Design
//
// Both ask for the class of a row as [analytics.Legend] does: the first class
// that holds the row, where rows without a value are those of the class no_data.
// A row of no class is not drawn. The bounds of a legend belong to the resolution
// it was made at; tiles at other zooms are coloured by the same, so that a colour
// means one number at all zooms.
package style
