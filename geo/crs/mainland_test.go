package crs

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// Places are given to two to four decimals, enough to put them on the right
// side; within a kilometre of the line to four.
func TestShiftedPlaces(t *testing.T) {
	f := func(place string, lon, lat float64) {
		t.Helper()
		p := orb.Point{lon, lat}
		if q := mustConvert(t, FromWGS84, GCJ02, p); !InMainland(p) || metresBetween(p, q) < 50 {
			t.Errorf("%s %v is put at %v, want it shifted", place, p, q)
		}
	}
	// The Pearl river.
	f("Shenzhen Futian", 114.055, 22.535)
	f("Shenzhen Luohu station", 114.1180, 22.5320)
	f("Shenzhen Huanggang", 114.0700, 22.5230)
	f("Shenzhen Liantang", 114.1700, 22.5660)
	f("Shenzhen Shatoujiao", 114.2350, 22.5570)
	f("Shenzhen Shekou", 113.915, 22.485)
	f("Shenzhen Yantian port", 114.270, 22.575)
	f("Shenzhen Nan'ao", 114.485, 22.535)
	f("Zhuhai Gongbei", 113.5490, 22.2210)
	f("Zhuhai Hengqin", 113.53, 22.13)
	f("Neilingding island", 113.80, 22.41)
	f("Wailingding island", 114.03, 22.11)
	// The coast.
	f("Dongxing", 107.97, 21.547)
	f("Weizhou island", 109.11, 21.04)
	f("Sanya", 109.51, 18.25)
	f("Yongxing island", 112.34, 16.83)
	f("Xiamen", 118.09, 24.48)
	f("Xiamen Wutong", 118.19, 24.52)
	f("Dadeng island", 118.33, 24.56)
	f("Nanri island", 119.50, 25.21)
	f("Pingtan", 119.79, 25.50)
	f("Huangqi", 119.88, 26.33)
	f("Zhoushan", 122.20, 30.00)
	f("Shengsi", 122.45, 30.73)
	f("Chengshan", 122.69, 37.39)
	f("Donggang", 124.15, 39.87)
	// The land border, clockwise from Korea.
	f("Dandong", 124.39, 40.13)
	f("Dandong new district", 124.349, 39.999)
	f("Ji'an", 126.19, 41.125)
	f("Linjiang", 126.92, 41.81)
	f("Changbai", 128.20, 41.42)
	f("Yanji", 129.51, 42.89)
	f("Tumen", 129.84, 42.968)
	f("Hunchun", 130.366, 42.863)
	f("Suifenhe", 131.15, 44.40)
	f("Fuyuan", 134.30, 48.36)
	f("Heihe", 127.49, 50.245)
	f("Mohe Beiji", 122.36, 53.485)
	f("Manzhouli", 117.43, 49.59)
	f("Erenhot", 111.98, 43.65)
	f("Jeminay", 85.87, 47.43)
	f("Tacheng", 82.98, 46.75)
	f("Alashankou", 82.57, 45.17)
	f("Khorgas", 80.42, 44.21)
	f("Kashgar", 75.99, 39.47)
	f("Tashkurgan", 75.23, 37.77)
	f("Burang", 81.18, 30.29)
	f("Lhasa", 91.11, 29.65)
	f("Yadong", 88.91, 27.48)
	f("Cona", 91.96, 27.99)
	f("Gongshan", 98.67, 27.74)
	f("Ruili", 97.85, 24.01)
	f("Wanding", 98.07, 24.09)
	f("Mohan", 101.69, 21.20)
	f("Hekou", 103.955, 22.53)
	f("Pingxiang", 106.75, 22.10)
}

func TestUnshiftedPlaces(t *testing.T) {
	f := func(place string, lon, lat float64) {
		t.Helper()
		p := orb.Point{lon, lat}
		if q := mustConvert(t, FromWGS84, GCJ02, p); InMainland(p) || q != p {
			t.Errorf("%s %v is put at %v, want it left alone", place, p, q)
		}
	}
	f("Hong Kong Central", 114.158, 22.281)
	f("Sha Tin", 114.19, 22.38)
	f("Yuen Long", 114.03, 22.445)
	f("Sheung Shui", 114.128, 22.502)
	f("Lo Wu station", 114.1130, 22.5280)
	f("Lok Ma Chau station", 114.0660, 22.5135)
	f("Lok Ma Chau control point", 114.0745, 22.5110)
	f("Mai Po", 114.040, 22.490)
	f("Sha Tau Kok", 114.2235, 22.5455)
	f("Tai O", 113.86, 22.254)
	f("Tung Ping Chau", 114.435, 22.540)
	f("Po Toi", 114.26, 22.165)
	f("Macau", 113.5436, 22.1987)
	f("Macau, Areia Preta", 113.555, 22.212)
	f("Taipa", 113.56, 22.155)
	f("Coloane", 113.5530, 22.1170)
	f("Taipei", 121.56, 25.04)
	f("Kaohsiung", 120.30, 22.62)
	f("Penghu", 119.57, 23.57)
	f("Kinmen", 118.32, 24.43)
	f("Kinmen, Mashan", 118.410, 24.526)
	f("Lieyu", 118.235, 24.430)
	f("Matsu, Nangan", 119.94, 26.16)
	f("Matsu, Dongyin", 120.49, 26.37)
	f("Wuqiu", 119.45, 24.985)
	f("Pratas", 116.72, 20.70)
	f("Ulaanbaatar", 106.92, 47.92)
	f("Zamyn-Uud", 111.907, 43.715)
	f("Zabaikalsk", 117.327, 49.650)
	f("Blagoveshchensk", 127.527, 50.262)
	f("Khabarovsk", 135.07, 48.48)
	f("Vladivostok", 131.89, 43.12)
	f("Pyongyang", 125.75, 39.03)
	f("Sinuiju", 124.40, 40.10)
	f("Hyesan", 128.18, 41.40)
	f("Seoul", 126.98, 37.57)
	f("Tokyo", 139.70, 35.70)
	f("Hanoi", 105.85, 21.03)
	f("Mong Cai", 107.967, 21.527)
	f("Lao Cai", 103.97, 22.485)
	f("Muse", 97.905, 23.985)
	f("Myitkyina", 97.40, 25.38)
	f("Tawang", 91.87, 27.59)
	f("Thimphu", 89.64, 27.47)
	f("Gangtok", 88.61, 27.33)
	f("Kathmandu", 85.32, 27.71)
	f("Leh", 77.58, 34.15)
	f("Murghab", 73.97, 38.17)
	f("Bishkek", 74.60, 42.87)
	f("Almaty", 76.89, 43.24)
	f("Khorgos in Kazakhstan", 80.36, 44.19)
	f("Boston", -71.06, 42.36)
}

func TestNowhereIsOutside(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64} {
		if InMainland(orb.Point{v, 30}) || InMainland(orb.Point{110, v}) {
			t.Errorf("InMainland with a coordinate of %v = true, want false", v)
		}
	}
}

// The grid and its rows say the same as counting all edges.
func TestRegionAgreesWithAllEdges(t *testing.T) {
	var edges []edge
	for _, ring := range mainlandRings() {
		for i, a := range ring {
			b := ring[(i+1)%len(ring)]
			if a.lat > b.lat {
				a, b = b, a
			}
			edges = append(edges, edge{a, b})
		}
	}
	for _, p := range scatter(50_000) {
		if got, want := InMainland(p), oddCrossings(edges, p[0], p[1]); got != want {
			t.Errorf("InMainland(%v) = %v, want %v", p, got, want)
		}
	}
}

// No two sides of the outline cross, within a ring or between rings.
func TestOutlineDoesNotCrossItself(t *testing.T) {
	var sides [][2]vertex
	for _, ring := range mainlandRings() {
		for i, a := range ring {
			sides = append(sides, [2]vertex{a, ring[(i+1)%len(ring)]})
		}
	}
	turn := func(a, b, c vertex) float64 {
		return (b.lon-a.lon)*(c.lat-a.lat) - (b.lat-a.lat)*(c.lon-a.lon)
	}
	for i, s := range sides {
		for _, o := range sides[:i] {
			if turn(s[0], s[1], o[0])*turn(s[0], s[1], o[1]) < 0 &&
				turn(o[0], o[1], s[0])*turn(o[0], o[1], s[1]) < 0 {
				t.Errorf("sides %v and %v cross", s, o)
			}
		}
	}
}

// The land area of China is 9.6 million km² by its statistical yearbook; the
// outline adds coastal waters of less than a tenth of that.
func TestOutlineHoldsTheAreaOfTheCountry(t *testing.T) {
	area := 0.0
	const step = 0.1
	for lat := 15.0 + step/2; lat < 54; lat += step {
		side := 111.2 * step // km
		for lon := 72.0 + step/2; lon < 136; lon += step {
			if InMainland(orb.Point{lon, lat}) {
				area += side * side * math.Cos(radians(lat))
			}
		}
	}
	t.Logf("%.2f million km²", area/1e6)
	if area < 9.4e6 || area > 10.6e6 {
		t.Errorf("the outline holds %.2f million km², want 9.4 to 10.6", area/1e6)
	}
}
