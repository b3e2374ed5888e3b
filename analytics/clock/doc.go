// Package clock counts the time that service levels are written in: how much
// of a limit has passed between two moments, and when it will have passed.
//
// A [Limit] is an amount of a [Unit]: 紧急工作时 run through nights and
// holidays, 工作时 only while the office is open, 工作日 and 自然日 are days as
// the calendar declares them. A [Calendar] is built from a [File] and from one
// file of public holidays per year ([ParseHolidays]). [Calendar.Deadline] and
// [Calendar.Elapsed] are inverse to each other, and [Calendar.Explain] prints
// every interval that was counted or skipped, and by which rule.
//
// It knows nothing of cases, datasets or indicators. An extension (延期) is
// another limit; which events start and stop the clock is the caller's affair.
//
// # Conventions
//
// Times are taken in whole microseconds; what is finer is dropped. Results are
// in the zone of the calendar. A stretch of time leaves out its first instant
// and includes its last: what is counted between a and b and between b and c
// adds up to what is counted between a and c, whatever b is. So a limit that is
// used up when the office closes ends at closing time, not when it opens again.
//
// Hours are what the clock on the wall reads: an instant counts if, on that
// date in that zone, the clock reads a time within the hours. Where the clock
// is set forward the skipped time is not there, where it is set back it is there
// twice. Continuous units count real time.
//
// A counted duration is the same kind of number for all units. A day that is
// counted at its end is worth the hours declared for a working day, or 24 for
// a natural one, in the instant it ends.
//
// A Calendar does not change and is safe for concurrent use.
//
// # Design
//
// No data is not a guess. A year without a file is refused by name, and so is
// December until the file of the next year is there: the holiday of the New
// Year has begun on 30 December and has been paid for by working on the 29th
// (the files of 2007, 2008, 2012, 2019 and 2023 all hold days of the December
// before). Where nothing of the kind can happen the calendar says year_end:
// own_file. Continuous units ask for no data and are never refused.
//
// One table, looked up twice. What a unit counts lies in a table per year: ends
// of intervals and the sum before each. Elapsed is a difference of two sums,
// Deadline a search for a sum; both are walks over the same stretches between
// pauses, so they cannot disagree about what a pause or a holiday is. Tables
// are made when a year is first asked for. A day that is counted at its end is
// an interval without length, so that days, hours and pauses need one rule: a
// day is lost to a pause if the pause covers the instant the day ends.
//
// Whole numbers. Amounts are millionths of a unit, and units whole seconds, so
// every limit is a whole number of microseconds and half an hour twice is an
// hour.
//
// Explain walks the table entry by entry and does no sums of its own; that its
// counted steps add up to the limit is a test of the sums.
package clock
