package ingest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// levelWords are what files call the levels, besides our own words.
var levelWords = map[string]data.Level{
	"省": data.Province, "省级": data.Province, "自治区": data.Province, "直辖市": data.Province,
	"市": data.City, "市级": data.City, "地级市": data.City,
	"区县": data.District, "区": data.District, "县": data.District, "区级": data.District, "县级": data.District, "區": data.District, "縣": data.District, "市辖区": data.District,
	"街道": data.Street, "乡镇": data.Street, "街镇": data.Street, "街乡镇": data.Street, "乡": data.Street, "镇": data.Street, "鄉鎮": data.Street, "鄉": data.Street, "鎮": data.Street,
	"社区": data.CommunityArea, "村": data.CommunityArea, "居委会": data.CommunityArea, "村委会": data.CommunityArea, "社區": data.CommunityArea, "里": data.CommunityArea,
	"网格": data.UnitGrid, "单元网格": data.UnitGrid, "網格": data.UnitGrid,
}

// parseLevel reads a level in our words or in those of levelWords.
func parseLevel(text string) (data.Level, error) {
	if level, ok := levelWords[text]; ok {
		return level, nil
	}
	return data.ParseLevel(text)
}

// languages are those that names are shown in.
var languages = []string{"en", "zh-Hans", "zh-Hant"}

// checkLanguages tests the tags of languages.
func (o BoundaryOptions) checkLanguages() error {
	for _, tag := range append(slices.Sorted(maps.Keys(o.Names)), o.Language) {
		if tag != "" && !slices.Contains(languages, tag) {
			return fmt.Errorf("language %q: want one of %s", tag, strings.Join(languages, ", "))
		}
	}
	return nil
}

// checkProperties tests that some outline has each property that is named.
func (o BoundaryOptions) checkProperties(outlines []outline) error {
	if len(outlines) == 0 { // the rejects say why
		return nil
	}
	names := propertiesOf(outlines)
	type property struct {
		what any // a Setting where there is one
		name string
	}
	said := []property{
		{set("code"), o.Code},
		{set("name"), o.Name},
		{set("parent"), o.Parent},
		{set("level-property"), o.LevelProperty},
		{set("population"), o.Population},
		{"responsible", o.Responsible},
	}
	for _, tag := range slices.Sorted(maps.Keys(o.Names)) {
		said = append(said, property{"name in " + tag, o.Names[tag]})
	}
	for _, s := range said {
		if s.name == "" || s.name == "-" || slices.Contains(names, s.name) {
			continue
		}
		return settingError("%s: no area has a property %q; %s", s.what, s.name, listed(names))
	}
	return nil
}

// checkLevel tests that the level of the areas is known.
func (o BoundaryOptions) checkLevel(outlines []outline) error {
	if o.Level != "" || len(outlines) == 0 {
		return nil
	}
	names := propertiesOf(outlines)
	if o.LevelProperty == "" || o.LevelProperty == "-" {
		return settingError("say what the areas are: %s (or %s; %s)", set("level", "district"), set("level-property", "NAME"), listed(names))
	}
	var wrong error
	for _, f := range outlines {
		_, err := parseLevel(trim(plainText(f.properties[o.LevelProperty])))
		if err == nil {
			return nil
		}
		wrong = err
	}
	return settingError("say what the areas are: %s (or %s; %s): property %q does not tell: %v",
		set("level", "district"), set("level-property", "NAME"), listed(names), o.LevelProperty, wrong)
}

func listed(names []string) string {
	if len(names) == 0 {
		return "there are no properties"
	}
	return "properties are " + strings.Join(names, ", ")
}
