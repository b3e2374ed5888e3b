// Package inspect draws the page that inspectors carry: the stops of a day as a
// list, a map below it, and a sheet for printing. It computes nothing: it is
// handed an itinerary and writes what is in it, in English, simplified or
// traditional Chinese.
//
// # Conventions
//
// The page is whole without a script: places, reasons, links and the map are
// made on the server. The script adds what only the device knows: how far it is,
// what to record, and what to keep while there is no network. It comes from the
// service alone and runs under [Policy].
//
// Elements that tests and other programs look for carry data-testid; body says
// data-state (loading, ready, error). Status is told by words, never by colour
// alone.
//
// # Coordinates
//
// Everything is WGS 84 but for links to map services, which say in which system
// their coordinates are, or are known to take one only: see navigate.go. The
// shifts are made here, by geo/crs, and not by the script, so that they are those
// of the rest of the program.
//
// # Recording
//
// The script makes the id of a record itself and keeps it on the device until the
// service has it: PUT under that id with If-None-Match: * is kept once, however
// often it is sent (RFC 9110, section 13.1.2). 412 says that an earlier attempt
// arrived, whose answer was lost. Times are those of the device, put right by
// how far its clock is off that of the service.
package inspect
