// Package pack holds the indicators and calendars that come with the program:
// one file a pack, with the standard or custom that each definition follows,
// and examples that a reader can work out by hand.
//
// No number of a city or edition stands in code. Limits, weights, targets,
// windows and words are settings of the pack with a default; where the text of
// a standard was not at hand the definition says so. A city that needs more
// than other settings writes definitions of its own.
//
// # Design
//
// A pack is a file and nothing else: adding one needs no line of code. The name
// of the file is the name of the pack. Calendars lie in the folder calendars,
// each in a file named for it. Public holidays lie one file a year in a folder
// there that is named like a calendar's name up to its first hyphen: cn for
// cn-work. They are written from the notices and not copied from elsewhere.
package pack
