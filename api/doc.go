// Package api says how things are seen: it holds the nouns that formats, the
// OGC interface, the web page and the server share.
//
// It has no place for handlers, formats or arithmetic: those are the folders
// below. What comes in is read strictly ([ParseQuery]); what goes wrong is told
// as a problem ([Problem], RFC 9457), and problem.go is the only place that
// turns errors into status codes.
//
// # Conventions
//
// A share is a number from 0 to 1 and a duration a number of seconds wherever
// machines read; percent, minutes and days exist on screen only ([Show]).
// Links are absolute where clients need them to be: QGIS drops a layer whose
// landing page has relative links.
package api
