package ingest

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// The names by which properties are guessed, best first, in plain form. A name
// that ends in * stands for all that begin so, one that begins with * for all
// that end so.
var (
	codeNames        = []string{"code", "area_code", "代码", "编码", "行政区划代码", "区划代码", "adcode", "geoid", "geocode", "gss_code", "fips", "*code", "boro_cd", "borocd", "coundist", "beat_num", "*11cd", "*13cd", "*21cd", "*cd", "neighborhood_id", "nid", "area_numbe", "area_num_1", "*_id", "*_num", "district", "ward", "id", columnFeatureID}
	nameNames        = []string{"name", "名称", "社区名称", "街道名称", "区划名称", "community", "neighborhood", "neighbourhood", "title", "label", "*name", "*11nm", "*13nm", "*nm", "pri_neigh"}
	parentNames      = []string{"parent", "parent_code", "上级代码", "父级代码", "pid"}
	levelNames       = []string{"level", "级别", "层级"}
	responsibleNames = []string{"responsible", "responsible_unit", "责任单位"}
	populationNames  = []string{"population", "人口", "常住人口", "pop", "pop_2020", "pop2020", "pop2010", "pop_2010", "pop*"}
)

// guessProperties fills in the properties that o does not name.
func guessProperties(outlines []outline, o BoundaryOptions) BoundaryOptions {
	names := propertiesOf(outlines)
	guess := func(said *string, patterns []string, fits func(name string) bool) {
		if *said == "" {
			*said = guessName(names, patterns, fits)
		}
	}
	anything := func(string) bool { return true }
	guess(&o.Name, nameNames, func(name string) bool { return isDistinct(outlines, name) })
	guess(&o.Name, nameNames, func(name string) bool { return isFilled(outlines, name) })
	guess(&o.Code, codeNames, func(name string) bool { return isDistinct(outlines, name) })
	guess(&o.Parent, parentNames, anything)
	guess(&o.LevelProperty, levelNames, anything)
	guess(&o.Population, populationNames, anything)
	guess(&o.Responsible, responsibleNames, anything)
	o.Names = maps.Clone(o.Names)
	if o.Names == nil {
		o.Names = map[string]string{}
	}
	for tag, patterns := range translatedNames() {
		if property := guessName(names, patterns, anything); o.Names[tag] == "" && property != "" {
			o.Names[tag] = property
		}
	}
	return o
}

// propertiesOf returns the names of all properties, in alphabetical order.
func propertiesOf(outlines []outline) []string {
	seen := map[string]bool{}
	for _, f := range outlines {
		for name := range f.properties {
			seen[name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func guessName(names, patterns []string, fits func(string) bool) string {
	for _, pattern := range patterns {
		for _, name := range names {
			plain := plainName(name)
			ok := plain == pattern || name == pattern
			if end, cut := strings.CutPrefix(pattern, "*"); cut {
				ok = strings.HasSuffix(plain, end)
			} else if begin, cut := strings.CutSuffix(pattern, "*"); cut {
				ok = strings.HasPrefix(plain, begin)
			}
			if ok && fits(name) {
				return name
			}
		}
	}
	return ""
}

func isFilled(outlines []outline, name string) bool {
	for _, f := range outlines {
		if trim(plainText(f.properties[name])) == "" {
			return false
		}
	}
	return true
}

// isDistinct reports whether a property is there everywhere and names areas
// apart, but for one in twenty that come in parts.
func isDistinct(outlines []outline, name string) bool {
	values := map[string]bool{}
	for _, f := range outlines {
		values[trim(plainText(f.properties[name]))] = true
	}
	return !values[""] && len(values)*20 >= len(outlines)*19
}

// community makes a community of a feature.
func (o BoundaryOptions) community(f outline) (data.Community, *Reject) {
	at := func(name string) string {
		if name == "" || name == "-" {
			return ""
		}
		return trim(plainText(f.properties[name]))
	}
	c := data.Community{Code: at(o.Code), Level: o.Level, Parent: at(o.Parent), Outline: f.shape, ValidFrom: o.ValidFrom, ValidTo: o.ValidTo}
	name := at(o.Name)
	if c.Code == "" && (o.Code == "" || o.Code == "-") {
		c.Code = name
	}
	if c.Code == "" {
		return c, &Reject{Column: o.Code, Code: CodeMissing, Message: "an area without a code"}
	}
	c.Names = o.names(f, name)
	c.Responsible = at(o.Responsible)
	if c.Level == "" {
		level, err := parseLevel(at(o.LevelProperty))
		if err != nil {
			return c, &Reject{Column: o.LevelProperty, Value: at(o.LevelProperty), Code: CodeMissing, Message: err.Error()}
		}
		c.Level = level
	}
	if n, err := strconv.ParseFloat(at(o.Population), 64); err == nil && n >= 0 {
		c.Population, c.HasPopulation = int64(n), true
	}
	return c, nil
}

// names returns the name of a feature in every language it has one in, nil if
// it has none.
func (o BoundaryOptions) names(f outline, name string) data.Names {
	names := data.Names{}
	for tag, property := range o.Names {
		if text := trim(plainText(f.properties[property])); text != "" {
			names[tag] = text
		}
	}
	if name != "" {
		names[o.Language] = name
	}
	if len(names) == 0 {
		return nil
	}
	return names
}

// translatedNames are the plain names of properties that hold names in a
// language, best first.
func translatedNames() map[string][]string {
	return map[string][]string{
		"en":      {"name_en", "english_name", "英文名称"},
		"zh-Hans": {"name_zh_hans", "name_zh", "简体名称"},
		"zh-Hant": {"name_zh_hant", "name_zh_tw", "繁体名称"},
	}
}
