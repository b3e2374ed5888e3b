// Package web makes the first page: a map, its legend, figures, a ranking and a table of
// weekdays and hours. All of it is made on the server and works without a script; nothing
// is fetched from elsewhere.
//
// It computes nothing. It is handed a layer and writes what is in it, in
// English, simplified or traditional Chinese.
//
// # Design
//
// The address of the page is its state, and the server makes the whole page for every
// state. The script in static/app.mjs adds no second way to make any of it: it fetches the
// next page and puts its parts in place of those shown, after static/map.mjs has loaded
// the tiles, so that map, legend and figures change together. The map is MapLibre GL JS
// with the tiles and the style that the service has for every map program. It is there
// where npm put the library under static/vendor before the build, and where the browser
// has WebGL; elsewhere stands the map as SVG.
//
// # Conventions
//
// Elements that tests and other programs look for carry data-testid; body says
// data-state (loading, ready, error) and data-renderer (svg, webgl). There is no inline
// style and no inline script, so the page runs under [Policy].
//
// The colour of the legend is the colour on the map: no fill is transparent.
// Status is told by colour, shape and word.
package web
