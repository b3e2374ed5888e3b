package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

// firstOfSHA256 is the first eight bytes of SHA-256 as a number.
func firstOfSHA256(parts ...string) uint64 {
	var message []byte
	for _, p := range parts {
		message = append(message, p...)
	}
	sum := sha256.Sum256(message)
	return binary.BigEndian.Uint64(sum[:])
}

func TestDigestsOfKnownBytes(t *testing.T) {
	columns := everyType()
	b := build(columns, []row{
		{"é", "ab", int64(258), nil, int64(-1), nil, 1.5, geo.Cell(0x8931aa428c3ffff)},
		{nil, nil, nil, nil, nil, nil, nil, nil},
		{"", "", int64(0), int64(0), int64(0), int64(0), 0.0, nil},
	})
	const zero = "\x00\x00\x00\x00\x00\x00\x00\x00"
	want := []uint64{
		firstOfSHA256(
			"\x01", "\x02", "\xc3\xa9", // text: a value, of two bytes, é in UTF-8
			"\x01", "\x02", "ab",
			"\x01", "\x00\x00\x00\x00\x00\x00\x01\x02", // time: 258, most significant byte first
			"\x00",                                     // until: none
			"\x01", "\xff\xff\xff\xff\xff\xff\xff\xff", // int: -1 in two's complement
			"\x00",                                     // other: none
			"\x01", "\x3f\xf8\x00\x00\x00\x00\x00\x00", // float: 1.5 as IEEE 754 binary64
		),
		firstOfSHA256("\x00\x00\x00\x00\x00\x00\x00"),
		firstOfSHA256("\x01\x00", "\x01\x00", "\x01", zero, "\x01", zero, "\x01", zero, "\x01", zero, "\x01", zero),
	}
	if got := Digests(nil, b, false); !slices.Equal(got, want) {
		t.Errorf("Digests = %x, want %x", got, want)
	}
	stamped := []uint64{firstOfSHA256("\x01", "\x08\x93\x1a\xa4\x28\xc3\xff\xff"), firstOfSHA256("\x00"), firstOfSHA256("\x00")}
	if got := Digests(nil, b, true); !slices.Equal(got, stamped) {
		t.Errorf("Digests of stamps = %x, want %x", got, stamped)
	}
}

// Later columns without a value add nothing, wherever they stand; those with one
// come after all others, with their names.
func TestDigestsOfLaterColumns(t *testing.T) {
	columns := []Column{
		{Name: "a", Type: Text}, {Name: "new", Type: Int, Later: true}, {Name: "b", Type: Code}, {Name: "late", Type: Text, Later: true}, {Name: "c", Type: Float},
	}
	b := build(columns, []row{
		{"x", nil, nil, nil, 1.5},
		{"x", int64(258), nil, nil, 1.5},
		{"x", int64(258), nil, "", 1.5},
		{"x", nil, nil, "é", 1.5},
	})
	base := []string{"\x01", "\x01", "x", "\x00", "\x01", "\x3f\xf8\x00\x00\x00\x00\x00\x00"}
	with := func(more ...string) uint64 { return firstOfSHA256(append(slices.Clone(base), more...)...) }
	number := "\x00\x00\x00\x00\x00\x00\x01\x02"
	want := []uint64{with(), with("\x03", "new", number), with("\x03", "new", number, "\x04", "late", "\x00"), with("\x04", "late", "\x02", "é")}
	if got := Digests(nil, b, false); !slices.Equal(got, want) {
		t.Errorf("Digests = %x, want %x", got, want)
	}
	without, err := b.Project("a", "b", "c")
	if err != nil {
		t.Fatal(err)
	}
	if got := Digests(nil, without, false)[0]; got != want[0] {
		t.Errorf("without the later columns the digest is %x, want %x", got, want[0])
	}
}

// The datasets have rows whose digests were kept before there were later columns.
func TestLaterColumnsChangeNoDigestOfARowWithoutThem(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 4))
	for _, d := range Datasets() {
		columns := SchemaOf(d, DefaultResolutions())
		rows := someRows(random, columns, 50)
		var first []string
		for i, c := range columns {
			if !c.Later {
				first = append(first, c.Name)
				continue
			}
			for _, r := range rows {
				r[i] = nil
			}
		}
		all := build(columns, rows)
		before, err := all.Project(first...)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(Digests(nil, all, false), Digests(nil, before, false)) {
			t.Errorf("%s: later columns without values change digests", d)
		}
	}
}

// A string of 300 bytes has its length in two bytes, seven bits each, least
// significant first (Protocol Buffers, "Base 128 varints").
func TestDigestOfALongText(t *testing.T) {
	long := string(slices.Repeat([]byte{'x'}, 300))
	b := build([]Column{{Name: "text", Type: Text}}, []row{{long}})
	if got, want := Digests(nil, b, false)[0], firstOfSHA256("\x01", "\xac\x02", long); got != want {
		t.Errorf("Digests = %x, want %x", got, want)
	}
}

func TestDigestsOfNoColumns(t *testing.T) {
	b := build(everyType()[:1], []row{{"a"}, {"b"}})
	if got, want := Digests(nil, b, true), []uint64{firstOfSHA256(), firstOfSHA256()}; !slices.Equal(got, want) {
		t.Errorf("Digests of rows without stamps = %x, want %x", got, want)
	}
}

func TestEqualRowsHaveEqualDigests(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 1))
	rows := someRows(random, everyType(), 50)
	batches := forms(random, everyType(), rows)
	for _, stamped := range []bool{false, true} {
		want := Digests(nil, build(everyType(), rows), stamped)
		for form, b := range batches {
			if got := Digests(nil, b, stamped); !slices.Equal(got, want) {
				t.Errorf("%s: stamped %v: Digests = %x, want %x", form, stamped, got, want)
			}
			var apart []uint64
			for i := range rows {
				apart = append(apart, Digests(nil, b.Slice(i, i+1), stamped)...)
			}
			if !slices.Equal(apart, want) {
				t.Errorf("%s: stamped %v: row by row the digests are %x, want %x", form, stamped, apart, want)
			}
		}
	}
}

func TestDigestsReuseTheirBuffer(t *testing.T) {
	b := build(everyType()[:1], []row{{"a"}, {"b"}})
	buf := []uint64{1, 2, 3}
	got := Digests(buf, b, false)
	if len(got) != 2 || &got[0] != &buf[0] {
		t.Errorf("Digests returns %d rows, in the buffer: %v, want 2 rows in it", len(got), &got[0] == &buf[0])
	}
	if got := Digests(buf[:0:1], b, false); len(got) != 2 {
		t.Errorf("with a small buffer Digests returns %d rows, want 2", len(got))
	}
}

func TestAnyChangedValueChangesTheDigest(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 2))
	columns := everyType()
	for _, r := range someRows(random, columns, 100) {
		before := build(columns, []row{r})
		for i, c := range columns {
			changed := slices.Clone(r)
			for changed[i] == r[i] {
				changed[i] = someValue(random, c.Type)
			}
			after := build(columns, []row{changed})
			for _, stamped := range []bool{false, true} {
				same := Digests(nil, before, stamped)[0] == Digests(nil, after, stamped)[0]
				if want := stamped != c.Stamped; same != want {
					t.Errorf("%s from %#v to %#v: digest of stamps %v stays: %v, want %v", c.Name, r[i], changed[i], stamped, same, want)
				}
			}
		}
	}
}

func TestValuesDoNotRunIntoEachOther(t *testing.T) {
	columns := []Column{{Name: "a", Type: Text}, {Name: "b", Type: Code}}
	rows := []row{{"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"abc", ""}, {nil, "abc"}, {"abc", nil}, {nil, ""}, {"", nil}, {nil, nil}, {"", ""}, {"\x00", nil}, {"\x01\x00", nil}}
	seen := map[uint64]row{}
	for i, d := range Digests(nil, build(columns, rows), false) {
		if other, ok := seen[d]; ok {
			t.Errorf("rows %#v and %#v have one digest", other, rows[i])
		}
		seen[d] = rows[i]
	}
}

// A builder writes no minus zero, but other makers of Arrow memory do.
func TestMinusZeroIsZero(t *testing.T) {
	columns := []Column{{Name: "x", Type: Float}}
	to := array.NewFloat64Builder(memory.DefaultAllocator)
	to.AppendValues([]float64{math.Copysign(0, -1), 0}, nil)
	b, err := NewBatch(columns, array.NewRecord(ArrowSchema(columns), []arrow.Array{to.NewArray()}, 2))
	if err != nil {
		t.Fatal(err)
	}
	if d := Digests(nil, b, false); d[0] != d[1] {
		t.Errorf("the digests of minus zero and zero are %x, want equal", d)
	}
	if got := Select(nil, b, Compare{"x", Equal, 0.0}); !got[0] {
		t.Error("minus zero does not compare as zero")
	}
}

func someCommunity() Community {
	return Community{
		Code: "c1", Level: CommunityArea, Parent: "s1", Names: Names{"": "Hof", "en": "Court"},
		Outline:    orb.MultiPolygon{{{{0, 0}, {1.5, 0}, {1, 1}, {0, 0}}}},
		Population: 7, HasPopulation: true, Responsible: "unit \"3\"",
		ValidFrom: time.UnixMicro(1), ValidTo: time.UnixMicro(2_000_000).UTC(),
	}
}

func TestVersionOfKnownBytes(t *testing.T) {
	sum := sha256.Sum256([]byte("incidents 00000000000000ff\nresources 0000000000000000\ninspections 0000000000000001\n" +
		`""="Hof" "en"="Court" "c1" "community" "s1" 7 true "unit \"3\"" 1 2000000 [[[[0,0],[1.5,0],[1,1],[0,0]]]]` + "\n" +
		`"d" "district" "" 0 false "" -62135596800000000 -62135596800000000 null` + "\n" +
		`[7 9] "Asia/Shanghai"`))
	got := VersionOf(map[Dataset]uint64{Incidents: 255, Inspections: 1}, []Community{someCommunity(), {Code: "d", Level: District, Names: Names{}, Outline: orb.MultiPolygon{}}},
		Settings{Resolutions: []geo.Resolution{7, 9}, Zone: "Asia/Shanghai"})
	if want := hex.EncodeToString(sum[:8]); got != want {
		t.Errorf("VersionOf = %s, want %s", got, want)
	}
}

func TestVersionDependsOnEverything(t *testing.T) {
	version := func(change func(sums map[Dataset]uint64, c *Community, s *Settings)) string {
		sums := map[Dataset]uint64{Incidents: 1, Resources: 2, Inspections: 3}
		c, s := someCommunity(), Settings{Resolutions: []geo.Resolution{7, 9}, Zone: "Asia/Shanghai"}
		change(sums, &c, &s)
		return VersionOf(sums, []Community{{Code: "a", Level: City}, c}, s)
	}
	seen := map[string]string{version(func(map[Dataset]uint64, *Community, *Settings) {}): "nothing"}
	f := func(what string, change func(sums map[Dataset]uint64, c *Community, s *Settings)) {
		t.Helper()
		v := version(change)
		if other, ok := seen[v]; ok {
			t.Errorf("a change of %s gives the version of a change of %s", what, other)
		}
		seen[v] = what
	}
	for _, d := range Datasets() {
		f(string(d), func(sums map[Dataset]uint64, _ *Community, _ *Settings) { sums[d] += 10 })
	}
	f("resolutions", func(_ map[Dataset]uint64, _ *Community, s *Settings) { s.Resolutions = s.Resolutions[:1] })
	f("zone", func(_ map[Dataset]uint64, _ *Community, s *Settings) { s.Zone = "" })
	for what, change := range communityChanges() {
		f(what, func(_ map[Dataset]uint64, c *Community, _ *Settings) { change(c) })
	}
}

// communityChanges changes every field of a community, some in several ways. A
// change of field F is called F or begins with "F, ".
func communityChanges() map[string]func(c *Community) {
	return map[string]func(c *Community){
		"Code":                 func(c *Community) { c.Code = "c2" },
		"Level":                func(c *Community) { c.Level = UnitGrid },
		"Parent":               func(c *Community) { c.Parent = "" },
		"Names, one more":      func(c *Community) { c.Names = Names{"": "Hof", "en": "Court", "fr": "Cour"} },
		"Names, one less":      func(c *Community) { c.Names = Names{"": "Hof"} },
		"Names, one changed":   func(c *Community) { c.Names = Names{"": "Hof", "en": "Yard"} },
		"Names, another tag":   func(c *Community) { c.Names = Names{"": "Hof", "de": "Court"} },
		"Names, none":          func(c *Community) { c.Names = nil },
		"Outline":              func(c *Community) { c.Outline = orb.MultiPolygon{{{{0, 0}, {1.5000000000000002, 0}, {1, 1}, {0, 0}}}} },
		"Outline, none":        func(c *Community) { c.Outline = nil },
		"Outline, two parts":   func(c *Community) { c.Outline = append(c.Outline, c.Outline[0]) },
		"Outline, a hole":      func(c *Community) { c.Outline = orb.MultiPolygon{append(c.Outline[0], c.Outline[0][0])} },
		"Population":           func(c *Community) { c.Population++ },
		"HasPopulation":        func(c *Community) { c.HasPopulation = false },
		"Responsible":          func(c *Community) { c.Responsible = "" },
		"ValidFrom":            func(c *Community) { c.ValidFrom = c.ValidFrom.Add(time.Microsecond) },
		"ValidFrom, unbounded": func(c *Community) { c.ValidFrom = time.Time{} },
		"ValidTo":              func(c *Community) { c.ValidTo = c.ValidTo.Add(time.Microsecond) },
		"ValidTo, unbounded":   func(c *Community) { c.ValidTo = time.Time{} },
	}
}

func TestCommunityDigestDependsOnEveryField(t *testing.T) {
	seen := map[string]string{CommunityDigest(someCommunity()): "nothing"}
	changes := communityChanges()
	for what, change := range changes {
		c := someCommunity()
		change(&c)
		d := CommunityDigest(c)
		if other, ok := seen[d]; ok {
			t.Errorf("a change of %s gives the digest of a change of %s", what, other)
		}
		seen[d] = what
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Community]()) {
		if changes[field.Name] == nil && field.Name != "Names" {
			t.Errorf("no change of field %s is tested", field.Name)
		}
	}
}

func TestCommunityDigestSeesInstantsAndNotZones(t *testing.T) {
	c := someCommunity()
	c.ValidFrom, c.ValidTo = c.ValidFrom.In(time.FixedZone("", 3600)), c.ValidTo.Local()
	if got, want := CommunityDigest(c), CommunityDigest(someCommunity()); got != want {
		t.Errorf("in another zone the digest is %s, want %s", got, want)
	}
	c.Outline = nil
	bare := c
	bare.Outline = orb.MultiPolygon{}
	if CommunityDigest(c) != CommunityDigest(bare) {
		t.Error("no outline and an empty one have different digests")
	}
}

func TestVersionDoesNotDependOnTheOrderOfRows(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 3))
	columns := SchemaOf(Inspections, []geo.Resolution{9})
	rows := someRows(random, columns, 60)
	version := func(rows []row, parts int) string {
		var sum uint64
		for part := range slices.Chunk(rows, (len(rows)+parts-1)/parts) {
			for _, r := range Revisions(build(columns, part)) {
				sum += r.Digest()
			}
		}
		return VersionOf(map[Dataset]uint64{Inspections: sum}, nil, Settings{})
	}
	want := version(rows, 1)
	for parts := range 7 {
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if got := version(rows, parts+1); got != want {
			t.Errorf("in another order, in %d parts, the version is %s, want %s", parts+1, got, want)
		}
	}
	if got := version(rows[1:], 1); got == want {
		t.Error("without one row the version is the same")
	}
	stamp := indexOf(columns, "cell_9")
	a := slices.IndexFunc(rows, func(r row) bool { return r[stamp] != nil })
	b := slices.IndexFunc(rows, func(r row) bool { return r[stamp] != nil && r[stamp] != rows[a][stamp] })
	rows[a][stamp], rows[b][stamp] = rows[b][stamp], rows[a][stamp]
	if got := version(rows, 1); got == want {
		t.Error("after two rows swapped their stamps the version is the same")
	}
}
