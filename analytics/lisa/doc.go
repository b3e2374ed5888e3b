// Package lisa answers: is a busy place one of a busy quarter, or does it stand out
// from a quiet one?
//
// Where package hotspot asks whether a row and its neighbours together are high,
// local Moran compares the row with its neighbours: high among high and low among
// low are clusters, high among low and low among high are outliers. An inspector
// goes to a single bad point otherwise than to a bad quarter.
package lisa
