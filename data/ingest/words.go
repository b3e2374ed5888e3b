package ingest

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/civgrid/civgrid/data"
)

// missingWords are what stands for no value everywhere, in lower case.
var missingWords = map[string]bool{"": true, "null": true, "na": true, "n/a": true, "#n/a": true, "nan": true, `\n`: true}

// statusWords maps the states that sources use, in lower case, to ours.
var statusWords = invert(map[string][]string{
	data.StatusOpen: {
		"open", "opened", "reopened", "new", "in progress", "inprogress", "in-progress", "in_progress", "pending", "assigned", "started", "accepted",
		"acknowledged", "received", "active", "dispatched", "email sent", "investigating", "scheduled", "unassigned", "referred", "under review",
		"待处理", "待办", "处理中", "办理中", "未办结", "未结案", "未完成", "未处理", "已受理", "受理", "受理中", "已派遣", "派遣", "处置中", "核查中", "待核查", "已立案", "立案", "在办",
		"處理中", "辦理中", "未結案", "待處理", "受理中", "已受理",
		"abierto", "abierta", "en proceso", "pendiente", "offen", "in bearbeitung", "neu", "ouvert", "ouverte", "en cours",
	},
	data.StatusClosed: {
		"closed", "close", "complete", "completed", "resolved", "done", "fixed", "finished", "archived", "solved",
		"已办结", "办结", "结案", "已结案", "已关闭", "关闭", "已完成", "完成", "归档", "已归档", "已处理", "已解决", "办理完成", "正常结案",
		"已結案", "結案", "已辦結", "已處理", "已完成", "已關閉",
		"cerrado", "cerrada", "resuelto", "resuelta", "geschlossen", "erledigt", "abgeschlossen", "fermé", "clos", "résolu", "traité", "terminé",
	},
	data.StatusSuspended: {"suspended", "on hold", "hold", "deferred", "挂账", "已挂账", "缓办", "延期", "挂起", "掛帳", "緩辦"},
	data.StatusVoid: {
		"void", "voided", "canceled", "cancelled", "duplicate", "invalid", "rejected", "deleted", "withdrawn",
		"completed - dup", "open - dup", "closed - dup", "closed (duplicate)", "duplicate (open)", "duplicate (closed)", "not a case",
		"作废", "已作废", "撤销", "已撤销", "无效", "重复", "不予受理", "退回作废", "作廢", "撤銷", "無效", "重複",
	},
})

// verdictWords maps a source's own verdict to ours.
var verdictWords = invert(map[string][]string{
	data.VerdictOnTime: {"on_time", "on time", "ontime", "yes", "true", "1", "met", "按时", "按期", "是", "未超时", "未超期", "按时办结", "按期办结"},
	data.VerdictLate:   {"late", "overdue", "no", "false", "0", "missed", "超时", "超期", "逾期", "否", "已超时", "已超期", "超时办结", "超期办结"},
})

// answerWords maps the answers to a call-back to ours.
var answerWords = invert(map[string][]string{
	data.AnswerYes: {"yes", "y", "true", "1", "是", "有效", "联系", "已联系", "解决", "已解决", "聯繫", "已聯繫", "解決", "已解決"},
	data.AnswerNo:  {"no", "n", "false", "0", "否", "无效", "未联系", "未解决", "無效", "未聯繫", "未解決"},
})

// withdrawnWords are the words by which a source says that it took a fact back, or
// that it did not: what deletes rows in databases is a flag.
var withdrawnWords = map[string]bool{
	"yes": true, "y": true, "true": true, "t": true, "1": true, "是": true,
	"no": false, "n": false, "false": false, "f": false, "0": false, "否": false,
}

// satisfactionWords maps what was said of a case to ours.
var satisfactionWords = invert(map[string][]string{
	data.Satisfied:          {"satisfied", "very satisfied", "yes", "满意", "非常满意", "很满意", "是", "滿意", "非常滿意", "很滿意"},
	data.BasicallySatisfied: {"basic", "basically satisfied", "基本满意", "基本滿意"},
	data.Dissatisfied:       {"dissatisfied", "not satisfied", "very dissatisfied", "no", "不满意", "非常不满意", "很不满意", "否", "不滿意", "非常不滿意", "很不滿意"},
	data.SatisfactionNone:   {"none", "not rated", "no answer", "未评价", "未表态", "无评价", "未評價", "未表態", "無評價"},
})

// recheckWords maps what was found at a second look to ours.
var recheckWords = invert(map[string][]string{
	data.RecheckOK:    {"ok", "pass", "passed", "yes", "合格", "通过", "整改合格", "整改到位", "已整改", "是", "通過", "整改到位"},
	data.RecheckNotOK: {"not_ok", "not ok", "fail", "failed", "no", "不合格", "未通过", "不通过", "整改不到位", "未整改", "否", "未通過", "不通過"},
	data.RecheckFalse: {"false_rectification", "false rectification", "虚假整改", "虛假整改"},
})

// unitWords maps the units of limits to ours.
var unitWords = invert(map[string][]string{
	"work_hour":   {"work_hour", "work hour", "work hours", "working hour", "working hours", "business hour", "business hours", "工作时", "工作小时", "工作時", "工作小時"},
	"work_day":    {"work_day", "work day", "work days", "working day", "working days", "business day", "business days", "工作日", "工作天"},
	"natural_day": {"natural_day", "natural day", "natural days", "calendar day", "calendar days", "自然日", "天", "日"},
	"day":         {"day", "days", "d"},
	"hour":        {"hour", "hours", "h", "小时", "时", "自然小时", "小時", "時"},
	"minute":      {"minute", "minutes", "min", "分钟", "分", "分鐘"},
	"second":      {"second", "seconds", "s", "秒"},
})

// unitOf returns our name of a unit, or its own where there is none. What is
// urgent (紧急) runs on at night and on Sundays, whatever else it is called.
func unitOf(word string) string {
	low := lower(word)
	if low == "urgent_hour" || low == "urgent hour" || strings.Contains(low, "紧急") || strings.Contains(low, "緊急") {
		return "urgent_hour"
	}
	if unit, ok := unitWords[strings.TrimPrefix(low, "个")]; ok {
		return unit
	}
	return word
}

// wordsOf returns the words of a column that knows no others, in lower case, nil
// for other columns.
func wordsOf(column string) map[string]string {
	switch column {
	case "callback_valid", "contacted", "solved":
		return answerWords
	case "satisfaction":
		return satisfactionWords
	case "recheck":
		return recheckWords
	}
	return nil
}

func invert(words map[string][]string) map[string]string {
	inverted := map[string]string{}
	for meaning, list := range words {
		for _, w := range list {
			inverted[w] = meaning
		}
	}
	return inverted
}

// counted writes a number of things: 1 row, 2 rows.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// trim removes spaces of all kinds from both ends.
func trim(s string) string {
	if n := len(s); n > 0 && isInk(s[0]) && isInk(s[n-1]) {
		return s
	}
	return strings.Trim(s, " \t\r\n\u00a0\u3000\ufeff")
}

// isInk reports whether a byte is a visible character of ASCII.
func isInk(c byte) bool { return c > ' ' && c < utf8.RuneSelf }

// lower returns text in lower case.
func lower(s string) string { return strings.ToLower(s) }
