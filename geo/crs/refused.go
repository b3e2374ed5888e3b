package crs

import "fmt"

// The kinds of systems that are refused.
const (
	kindProjected  = "projected"
	kindGeographic = "geographic"
)

// family is a run of EPSG codes whose titles differ only in a number.
type family struct {
	first, last int
	format      string // of the title, with one %d
	start, step int    // the number of the first code, and what each next adds
}

// families lists runs of projected systems of the EPSG register that city
// files come in.
func families() []family {
	return []family{
		{2327, 2337, "Xian 1980 / Gauss-Kruger zone %d", 13, 1},
		{2338, 2348, "Xian 1980 / Gauss-Kruger CM %dE", 75, 6},
		{2349, 2369, "Xian 1980 / 3-degree Gauss-Kruger zone %d", 25, 1},
		{2370, 2390, "Xian 1980 / 3-degree Gauss-Kruger CM %dE", 75, 3},
		{2401, 2421, "Beijing 1954 / 3-degree Gauss-Kruger zone %d", 25, 1},
		{2422, 2442, "Beijing 1954 / 3-degree Gauss-Kruger CM %dE", 75, 3},
		{4491, 4501, "CGCS2000 / Gauss-Kruger zone %d", 13, 1},
		{4502, 4512, "CGCS2000 / Gauss-Kruger CM %dE", 75, 6},
		{4513, 4533, "CGCS2000 / 3-degree Gauss-Kruger zone %d", 25, 1},
		{4534, 4554, "CGCS2000 / 3-degree Gauss-Kruger CM %dE", 75, 3},
		{21413, 21423, "Beijing 1954 / Gauss-Kruger zone %d", 13, 1},
		{25828, 25838, "ETRS89 / UTM zone %dN", 28, 1},
		{26901, 26923, "NAD83 / UTM zone %dN", 1, 1},
		{32601, 32660, "WGS 84 / UTM zone %dN", 1, 1},
		{32701, 32760, "WGS 84 / UTM zone %dS", 1, 1},
	}
}

// titleOf returns the title of an EPSG code in the register and whether it is
// projected or geographic; both are empty for a code not listed here.
func titleOf(code int) (title, kind string) {
	if title := projectedTitle(code); title != "" {
		return title, kindProjected
	}
	if title := geographicTitle(code); title != "" {
		return title, kindGeographic
	}
	for _, f := range families() {
		if code >= f.first && code <= f.last {
			return fmt.Sprintf(f.format, f.start+(code-f.first)*f.step), kindProjected
		}
	}
	return "", ""
}

func projectedTitle(code int) string { //nolint:funlen // a table
	switch code {
	case 2154:
		return "RGF93 v1 / Lambert-93"
	case 2227:
		return "NAD83 / California zone 3 (ftUS)"
	case 2229:
		return "NAD83 / California zone 5 (ftUS)"
	case 2230:
		return "NAD83 / California zone 6 (ftUS)"
	case 2248:
		return "NAD83 / Maryland (ftUS)"
	case 2249:
		return "NAD83 / Massachusetts Mainland (ftUS)"
	case 2263:
		return "NAD83 / New York Long Island (ftUS)"
	case 2272:
		return "NAD83 / Pennsylvania South (ftUS)"
	case 2276:
		return "NAD83 / Texas North Central (ftUS)"
	case 2278:
		return "NAD83 / Texas South Central (ftUS)"
	case 2285:
		return "NAD83 / Washington North (ftUS)"
	case 2326:
		return "Hong Kong 1980 Grid System"
	case 3395:
		return "WGS 84 / World Mercator"
	case 3414:
		return "SVY21 / Singapore TM"
	case 3435:
		return "NAD83 / Illinois East (ftUS)"
	case 3825:
		return "TWD97 / TM2 zone 119"
	case 3826:
		return "TWD97 / TM2 zone 121"
	case 6491:
		return "NAD83(2011) / Massachusetts Mainland"
	case 6492:
		return "NAD83(2011) / Massachusetts Mainland (ftUS)"
	case 26985:
		return "NAD83 / Maryland"
	case 26986:
		return "NAD83 / Massachusetts Mainland"
	case 27700:
		return "OSGB36 / British National Grid"
	case 32118:
		return "NAD83 / New York Long Island"
	}
	return ""
}

func geographicTitle(code int) string {
	switch code {
	case 3824:
		return "TWD97"
	case 4214:
		return "Beijing 1954"
	case 4258:
		return "ETRS89"
	case 4267:
		return "NAD27"
	case 4269:
		return "NAD83"
	case 4277:
		return "OSGB36"
	case 4301:
		return "Tokyo"
	case 4555:
		return "New Beijing"
	case 4610:
		return "Xian 1980"
	case 4611:
		return "Hong Kong 1980"
	case 6318:
		return "NAD83(2011)"
	case 6668:
		return "JGD2011"
	}
	return ""
}

// refusedWord returns why a well-known name without a code is refused. word
// is as letters leaves it; the Name of the error is left to the caller.
func refusedWord(word string) (UnsupportedError, bool) {
	projected := func(title string) (UnsupportedError, bool) {
		return UnsupportedError{Title: title, Kind: kindProjected}, true
	}
	geographic := func(title string) (UnsupportedError, bool) {
		return UnsupportedError{Title: title, Kind: kindGeographic}, true
	}
	switch word {
	case "bd09mc", "baidumercator":
		return projected("Baidu's own Mercator, metres")
	case "gausskruger", "gausskrueger":
		return projected("Gauss-Kruger, zone unknown")
	case "utm":
		return projected("Universal Transverse Mercator, zone unknown")
	case "stateplane":
		return projected("State Plane, zone unknown")
	case "osgb", "osgb36", "bng", "britishnationalgrid":
		return projected("British National Grid")
	case "twd97":
		return projected("TWD97 / TM2")
	case "hk1980", "hk80", "hongkong1980grid":
		return projected("Hong Kong 1980 Grid System")
	case "lambert93":
		return projected("RGF93 v1 / Lambert-93")
	case "nad83":
		return geographic("North American Datum 1983")
	case "nad27":
		return geographic("North American Datum 1927")
	case "etrs89":
		return geographic("European Terrestrial Reference System 1989")
	case "beijing54", "beijing1954", "bj54", "北京54":
		return geographic("Beijing 1954")
	case "xian80", "xian1980", "西安80":
		return geographic("Xian 1980")
	}
	return UnsupportedError{}, false
}
