// Package contrast makes the difference layer of an analysis: what each row came to in
// a period and in the one it is compared with, how it changed, and whether that is
// more than chance.
//
// Rows are tested one by one by the test that the analysis names: shares by Fisher's
// exact test with the interval of Newcombe (1998, Stat. Med. 17:873-890, method 10),
// events in a time by the exact conditional test (Przyborowski and Wilenski 1940,
// Biometrika 31:313-323), means by that of Welch (1947, Biometrika 34:28-35). Of
// thousands of rows some change by chance alone, so that a row is said to have changed
// by its q-value (Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57:289-300).
//
// # Design
//
// A layer and that of the same periods swapped are mirror images to the last bit. So
// every test is computed with the period first that begins first, and is mirrored
// where that is the wrong way round.
//
// Rows that could not come out significant whatever happened are not tested, which
// leaves more to the others: shares and means of too few facts, and events of which
// there are so few in both periods together that not even all of them in one would
// be a sign (Tarone 1990, Biometrics 46:515-522).
package contrast
