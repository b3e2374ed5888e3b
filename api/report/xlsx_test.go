package report_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// TestWorkbook reads a workbook back, cell by cell.
func TestWorkbook(t *testing.T) {
	file, err := excelize.OpenReader(bytes.NewReader(write(t, "xlsx", "zh-Hans", made())))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if diff := cmp.Diff([]string{"项目", "街道", "责任单位", "项目×街道", "说明"}, file.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	f := func(sheet string, want [][]string) {
		t.Helper()
		got, err := file.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got[3:3+len(want)]); diff != "" {
			t.Errorf("%s as shown (-want +got):\n%s", sheet, diff)
		}
	}
	f("项目", [][]string{
		{"代码", "测评项目", "指标分值（分）", "得分（分）", "及格率", "名次", "记录数", "状态", "原因"},
		{"test.clean", "整洁", "60.00", "45.13", "66.7%", "1", "1,200", "达标", "–"},
		{"test.green", `<b>"Green" & more</b>（加分项）`, "2.50", "–", "–", "–", "0", "–", "无记录"},
		{"", "总分", "60.00", "46.00", "0.0%", "–", "1,203", "资料不足", "–"},
	})
	f("街道", [][]string{
		{"代码", "街道", "指标分值（分）", "得分（分）", "及格率", "名次", "记录数", "状态"},
		{"310001", "北街道", "60", "50.00", "100.0%", "1", "1,000", "待定"},
		{"310002", "@SUM(1)", "60", "0.00", "50.0%", "–", "200", "不达标"},
		{"", "全部", "60", "46.00", "0.0%", "–", "1,203", "资料不足"},
	})
	f("责任单位", [][]string{
		{"代码", "责任单位", "指标分值（分）", "得分（分）", "及格率", "名次", "记录数", "状态"},
		{`=HYPERLINK("x")`, `=HYPERLINK("x")`, "60", "12.00", "–", "1", "1,000", "–"},
		{"", "全部", "60", "46.00", "0.0%", "–", "1,203", "–"},
	})
	f("项目×街道", [][]string{
		{"代码", "测评项目", "指标分值（分）", "北街道", "@SUM(1)", "全部"},
		{"test.clean", "整洁", "60.00", "50.00", "0.00", "45.13"},
		{"test.green", `<b>"Green" & more</b>（加分项）`, "2.50", "–", "1.26", "–"},
		{"", "总分", "60.00", "50.00", "0.00", "46.00"},
	})
}

// TestWorkbookHoldsNumbers checks that numbers are numbers, as they were
// computed, and that texts are texts and no formulas.
func TestWorkbookHoldsNumbers(t *testing.T) {
	file, err := excelize.OpenReader(bytes.NewReader(write(t, "xlsx", "en", made())))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	f := func(sheet, cell, raw string, kinds ...excelize.CellType) {
		t.Helper()
		got, err := file.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		kind, err := file.GetCellType(sheet, cell)
		if err != nil {
			t.Fatal(err)
		}
		formula, err := file.GetCellFormula(sheet, cell)
		if err != nil || got != raw || !slices.Contains(kinds, kind) || formula != "" {
			t.Errorf("%s!%s holds %q of type %v, formula %q (%v), want %q of type %v", sheet, cell, got, kind, formula, err, raw, kinds)
		}
	}
	number := []excelize.CellType{excelize.CellTypeUnset, excelize.CellTypeNumber} // a number needs no type
	f("Items", "D5", "45.125", number...)
	f("Items", "E5", "0.6666666666666666", number...)
	f("Items", "G5", "1200", number...)
	f("Items", "D6", "–", excelize.CellTypeSharedString)
	f("Units", "A5", `=HYPERLINK("x")`, excelize.CellTypeSharedString)
	f("Matrix", "E4", "@SUM(1)", excelize.CellTypeSharedString)
	panes, err := file.GetPanes("Matrix")
	if err != nil || !panes.Freeze || panes.YSplit != 4 || panes.XSplit != 2 {
		t.Errorf("panes %+v (%v), want heads and names frozen", panes, err)
	}
}
