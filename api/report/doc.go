// Package report prints the tables that planners publish: as a workbook, as
// pages for the printer and as CSV, in English, simplified or traditional
// Chinese.
//
// It computes nothing: cells are numbers as the engine made them, and are
// rounded here. Points have two decimals and shares are percent, in a workbook
// by the format of the cell, so that the number itself stays whole; CSV, which
// machines read, has six decimals and shares from 0 to 1.
//
// # Conventions
//
// No data is a dash or, in CSV, the empty cell, and never 0. Scores of the matrix
// that rest on fewer facts than are asked for are marked on pages (°) and set in
// italics in a workbook; elsewhere the status says so, by colour, sign and word.
//
// Text comes from files of others and is never a formula: cells of a workbook
// are of the type text, and in CSV an apostrophe stands before a sign that would
// begin one (OWASP, CSV Injection).
//
// Pages are one file each, with nothing to fetch and no script.
package report
