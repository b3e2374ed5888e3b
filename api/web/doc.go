// Package web draws the first page: a map as SVG, its legend, figures, a ranking
// and a table of weekdays and hours. Everything is made on the server and works
// without a script; nothing is fetched from elsewhere.
//
// It computes nothing. It is handed a layer and writes what is in it, in
// English, simplified or traditional Chinese.
//
// # Conventions
//
// Elements that tests and other programs look for carry data-testid; body says
// data-state (ready, error) and data-renderer (svg). There is no inline style
// and no inline script, so the page runs under [Policy].
//
// The colour of the legend is the colour on the map: no fill is transparent.
// Status is told by colour, shape and word.
package web
