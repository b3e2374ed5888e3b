package crs

import (
	"slices"
	"strconv"
	"strings"
)

// Parse returns the System that a name stands for. It reads the names of
// String and their usual spellings in any case ("GCJ-02", "WGS 84", "web
// mercator"), EPSG codes ("EPSG:4326", "epsg 4490", "3857") and the URN and
// URL forms of the OGC ("urn:ogc:def:crs:OGC:1.3:CRS84",
// "http://www.opengis.net/def/crs/EPSG/0/4326").
//
// EPSG:4326 and EPSG:4490 put latitude first and CRS84 longitude first; here
// that makes no difference, because files are read by named columns and every
// point is (longitude, latitude).
//
// Any other code or well-known name is refused with an *UnsupportedError that
// names it, and anything else with an *UnknownError that suggests names.
func Parse(name string) (System, error) {
	text := strings.ToLower(strings.TrimSpace(name))
	if authority, code, ok := splitCode(text); ok {
		return parseCode(authority, code, name)
	}
	word := letters(text)
	if s, ok := systemOfWord(word); ok {
		return s, nil
	}
	if refused, ok := refusedWord(word); ok {
		refused.Name = strings.TrimSpace(name)
		return 0, &refused
	}
	return 0, &UnknownError{Name: name, Suggestions: suggest(word)}
}

// splitCode takes an authority and a code from lower-case text: a URN or URL of the
// OGC, "authority:code", "epsg 4326", "epsg4326" or a bare number.
func splitCode(text string) (authority, code string, ok bool) {
	if rest, found := strings.CutPrefix(text, "urn:ogc:def:crs:"); found {
		return firstAndLast(strings.Split(rest, ":"))
	}
	for _, scheme := range []string{"http://", "https://"} {
		if rest, found := strings.CutPrefix(text, scheme+"www.opengis.net/def/crs/"); found {
			return firstAndLast(strings.Split(strings.TrimSuffix(rest, "/"), "/"))
		}
	}
	if authority, code, found := strings.Cut(text, ":"); found {
		return strings.TrimSpace(authority), strings.Trim(code, ": "), true
	}
	if rest, found := strings.CutPrefix(text, "epsg"); found {
		return "epsg", strings.Trim(rest, " -_"), true
	}
	if _, err := strconv.ParseUint(text, 10, 32); err == nil {
		return "epsg", text, true
	}
	return "", "", false
}

func firstAndLast(fields []string) (first, last string, ok bool) {
	return fields[0], fields[len(fields)-1], len(fields) > 1
}

// parseCode finds the System of a code, or says why there is none. given is
// the name as the caller wrote it.
func parseCode(authority, code, given string) (System, error) {
	if authority == "ogc" && code == "crs84" || authority == "crs" && code == "84" {
		return WGS84, nil
	}
	number, err := strconv.ParseUint(code, 10, 32)
	if err != nil || authority != "epsg" && authority != "esri" {
		return 0, &UnknownError{Name: given, Suggestions: suggest(letters(given))}
	}
	switch authority + ":" + strconv.FormatUint(number, 10) {
	case "epsg:4326":
		return WGS84, nil
	case "epsg:4490":
		return CGCS2000, nil
	case "epsg:3857", "epsg:3785", "epsg:900913", "esri:102100", "esri:102113":
		return WebMercator, nil
	}
	refused := UnsupportedError{Name: strings.ToUpper(authority) + ":" + strconv.FormatUint(number, 10)}
	if authority == "epsg" {
		refused.Title, refused.Kind = titleOf(int(number))
	}
	return 0, &refused
}

// letters keeps the lower-case letters and digits of a name, so that
// "GCJ-02", "gcj 02" and "gcj_02" are one.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 0x7f {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

func systemOfWord(word string) (System, bool) {
	switch word {
	case "wgs84", "wgs1984", "crs84", "gps", "worldgeodeticsystem1984":
		return WGS84, true
	case "cgcs2000", "cgcs", "国家2000", "2000国家大地坐标系":
		return CGCS2000, true
	case "gcj02", "gcj2", "gcj", "火星坐标", "火星坐标系":
		return GCJ02, true
	case "bd09", "bd9", "bd09ll", "百度坐标", "百度坐标系":
		return BD09, true
	case "webmercator", "pseudomercator", "wgs84pseudomercator", "googlemercator", "sphericalmercator":
		return WebMercator, true
	}
	return 0, false
}

// suggest returns the names of every System, the one with the fewest edits
// from word first.
func suggest(word string) []string {
	var names []string
	for _, s := range Systems() {
		names = append(names, s.String())
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return edits(word, letters(a)) - edits(word, letters(b))
	})
	return names
}

// edits returns how many bytes must be added, dropped or replaced to turn a
// into b (Levenshtein 1966). Only the first 64 bytes of a count.
func edits(a, b string) int {
	a = a[:min(len(a), 64)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
