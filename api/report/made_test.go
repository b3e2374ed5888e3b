package report_test

import (
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

func floats(name, title, unit string, values ...any) analytics.Column {
	c := analytics.Column{Name: name, Title: title, Unit: unit, Type: analytics.FloatColumn}
	for _, v := range values {
		x, ok := v.(float64)
		c.Floats, c.Valid = append(c.Floats, x), append(c.Valid, ok)
	}
	return c
}

func ints(name, title, unit string, values ...any) analytics.Column {
	c := analytics.Column{Name: name, Title: title, Unit: unit, Type: analytics.IntColumn}
	for _, v := range values {
		n, ok := v.(int)
		c.Ints, c.Valid = append(c.Ints, int64(n)), append(c.Valid, ok)
	}
	return c
}

func words(name, title string, values ...string) analytics.Column {
	c := analytics.Column{Name: name, Title: title, Type: analytics.WordColumn, Words: values}
	for _, w := range values {
		c.Valid = append(c.Valid, w != "")
	}
	return c
}

// made is a report of two items, two streets and a unit, made by hand. Names try
// to be formulas and markup.
func made() *analytics.Report {
	p := analytics.Provenance{
		DataVersion: "v1", Unit: "street", Zone: "Asia/Shanghai", Boundaries: "b1", Indicator: "test.campaign@2", Definition: "d1", Calendar: "cn-work@2026",
		From: time.Date(2026, 2, 28, 16, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 31, 16, 0, 0, 0, time.UTC), AsOf: time.Date(2026, 4, 2, 1, 30, 0, 0, time.UTC),
		Params: map[string]string{"channel": "field|patrol", "period": "2026-03"},
	}
	units := p
	units.Unit = "responsible_unit"
	clean := analytics.Entry{Code: "test.clean", Names: data.Names{"en": "Clean", "zh-Hans": "整洁", "zh-Hant": "整潔"}}
	green := analytics.Entry{Code: "test.green", Names: data.Names{"": `<b>"Green" & more</b>`}, Bonus: true}
	north, south := analytics.Entry{Code: "310001", Names: data.Names{"zh-Hans": "北街道"}}, analytics.Entry{Code: "310002", Names: data.Names{"": "@SUM(1)"}}
	roads, all := analytics.Entry{Code: `=HYPERLINK("x")`, Names: data.Names{"": `=HYPERLINK("x")`}}, analytics.Entry{All: true}
	balances := []analytics.Balance{
		{Of: "test.clean", Count: "measured", Total: 1200, InRows: 1188, Outside: 9, AreaOnly: 2, Unlocated: 1},
		{Of: "test.green", Count: "measured", Total: 3, InRows: 3},
	}
	return &analytics.Report{
		Names: data.Names{"en": "Campaign", "zh-Hans": "实地考察测评", "zh-Hant": "實地考察測評"}, Unit: "points",
		Method:   []string{"Bonus items come on top, 5 points at most.", "A sentence of which there is no translation."},
		Computed: "test.campaign, version 2.", Reference: "Somebody 2026", Provenance: p,
		Notes: []analytics.Note{{Text: "No fact of the period meets the conditions."}, {Of: clean.Names, Text: "Open cases that are not due yet count as on time."}},
		Tables: []analytics.ReportTable{
			{
				Name: analytics.ItemTable, Title: "Items", Rows: []analytics.Entry{clean, green, all}, Provenance: p, Balances: balances,
				Columns: []analytics.Column{
					floats("quota", "Quota", "points", 60.0, 2.5, 60.0), floats("score", "Score", "points", 45.125, nil, 46.0), floats("pass_rate", "Pass rate", "share", 2.0/3, nil, 0.0),
					ints("rank", "Rank", "", 1, nil, nil), ints("n", "Facts", "count", 1200, 0, 1203), words("status", "Status", "compliant", "", "insufficient"), words("reason", "Why", "", "no_facts", ""),
				},
			},
			{
				Name: analytics.AreaTable, Title: "Areas", Rows: []analytics.Entry{north, south, all}, Provenance: p, Balances: balances,
				Columns: []analytics.Column{
					floats("quota", "Quota", "points", 60.0, 60.0, 60.0), floats("score", "Score", "points", 50.0, 0.0, 46.0), floats("pass_rate", "Pass rate", "share", 1.0, 0.5, 0.0),
					ints("rank", "Rank", "", 1, nil, nil), ints("n", "Facts", "count", 1000, 200, 1203), words("status", "Status", "undetermined", "non_compliant", "insufficient"),
				},
			},
			{
				Name: analytics.UnitTable, Title: "Responsible units", Rows: []analytics.Entry{roads, all}, Provenance: units, Balances: balances,
				Notes: []analytics.Note{{Text: "The facts do not say who answers for them."}},
				Columns: []analytics.Column{
					floats("quota", "Quota", "points", 60.0, 60.0), floats("score", "Score", "points", 12.0, 46.0), floats("pass_rate", "Pass rate", "share", nil, 0.0),
					ints("rank", "Rank", "", 1, nil), ints("n", "Facts", "count", 1000, 1203), words("status", "Status", "", ""),
				},
			},
			{
				Name: analytics.MatrixTable, Title: "Items by area", Rows: []analytics.Entry{clean, green, all}, Provenance: p, Balances: balances,
				Columns: []analytics.Column{
					floats("quota", "Quota", "points", 60.0, 2.5, 60.0), floats("310001", "北街道", "points", 50.0, nil, 50.0), floats("310002", "@SUM(1)", "points", 0.0, 1.256, 0.0), floats("", "", "points", 45.125, nil, 46.0),
				},
				Across: []analytics.Entry{north, south, all}, Few: [][]bool{{false, false, false}, {false, true, false}, {false, false, false}},
			},
		},
	}
}
