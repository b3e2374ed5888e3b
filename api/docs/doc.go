// Package docs is the manual that is in the program: pages written in Markdown, shown to
// people in the frame of package page, and the notices of the modules that a build is
// made of.
//
// A page is a file of a language's folder under text; [Sections] lists them in the order
// of the index. English has every page, other languages some; where one has not, the
// English page is shown. Links between pages name files, such as hotspot.md#small-numbers,
// so that they work wherever the files are read.
//
// # Design
//
// What a page claims is run. Blocks of csv, geojson and yaml whose fence names a file are
// the files that commands of the page work on; blocks of console are commands with what
// they print; blocks of calc are arithmetic to redo in a spreadsheet, of which a line may
// say that the program prints the same number. Tests of cmd/civgrid do all of it, for the
// README too. So the pages hold no numbers that nobody has computed.
package docs
