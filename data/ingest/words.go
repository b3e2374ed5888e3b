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
