package report

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/civgrid/civgrid/analytics"
)

// The rows of a sheet, from 1: title, where it comes from, heads, table.
const (
	titleRow, sourceRow, headRow, firstRow = 1, 2, 4, 5
	// columns before those of the table: code and name
	namesColumns = 2
)

// A workbook is a report on its way into one. The first error is kept, and
// nothing is written after it.
type workbook struct {
	*printed
	file   *excelize.File
	styles map[style]int
	err    error
}

// A style is how a cell looks.
type style struct {
	format                              string // of numbers, "" for text
	bold, head, title, quiet, few, wrap bool
}

// writeXLSX writes a sheet for each table and one that tells about them (Office
// Open XML, ECMA-376). The same report is the same bytes.
func writeXLSX(w io.Writer, p *printed) (err error) {
	b := &workbook{printed: p, file: excelize.NewFile(), styles: map[style]int{}}
	defer func() { err = errors.Join(err, b.file.Close()) }()
	for i := range p.Tables {
		t := &p.Tables[i]
		b.addSheet(i, p.sheet(t.Name))
		b.table(p.sheet(t.Name), t)
	}
	b.addSheet(len(p.Tables), p.sheet("about"))
	b.about(p.sheet("about"))
	at := p.Provenance.AsOf.UTC().Format(time.RFC3339)
	b.do(b.file.SetDocProps(&excelize.DocProperties{Title: p.title(), Creator: "Civgrid", LastModifiedBy: "Civgrid", Created: at, Modified: at, Language: p.words.Tag}))
	if b.err != nil {
		return b.err
	}
	_, err = b.file.WriteTo(w)
	return err
}

func (b *workbook) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

// addSheet adds a sheet, the first being there already.
func (b *workbook) addSheet(i int, name string) {
	if i == 0 {
		b.do(b.file.SetSheetName(b.file.GetSheetName(0), name))
		return
	}
	_, err := b.file.NewSheet(name)
	b.do(err)
}

// cell returns the name of a cell, both counted from 1.
func (b *workbook) cell(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column, row)
	b.do(err)
	return name
}

// put writes a value: text is text, whatever it begins with.
func (b *workbook) put(sheet string, column, row int, value any, look style) {
	at := b.cell(column, row)
	switch v := value.(type) {
	case string:
		b.do(b.file.SetCellStr(sheet, at, v))
	case int64:
		b.do(b.file.SetCellInt(sheet, at, v))
	case float64: // all digits: SetCellFloat cuts off those after the fifteenth
		b.do(b.file.SetCellDefault(sheet, at, strconv.FormatFloat(v, 'f', -1, 64)))
	}
	b.do(b.file.SetCellStyle(sheet, at, at, b.style(look)))
}

// table writes a table with its heads frozen.
func (b *workbook) table(sheet string, t *analytics.ReportTable) {
	b.put(sheet, 1, titleRow, b.words.Fill("about.of", b.title(), b.tableTitle(t)), style{title: true})
	b.put(sheet, 1, sourceRow, b.source(t), style{quiet: true})
	b.put(sheet, 1, headRow, b.words.Must("column.code"), style{head: true})
	b.put(sheet, 2, headRow, b.first(t), style{head: true})
	for i := range t.Columns {
		b.put(sheet, namesColumns+1+i, headRow, b.head(t, i, true), style{head: true})
	}
	for row, e := range t.Rows {
		b.put(sheet, 1, firstRow+row, e.Code, style{bold: e.All, quiet: !e.All})
		b.put(sheet, 2, firstRow+row, b.entry(t, e, false), style{bold: e.All})
		for i := range t.Columns {
			b.number(sheet, t, i, row)
		}
	}
	b.bars(sheet, t)
	row := firstRow + len(t.Rows) + 1
	for _, text := range b.below(t) {
		b.put(sheet, 1, row, text, style{quiet: true})
		row++
	}
	b.do(b.file.SetSheetDimension(sheet, "A1:"+b.cell(namesColumns+len(t.Columns), row-1)))
	b.layout(sheet, t)
}

// below is what stands under a table.
func (b *workbook) below(t *analytics.ReportTable) []string {
	lines := append([]string{b.words.Must("sign.missing")}, b.accounts(t)...)
	if t.Few != nil {
		lines[0] += "; " + b.words.Must("sign.italic")
	}
	for _, n := range b.notes(t.Notes) {
		lines = append(lines, n.Text)
	}
	return lines
}

// number writes a cell of a table, a dash where there is no value.
func (b *workbook) number(sheet string, t *analytics.ReportTable, i, row int) {
	c := &t.Columns[i]
	look := style{bold: t.Rows[row].All, format: numberFormat(c), few: t.Few != nil && i > 0 && t.Few[i-1][row]}
	var value any = missing
	if c.Has(row) {
		switch c.Type {
		case analytics.IntColumn:
			value = c.Ints[row]
		case analytics.FloatColumn:
			value = c.Floats[row]
		case analytics.WordColumn:
			value = b.word(c.Words[row])
		}
	}
	b.put(sheet, namesColumns+1+i, firstRow+row, value, look)
}

// numberFormat is the format code of a column (ECMA-376 part 1, 18.8.31).
func numberFormat(c *analytics.Column) string {
	switch {
	case c.Type == analytics.WordColumn:
		return ""
	case c.Unit == "share":
		return "0.0%"
	case c.Type == analytics.IntColumn, c.Unit == "count", c.Name == "quota" && allWhole(c):
		return "#,##0"
	}
	return "#,##0.00"
}

// allWhole reports whether no value of a column has decimals.
func allWhole(c *analytics.Column) bool {
	for row, x := range c.Floats {
		if c.Has(row) && x != math.Trunc(x) {
			return false
		}
	}
	return true
}

// bars draws the part of its quota behind every score, and the pass rate.
func (b *workbook) bars(sheet string, t *analytics.ReportTable) {
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Type != analytics.FloatColumn || c.Name == "quota" {
			continue
		}
		for row := range t.Rows {
			most := "1"
			if c.Name != "pass_rate" {
				quota, _ := t.Column("quota")
				if !quota.Has(row) {
					continue
				}
				most = plain(quota.Floats[row], 6)
			}
			at := b.cell(namesColumns+1+i, firstRow+row)
			b.do(b.file.SetConditionalFormat(sheet, at, []excelize.ConditionalFormatOptions{{
				Type: "data_bar", Criteria: "=", MinType: "num", MinValue: "0", MaxType: "num", MaxValue: most, BarColor: barColor, BarSolid: true,
			}}))
		}
	}
}

// barColor is light enough for black digits on it.
const barColor = "#BBD3EC"

// layout freezes heads and names, and makes columns wide enough to read.
func (b *workbook) layout(sheet string, t *analytics.ReportTable) {
	b.do(b.file.SetPanes(sheet, &excelize.Panes{
		Freeze: true, XSplit: namesColumns, YSplit: headRow, TopLeftCell: b.cell(namesColumns+1, firstRow), ActivePane: "bottomRight",
	}))
	width := func(column int, chars float64) {
		name, err := excelize.ColumnNumberToName(column)
		b.do(err)
		b.do(b.file.SetColWidth(sheet, name, name, chars))
	}
	width(1, 16)
	widest := 12.0
	for _, e := range t.Rows {
		widest = max(widest, wide(b.entry(t, e, false)))
	}
	width(2, min(widest, 60)+2)
	for i := range t.Columns {
		width(namesColumns+1+i, min(max(11, wide(b.head(t, i, true))), 24)+2)
	}
	b.print(sheet)
	last := b.cell(namesColumns+len(t.Columns), headRow)
	b.do(b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$%d:$%d", sheet, headRow, headRow), Scope: sheet}))
	b.do(b.file.SetRowHeight(sheet, titleRow, 24))
	b.do(b.file.SetCellStyle(sheet, b.cell(1, headRow), last, b.style(style{head: true})))
}

// print fits a sheet to the width of a page.
func (b *workbook) print(sheet string) {
	landscape, a4, one, any, fit := "landscape", 9, 1, 0, true
	b.do(b.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4, FitToWidth: &one, FitToHeight: &any}))
	b.do(b.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
}

// wide is how many digits wide text is: other than Latin signs count twice.
func wide(text string) (n float64) {
	for _, r := range text {
		n++
		if r > 0x2000 {
			n++
		}
	}
	return n
}

// about tells where the tables come from.
func (b *workbook) about(sheet string) {
	b.put(sheet, 1, titleRow, b.words.Fill("about.of", b.title(), b.words.Must("about")), style{title: true})
	row := titleRow + 2
	for _, f := range b.printed.about() {
		for i, v := range f.Values {
			if i == 0 {
				b.put(sheet, 1, row, f.Label, style{bold: true})
			}
			b.put(sheet, 2, row, v.Text, style{wrap: true})
			row++
		}
	}
	b.do(b.file.SetSheetDimension(sheet, "A1:"+b.cell(2, row-1)))
	b.do(b.file.SetColWidth(sheet, "A", "A", 22))
	b.do(b.file.SetColWidth(sheet, "B", "B", 110))
	b.print(sheet)
}

// style returns the number of a style, making it where it is new.
func (b *workbook) style(s style) int {
	if id, ok := b.styles[s]; ok {
		return id
	}
	made := &excelize.Style{Font: &excelize.Font{Bold: s.bold || s.head || s.title, Size: 11, Family: "Calibri"}, Alignment: &excelize.Alignment{Vertical: "top", WrapText: s.wrap || s.head}}
	switch {
	case s.title:
		made.Font.Size = 15
	case s.quiet:
		made.Font.Color = "5B6673"
	case s.few:
		made.Font.Color, made.Font.Italic = "7A5A00", true
	}
	if s.head {
		made.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6EDF5"}}
		made.Border = []excelize.Border{{Type: "bottom", Color: "1B2433", Style: 2}}
	}
	if s.bold && !s.head {
		made.Border = []excelize.Border{{Type: "top", Color: "1B2433", Style: 1}}
	}
	if s.format != "" {
		made.CustomNumFmt = &s.format
		made.Alignment.Horizontal = "right"
	}
	id, err := b.file.NewStyle(made)
	b.do(err)
	b.styles[s] = id
	return id
}
