// Package engine puts analyses together with a store: it reads parameters,
// makes the study area, has facts added up, runs the analysis and stamps the
// layer with where it comes from. A layer is made here and nowhere else.
//
// # Open data
//
// With [Options.MinCount] of k, layers and reports can be given to anybody: counts of
// 1 to k-1 reports of persons are not told, nor what would tell them (Hundepool and
// others 2012, Statistical Disclosure Control, chapter 5; Cox 1980, J. Am. Stat.
// Assoc. 75:377-385). What can be asked for is narrower, and what is computed is
// computed of told rows only:
//
//   - A row is not told where it has, in any month of the period, 1 to k-1 facts of
//     one of the counts behind the layer, or as few that are, or are not, of one of
//     its parts: late, open, void. A share of 199 in 200 would tell of the one. All
//     its columns are missing, whichever they are. Rows without facts are told as 0.
//   - Further rows are not told where totals would tell those: see package disclosure.
//     The pattern is made of all levels, or of all resolutions, whichever is asked
//     for, and of nothing but the facts. It is the same in every order of requests.
//   - Statistics that compare rows with their neighbours or with all others could be
//     solved for the counts behind them. So rows that are not told are left out of the
//     study area before anything is computed: a layer depends on told counts alone.
//     Totals are those of told rows. What lies in no row, where facts are, counts by
//     hour of the week, the quality of the data and the time of a first fact are left
//     out.
//   - Periods are whole months that are over, on the clocks of the city, and things are
//     judged as of the end of the last one. A row is told for several months where it
//     is for each, so that no two periods differ by less than a month that is told.
//   - Parameters that choose facts, or set a limit that they are counted by, are at
//     their defaults: category, channel, source, as-of, recorded, default locations,
//     compare, changes, limit-hours, horizon-days; steps of time are months. What remains changes
//     what is made of counts and no count.
//
// What then holds: of any count that is not told, the values it can have differ by k,
// for whoever has all layers of one question for all levels and periods. Questions
// differ by analysis, indicator and choices such as measure. This is not protected:
//
//   - Answers to different questions against each other: reports less cases is how many
//     were void. Cells against communities: a few cells may make up a street, all but
//     its rim. Cells of different resolutions are protected as if the coarser one held
//     the finer ones, which it does but for points near its edge.
//   - States of the store against each other: facts that come late, or are corrected,
//     change months that are over, and who asks before and after sees by how many.
//   - Quantiles and means of k facts and more are exact, and so is what a row expects
//     by its categories.
//   - Inspections and resources, which are acts and assets of authorities, and the
//     inhabitants of areas.
//   - That there are reports in a row that is not told, and that all reports of several
//     such rows are alike where none of them is of another kind.
//   - With k of 2 whoever knows the rule knows that a small count is 1: take 3 or more.
package engine
