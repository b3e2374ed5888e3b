package route

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/encode"
)

// writeTable writes an itinerary for people.
func writeTable(w io.Writer, it *analytics.Itinerary) error {
	var b strings.Builder
	fmt.Fprintln(&b, title(it))
	for _, line := range summary(it) {
		fmt.Fprintln(&b, line)
	}
	if len(it.Stops) > 0 {
		fmt.Fprintf(&b, "\n%3s  %-5s  %-15s  %7s  %8s  %-7s  %s\n", "", "", "cell", "m on", "expected", "from-to", "why")
	}
	for i, s := range it.Stops {
		fmt.Fprintf(&b, "%3d  %s  %s  %7.0f  %8.2f  %-7s  %s: %s\n", i+1, clock(s.Arrive), s.Cell, s.Metres, s.Expected,
			fmt.Sprintf("%d-%d", s.Low, s.High), printable(place(s)), reasons(it, s))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printable takes control characters out of text that comes from files: they
// could move a terminal's cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if strconv.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
}

// writeCSV writes comma-separated values (RFC 4180) in UTF-8, a row for each
// stop.
func writeCSV(w io.Writer, it *analytics.Itinerary) error {
	b := []byte("stop,arrive,cell,lon,lat,community,name,drawn,metres,expected,low,high,reasons\r\n")
	for i, s := range it.Stops {
		for _, cell := range []string{
			strconv.Itoa(i + 1), s.Arrive.Format(time.RFC3339), s.Cell.String(), degrees(s.Lon), degrees(s.Lat), s.Community, s.Names.In("en"),
			strconv.FormatBool(s.Drawn), strconv.FormatFloat(s.Metres, 'f', 0, 64), strconv.FormatFloat(s.Expected, 'g', 6, 64), strconv.Itoa(s.Low), strconv.Itoa(s.High),
		} {
			if isNumber(cell) {
				b = append(b, cell...) // a western longitude is no formula
			} else {
				b = encode.AppendText(b, cell)
			}
			b = append(b, ',')
		}
		b = append(encode.AppendText(b, reasons(it, s)), '\r', '\n')
	}
	_, err := w.Write(b)
	return err
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}
