package crs

import (
	"errors"
	"strings"
	"testing"
)

func TestParseReadsEverySpelling(t *testing.T) {
	f := func(name string, want System) {
		t.Helper()
		if got, err := Parse(name); err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v, want %v", name, got, err, want)
		}
	}
	for _, s := range Systems() {
		f(s.String(), s)
		f(strings.ToUpper(s.String()), s)
	}
	f("epsg:4326", WGS84)
	f(" EPSG:4326 ", WGS84)
	f("EPSG::4326", WGS84)
	f("epsg 4326", WGS84)
	f("4326", WGS84)
	f("WGS 84", WGS84)
	f("wgs-84", WGS84)
	f("CRS84", WGS84)
	f("OGC:CRS84", WGS84)
	f("CRS:84", WGS84)
	f("urn:ogc:def:crs:OGC:1.3:CRS84", WGS84)
	f("urn:ogc:def:crs:EPSG::4326", WGS84)
	f("urn:ogc:def:crs:EPSG:6.9:4326", WGS84)
	f("http://www.opengis.net/def/crs/OGC/1.3/CRS84", WGS84)
	f("https://www.opengis.net/def/crs/EPSG/0/4326", WGS84)
	f("EPSG:4490", CGCS2000)
	f("CGCS 2000", CGCS2000)
	f("urn:ogc:def:crs:EPSG::4490", CGCS2000)
	f("GCJ-02", GCJ02)
	f("gcj_02", GCJ02)
	f("BD-09", BD09)
	f("bd09ll", BD09)
	f("EPSG:3857", WebMercator)
	f("Web Mercator", WebMercator)
	f("WGS 84 / Pseudo-Mercator", WebMercator)
	f("EPSG:900913", WebMercator)
	f("ESRI:102100", WebMercator)
}

func TestParseRefusesByName(t *testing.T) {
	f := func(name, wantName, wantTitle, wantKind string) {
		t.Helper()
		_, err := Parse(name)
		var refused *UnsupportedError
		if !errors.As(err, &refused) {
			t.Errorf("Parse(%q) error = %v, want an *UnsupportedError", name, err)
			return
		}
		if refused.Name != wantName || refused.Title != wantTitle || refused.Kind != wantKind {
			t.Errorf("Parse(%q) refused %+v, want %q, %q, %q", name, *refused, wantName, wantTitle, wantKind)
		}
		if refused.Title != "" && !strings.Contains(err.Error(), wantTitle) {
			t.Errorf("Parse(%q) says %q, want the title in it", name, err)
		}
	}
	// Titles as in the EPSG register.
	f("EPSG:2249", "EPSG:2249", "NAD83 / Massachusetts Mainland (ftUS)", "projected")
	f("epsg 3435", "EPSG:3435", "NAD83 / Illinois East (ftUS)", "projected")
	f("urn:ogc:def:crs:EPSG::2263", "EPSG:2263", "NAD83 / New York Long Island (ftUS)", "projected")
	f("26986", "EPSG:26986", "NAD83 / Massachusetts Mainland", "projected")
	f("EPSG:27700", "EPSG:27700", "OSGB36 / British National Grid", "projected")
	f("EPSG:3826", "EPSG:3826", "TWD97 / TM2 zone 121", "projected")
	f("EPSG:4513", "EPSG:4513", "CGCS2000 / 3-degree Gauss-Kruger zone 25", "projected")
	f("EPSG:4526", "EPSG:4526", "CGCS2000 / 3-degree Gauss-Kruger zone 38", "projected")
	f("EPSG:4534", "EPSG:4534", "CGCS2000 / 3-degree Gauss-Kruger CM 75E", "projected")
	f("EPSG:4547", "EPSG:4547", "CGCS2000 / 3-degree Gauss-Kruger CM 114E", "projected")
	f("EPSG:4554", "EPSG:4554", "CGCS2000 / 3-degree Gauss-Kruger CM 135E", "projected")
	f("EPSG:2437", "EPSG:2437", "Beijing 1954 / 3-degree Gauss-Kruger CM 120E", "projected")
	f("EPSG:32619", "EPSG:32619", "WGS 84 / UTM zone 19N", "projected")
	f("EPSG:32756", "EPSG:32756", "WGS 84 / UTM zone 56S", "projected")
	f("EPSG:25832", "EPSG:25832", "ETRS89 / UTM zone 32N", "projected")
	f("EPSG:4269", "EPSG:4269", "NAD83", "geographic")
	f("EPSG:4267", "EPSG:4267", "NAD27", "geographic")
	f("EPSG:65000", "EPSG:65000", "", "")
	f("ESRI:102686", "ESRI:102686", "", "")
	f("bd09mc", "bd09mc", "Baidu's own Mercator, metres", "projected")
	f("State Plane", "State Plane", "State Plane, zone unknown", "projected")
	f("NAD83", "NAD83", "North American Datum 1983", "geographic")
}

func TestParseSuggestsNames(t *testing.T) {
	f := func(name, first string) {
		t.Helper()
		_, err := Parse(name)
		var unknown *UnknownError
		if !errors.As(err, &unknown) {
			t.Errorf("Parse(%q) error = %v, want an *UnknownError", name, err)
			return
		}
		if unknown.Name != name || len(unknown.Suggestions) != len(Systems()) || unknown.Suggestions[0] != first {
			t.Errorf("Parse(%q) = %+v, want every system and %q first", name, *unknown, first)
		}
	}
	f("gcj20", "gcj02")
	f("bd-9x", "bd09")
	f("wsg84", "wgs84")
	f("cgcs200", "cgcs2000")
	f("", "bd09")
	f("epsg:385x", "epsg:3857")
}

func TestRefusalReadsWell(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		if _, err := Parse(name); err == nil || err.Error() != want {
			t.Errorf("Parse(%q) error = %v, want %s", name, err, want)
		}
	}
	f("EPSG:2249", "EPSG:2249 (NAD83 / Massachusetts Mainland (ftUS)) is projected and not read yet; "+
		"export the file as WGS 84")
	f("EPSG:4267", "EPSG:4267 (NAD27) has another datum than WGS 84 and is not read yet; export the file as WGS 84")
	f("EPSG:65000", "EPSG:65000 is not read yet; export the file as WGS 84")
	f("mars", `coordinate system "mars" is not known; use one of bd09, wgs84, gcj02, cgcs2000, epsg:3857`)
}

func TestTextForm(t *testing.T) {
	for _, s := range Systems() {
		text, err := s.MarshalText()
		if err != nil {
			t.Fatalf("%v.MarshalText: %v", s, err)
		}
		var back System
		if err := back.UnmarshalText(text); err != nil || back != s {
			t.Errorf("text form of %v read back as %v, %v", s, back, err)
		}
		if s.Title() == "" || strings.HasSuffix(s.Title(), ".") {
			t.Errorf("%v.Title() = %q, want one line without a full stop", s, s.Title())
		}
	}
	none := System(200)
	if _, err := none.MarshalText(); err == nil || none.String() != "System(200)" || none.Title() != "System(200)" {
		t.Errorf("System(200) is written as %q, title %q", none, none.Title())
	}
	if err := none.UnmarshalText([]byte("mars")); err == nil || none != 200 {
		t.Errorf("reading mars gave %v, %v, want an error and no change", none, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "epsg:", ":", "urn:ogc:def:crs:", "http://www.opengis.net/def/crs/", "4326", "火星"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		s, err := Parse(name)
		if err != nil {
			if err.Error() == "" {
				t.Errorf("Parse(%q) has an empty error", name)
			}
			return
		}
		if back, err := Parse(s.String()); err != nil || back != s {
			t.Errorf("Parse(%q) = %v, which reads back as %v, %v", name, s, back, err)
		}
	})
}
