package sample

import "time"

// A Category is one of the matters people report.
type Category struct {
	Word string // as the files have it
	Hans string // simplified Chinese
	Hant string // traditional Chinese

	// Limit is the time a case may take, 0 where none is set.
	Limit time.Duration

	kind   string   // of an incident: event, component, complaint, request, consultation
	unit   string   // the department that deals with it
	finer  []string // subcategories
	median float64  // hours to close
	spread float64  // σ of the logarithm of the hours
	day    day
	share  [sourceCount]int64 // weight by source
	summer float64            // weight in July against January
	slow   bool               // large works, which are sometimes put on hold
}

// day names the course of a day.
type day uint8

const (
	officeDay day = iota
	eveningDay
	nightDay
)

// Categories returns the categories, those with the shortest limits first and
// those without a limit last.
func Categories() []Category { //nolint:funlen // a table
	const hour, d = time.Hour, 24 * time.Hour
	return []Category{
		{
			"Illegal parking", "违法停车", "違法停車", 4 * hour, "event", "Traffic Police",
			[]string{"占用盲道", "占用消防通道", "人行道停车"},
			1.5, 0.85, officeDay,
			[sourceCount]int64{8, 14, 12, 34, 2},
			1, false,
		},
		{
			"Street vending", "占道经营", "佔道經營", 12 * hour, "event", "Urban Management",
			[]string{"流动摊贩", "店外经营"},
			4.4, 0.9, eveningDay,
			[sourceCount]int64{7, 17, 6, 28, 2},
			1.2, false,
		},
		{
			"Noise", "噪声扰民", "噪聲擾民", 24 * hour, "complaint", "Ecology and Environment",
			[]string{"施工噪声", "广场舞", "娱乐场所"},
			9, 0.9, nightDay,
			[sourceCount]int64{16, 2, 12, 0, 14},
			1.4, false,
		},
		{
			"Waste and litter", "垃圾清运", "垃圾清運", 24 * hour, "event", "Sanitation",
			[]string{"暴露垃圾", "垃圾满溢", "建筑垃圾"},
			8.6, 0.85, officeDay,
			[sourceCount]int64{9, 23, 20, 22, 8},
			1.25, false,
		},
		{
			"Water and power", "水电供应", "水電供應", 24 * hour, "request", "Public Utilities",
			[]string{"停水", "停电", "燃气"},
			8.2, 0.8, officeDay,
			[sourceCount]int64{12, 0, 7, 0, 6},
			1.3, false,
		},
		{
			"Drainage", "排水积水", "排水積水", 48 * hour, "component", "Water Affairs",
			[]string{"井盖缺损", "道路积水", "下水堵塞"},
			18, 0.9, officeDay,
			[sourceCount]int64{8, 9, 9, 8, 5},
			2.6, false,
		},
		{
			"Street lighting", "路灯照明", "路燈照明", 72 * hour, "component", "Public Utilities",
			[]string{"路灯不亮", "灯杆损坏"},
			27, 0.9, eveningDay,
			[sourceCount]int64{4, 8, 10, 4, 3},
			0.8, false,
		},
		{
			"Road damage", "道路破损", "道路破損", 7 * d, "component", "Transport",
			[]string{"路面破损", "人行道破损", "护栏损坏"},
			60, 0.9, officeDay,
			[sourceCount]int64{7, 13, 12, 4, 8},
			1.1, true,
		},
		{
			"Trees and greenery", "园林绿化", "園林綠化", 10 * d, "component", "Parks",
			[]string{"树木倒伏", "绿地缺损"},
			88, 0.9, officeDay,
			[sourceCount]int64{4, 9, 8, 0, 7},
			1.5, true,
		},
		{
			"Illegal building", "违法建设", "違法建設", 30 * d, "complaint", "Urban Management",
			[]string{"违建举报", "屋顶搭建"},
			270, 0.95, officeDay,
			[sourceCount]int64{6, 5, 4, 0, 15},
			1, true,
		},
		{
			"Housing management", "物业管理", "物業管理", 0, "complaint", "Housing",
			[]string{"电梯故障", "收费争议", "小区环境"},
			70, 1.1, officeDay,
			[sourceCount]int64{13, 0, 0, 0, 20},
			1, false,
		},
		{
			"Advice", "咨询建议", "諮詢建議", 0, "consultation", "Hotline Centre",
			[]string{"政策咨询", "意见建议"},
			6, 1.2, officeDay,
			[sourceCount]int64{6, 0, 0, 0, 10},
			1, false,
		},
	}
}

// categoryNamed returns the number of a category by its word.
func categoryNamed(word string) uint8 {
	for n, c := range Categories() {
		if c.Word == word {
			return uint8(n)
		}
	}
	panic("BUG: no category " + word)
}

// sourceCount and the sources' numbers.
const (
	hotline = iota
	patrol
	portal
	video
	mailbox
	sourceCount
)

// source is a system that cases come from.
type source struct {
	name    string
	prefix  string // of ids
	cases   int
	hours   [3][24]int64 // weight of the hours, by day
	weekday [7]int64     // weight from Sunday on
	holiday float64      // factor on public holidays
	channel []string     // the ways a case comes in, first the most common
}

// sources returns the sources by number.
func sources() [sourceCount]source {
	calls := [3][24]int64{
		{2, 1, 1, 1, 1, 2, 5, 14, 34, 48, 52, 42, 26, 28, 44, 50, 46, 36, 24, 20, 18, 13, 8, 4},
		{4, 2, 1, 1, 1, 2, 3, 5, 8, 10, 11, 14, 15, 10, 10, 12, 18, 34, 52, 64, 58, 38, 20, 9},
		{34, 18, 9, 5, 5, 8, 12, 12, 12, 12, 10, 8, 16, 18, 8, 8, 8, 10, 16, 30, 44, 58, 66, 52},
	}
	rounds := [3][24]int64{
		{0, 0, 0, 0, 0, 0, 2, 16, 46, 60, 56, 34, 8, 12, 48, 58, 50, 30, 10, 4, 1, 0, 0, 0},
		{0, 0, 0, 0, 0, 0, 2, 14, 24, 20, 18, 14, 8, 8, 18, 22, 30, 40, 50, 46, 26, 6, 0, 0},
		{2, 0, 0, 0, 0, 1, 2, 4, 8, 8, 8, 6, 4, 4, 8, 8, 8, 8, 10, 16, 24, 20, 12, 6},
	}
	cameras := [3][24]int64{
		{6, 4, 3, 3, 4, 8, 16, 32, 36, 30, 28, 28, 28, 26, 26, 28, 30, 36, 34, 26, 20, 16, 12, 8},
		{12, 6, 3, 2, 2, 3, 4, 6, 8, 8, 9, 12, 12, 9, 9, 11, 18, 34, 50, 56, 52, 44, 30, 20},
		{20, 12, 8, 6, 6, 6, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 10, 14, 20, 26, 30, 32, 28},
	}
	return [sourceCount]source{
		{"12345", "RX", 25_200, calls, [7]int64{78, 118, 112, 106, 104, 108, 84}, 0.72, []string{"hotline", "hotline", "hotline", "app"}},
		{"patrol", "XC", 18_000, rounds, [7]int64{52, 124, 122, 120, 118, 116, 58}, 0.45, []string{"patrol"}},
		{"311", "SR", 10_200, calls, [7]int64{104, 104, 100, 98, 96, 98, 110}, 0.95, []string{"app", "app", "web"}},
		{"video", "SP", 4_200, cameras, [7]int64{100, 100, 100, 100, 100, 104, 104}, 1, []string{"video"}},
		{"mailbox", "XF", 2_400, calls, [7]int64{80, 120, 114, 108, 104, 100, 76}, 0.6, []string{"letter", "web"}},
	}
}
