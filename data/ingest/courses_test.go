package ingest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// wantColumns imports a file of incidents with Chinese times and tests some
// columns, by id. Times are told in the zone of the file.
func wantColumns(t *testing.T, r ingest.Result, store data.Store, want map[string]map[string]string) {
	t.Helper()
	if r.Rejected > 0 {
		t.Fatalf("rejected %v", r.Rejects)
	}
	for name, values := range want {
		if diff := cmp.Diff(values, column(t, store, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// unix is a time of 2024-05 in Asia/Shanghai, as column tells it.
func unix(day, hour int) string {
	const mayInShanghai = 1714492800 // 2024-05-01T00:00:00+08:00
	return fmt.Sprint(mayInShanghai + ((day-1)*24+hour)*3600)
}

// The columns are those of the export of Beijing's 12345 platform.
func TestTheExportOfBeijing12345(t *testing.T) {
	const file = `工单编号,工单类型,问题分类,标签,标题,主要内容,工单状态,被反映区,被反映街乡镇,村/社区,小区点位,创建时间,办结时间,二级承办单位,是否有效回访,是否联系,是否解决,是否满意,工单性质
A1,诉求,市容环卫->垃圾清运->暴露垃圾,x,y,z,已办结,东城区,安定门街道,国子监社区,1号院,2024-05-01 08:00:00,2024-05-02 09:00:00,市政科,是,是,是,基本满意,主办
A2,咨询,道路破损,x,y,z,办理中,东城区,安定门街道,,,2024-05-01 10:00:00,,市政科,否,,,未评价,主办
A3,诉求,噪音,x,y,z,已办结,东城区,,,,2024-05-01 11:00:00,2024-05-03 00:00:00,环保科,是,否,部分解决,不满意,协办
`
	store := newStore()
	r := importFile(t, store, ingest.Bytes("12345.csv", []byte(file)), ingest.Options{})
	if r.Reading.Profile != "beijing12345" || r.Reading.Zone != "Asia/Shanghai" || r.Reading.Source != "beijing12345" {
		t.Errorf("read as %s of %s in %s", r.Reading.Profile, r.Reading.Source, r.Reading.Zone)
	}
	wantColumns(t, r, store, map[string]map[string]string{
		"kind":            {"A1": "诉求", "A2": "咨询", "A3": "诉求"},
		"category":        {"A1": "市容环卫", "A2": "道路破损", "A3": "噪音"},
		"subcategory":     {"A1": "垃圾清运->暴露垃圾", "A2": "-", "A3": "-"},
		"status":          {"A1": "closed", "A2": "open", "A3": "closed"},
		"community_given": {"A1": "国子监社区", "A2": "安定门街道", "A3": "东城区"},
		"reported_at":     {"A1": unix(1, 8), "A2": unix(1, 10), "A3": unix(1, 11)},
		"closed_at":       {"A1": unix(2, 9), "A2": "-", "A3": unix(3, 0)},
		"callback_valid":  {"A1": "yes", "A2": "no", "A3": "yes"},
		"contacted":       {"A1": "yes", "A2": "-", "A3": "no"},
		"solved":          {"A1": "yes", "A2": "-", "A3": "-"},
		"satisfaction":    {"A1": "basic", "A2": "none", "A3": "dissatisfied"},
		"responsible":     {"A1": "市政科", "A2": "市政科", "A3": "环保科"},
		"channel":         {"A1": "hotline", "A2": "hotline", "A3": "hotline"},
	})
	if len(r.Notes) != 1 || r.Notes[0].Code != "unknown_answer" || r.Notes[0].Rows != 1 {
		t.Errorf("notes %+v, want the one answer that is not known", r.Notes)
	}
}

func TestExportsOfDigitalCitySystems(t *testing.T) {
	f := func(what, file string) {
		t.Helper()
		store := newStore()
		r := importFile(t, store, ingest.Bytes("cases.csv", []byte(file)), ingest.Options{})
		if r.Reading.Profile != "digital_city" || r.Reading.Zone != "Asia/Shanghai" {
			t.Errorf("%s: read as %s in %s", what, r.Reading.Profile, r.Reading.Zone)
		}
		wantColumns(t, r, store, map[string]map[string]string{
			"kind":            {"1": "事件", "2": "部件"},
			"category":        {"1": "市容环境", "2": "公用设施"},
			"subcategory":     {"1": "暴露垃圾", "2": "上水井盖"},
			"channel":         {"1": "监督员上报", "2": "视频"},
			"reported_at":     {"1": unix(1, 8), "2": unix(1, 9)},
			"accepted_at":     {"1": unix(1, 9), "2": "-"},
			"registered_at":   {"1": unix(1, 10), "2": "-"},
			"dispatched_at":   {"1": unix(1, 11), "2": "-"},
			"disposed_at":     {"1": unix(2, 8), "2": "-"},
			"checked_at":      {"1": unix(2, 9), "2": "-"},
			"closed_at":       {"1": unix(2, 10), "2": "-"},
			"responded_at":    {"1": "-", "2": "-"},
			"due_at":          {"1": unix(3, 8), "2": unix(4, 8)},
			"limit_amount":    {"1": "2", "2": "4"},
			"limit_unit":      {"1": "work_day", "2": "urgent_hour"},
			"reworks":         {"1": "0", "2": "0"}, // 1/1,000,000th of what column tells of whole numbers
			"duty_grid":       {"1": "G01", "2": "G02"},
			"community_given": {"1": "110101001001", "2": "110101001002"},
			"status":          {"1": "closed", "2": "open"},
		})
	}
	f("field names", `task_num,event_type_id,main_type_id,sub_type_id,event_src_id,stage,create_time,accept_time,register_time,dispatch_time,dispose_end_time,check_time,archive_time,dispose_deadline,dispose_limit,rework_num,duty_grid_id,community_id,cell_id
1,事件,市容环境,暴露垃圾,监督员上报,已结案,2024-05-01 08:00,2024-05-01 09:00,2024-05-01 10:00,2024-05-01 11:00,2024-05-02 08:00,2024-05-02 09:00,2024-05-02 10:00,2024-05-03 08:00,2个工作日,1,G01,110101001001,110101001001001
2,部件,公用设施,上水井盖,视频,处置中,2024-05-01 09:00,,,,,,,2024-05-04 08:00,4紧急工作时,0,G02,110101001002,110101001002001
`)
	f("headers", `任务号,案件性质,大类名称,小类名称,问题来源,案件状态,上报时间,受理时间,立案时间,派遣时间,处置完成时间,核查时间,结案时间,处置截止时间,处置时限,时限单位,返工次数,责任网格,社区编码,单元网格
1,事件,市容环境,暴露垃圾,监督员上报,已结案,2024-05-01 08:00,2024-05-01 09:00,2024-05-01 10:00,2024-05-01 11:00,2024-05-02 08:00,2024-05-02 09:00,2024-05-02 10:00,2024-05-03 08:00,2,工作日,1,G01,110101001001,110101001001001
2,部件,公用设施,上水井盖,视频,处置中,2024-05-01 09:00,,,,,,,2024-05-04 08:00,4,紧急工作时,0,G02,110101001002,110101001002001
`)
}

func TestPausesAreRead(t *testing.T) {
	const header = "id,opened_at,pauses,suspended_at,resumed_at\n"
	f := func(what, pauses, from, to, want string, mapping map[string]string) {
		t.Helper()
		file := header + fmt.Sprintf("1,2024/05/01 08:00,%s,%s,%s\n", pauses, from, to)
		store := newStore()
		m := ingest.Mapping{Dataset: data.Incidents, Source: "s", Zone: "Asia/Shanghai", Map: mapping}
		r := importFile(t, store, ingest.Bytes("x.csv", []byte(file)), ingest.Options{Mapping: m})
		got := column(t, store, "pauses")["1"]
		if r.Rejected > 0 {
			got = r.Rejects[0].Code + ": " + r.Rejects[0].Message
		}
		if got != want {
			t.Errorf("%s: pauses %q, want %q", what, got, want)
		}
	}
	one := map[string]string{"pauses": "pauses"}
	f("none", "", "", "", "-", one)
	f("one interval", "2024/05/01 09:00/2024/05/01 10:30", "", "", "2024-05-01T01:00:00Z/2024-05-01T02:30:00Z", one)
	f("ISO dates with an offset", "2024-05-01T09:00:00Z/2024-05-01T10:00:00+08:00", "", "", "time: an interval that ends before it begins", one)
	f("no end", "2024/05/01 09:00/", "", "", "2024-05-01T01:00:00Z/..", one)
	f("dots for an end", "2024-05-01 09:00/..", "", "", "2024-05-01T01:00:00Z/..", one)
	f("until now", "2024/05/01 09:00至今", "", "", "2024-05-01T01:00:00Z/..", one)
	f("Chinese", "2024年5月1日 09:00至2024年5月1日 10:00；2024年5月2日 09:00～2024年5月2日 10:00", "", "",
		"2024-05-01T01:00:00Z/2024-05-01T02:00:00Z;2024-05-02T01:00:00Z/2024-05-02T02:00:00Z", one)
	f("out of order, and one within another", "2024/05/03 09:00/2024/05/03 10:00;2024/05/01 09:00/2024/05/01 12:00;2024/05/01 10:00/2024/05/01 11:00", "", "",
		"2024-05-01T01:00:00Z/2024-05-01T04:00:00Z;2024-05-03T01:00:00Z/2024-05-03T02:00:00Z", one)
	f("no length", "2024/05/01 09:00/2024/05/01 09:00", "", "", "-", one)
	f("the wrong way round", "2024/05/02 09:00/2024/05/01 09:00", "", "", "time: an interval that ends before it begins", one)
	f("one time", "2024/05/02 09:00", "", "", "time: not an interval such as 2024-05-01 08:00/2024-05-02 09:30", one)
	f("words", "two days/three", "", "", "time: not an interval such as 2024-05-01 08:00/2024-05-02 09:30", one)
	f("no beginning", "/2024/05/02 09:00", "", "", "time: not an interval such as 2024-05-01 08:00/2024-05-02 09:30", one)
	two := map[string]string{"pauses": "suspended_at+resumed_at"}
	f("two columns", "", "2024/05/01 09:00", "2024/05/01 10:00", "2024-05-01T01:00:00Z/2024-05-01T02:00:00Z", two)
	f("two columns, the first", "", "2024/05/01 09:00", "", "2024-05-01T01:00:00Z/..", two)
	f("two columns, the second", "", "", "2024/05/01 09:00", "time: not an interval such as 2024-05-01 08:00/2024-05-02 09:30", two)
	f("two columns, neither", "", "", "", "-", two)
	f("two columns by their names", "", "2024/05/01 09:00", "2024/05/01 10:00", "2024-05-01T01:00:00Z/2024-05-01T02:00:00Z", map[string]string{"pauses": "nothing|suspended_at+resumed_at"})
}

func TestLimitsAreReadWithTheirUnits(t *testing.T) {
	f := func(limit, unit, wantAmount, wantUnit string) {
		t.Helper()
		store := newStore()
		m := ingest.Mapping{Dataset: data.Incidents, Source: "s", Map: map[string]string{"limit_amount": "limit", "limit_unit": "unit"}}
		file := fmt.Sprintf("id,opened_at,limit,unit\n1,2024-05-01,%s,%s\n", limit, unit)
		r := importFile(t, store, ingest.Bytes("x.csv", []byte(file)), ingest.Options{Mapping: m})
		amount := column(t, store, "limit_amount")["1"]
		if r.Rejected > 0 {
			amount = r.Rejects[0].Code
		}
		if got := column(t, store, "limit_unit")["1"]; amount != wantAmount || got != wantUnit {
			t.Errorf("limit %q, unit %q: %s %s, want %s %s", limit, unit, amount, got, wantAmount, wantUnit)
		}
	}
	f("4", "", "4", "-")
	f("0.5", "工作时", "0.5", "work_hour")
	f("2个工作日", "", "2", "work_day")
	f("2个工作日", "自然日", "2", "natural_day")
	f("4 business hours", "", "4", "work_hour")
	f("3 紧急工作日", "", "3", "urgent_hour")
	f("7天", "", "7", "natural_day")
	f("1e1", "d", "10", "day")
	f("2", "shifts", "2", "shifts")
	f("soon", "", "number", "")
	f("-1", "", "number", "")
	f("2024-05-03 08:00", "", "number", "")
}

// TestAGuessThatDoesNotFitRejectsNothing has columns of the names of later ones
// that hold something else: such a file was imported before there were these.
func TestAGuessThatDoesNotFitRejectsNothing(t *testing.T) {
	var file strings.Builder
	file.WriteString("id,opened_at,处置时限,核查时间,返工次数,挂账时段,立案时间,severity\n")
	for i := range 20 {
		fmt.Fprintf(&file, "%d,2024-05-01 08:00,2024-05-03 08:00,张三核查,无,至今,2024-05-01 %02d:00,%d\n", i, i, i%4)
	}
	file.WriteString("20,2024-05-01 08:00,2024-05-03 08:00,张三核查,无,至今,soon,3\n")
	store := newStore()
	r := importFile(t, store, ingest.Bytes("x.csv", []byte(file.String())), ingest.Options{Mapping: ingest.Mapping{Zone: "UTC"}})
	if r.Rejected != 1 || r.Rejects[0].Column != "立案时间" {
		t.Errorf("rejected %v, want the time of one row in twenty", r.Rejects)
	}
	for _, u := range r.Reading.Columns {
		mapped := slices.Contains([]string{"id", "opened_at", "立案时间", "severity"}, u.Name)
		if mapped != (u.Use == ingest.UseMapped) {
			t.Errorf("column %s is %s", u.Name, u.Use)
		}
	}
	m := ingest.Mapping{Zone: "UTC", Map: map[string]string{"reworks": "返工次数"}}
	if r := importFile(t, newStore(), ingest.Bytes("x.csv", []byte(file.String())), ingest.Options{Mapping: m}); r.Rejected != 21 {
		t.Errorf("%d rows rejected where the column was named, want all 21", r.Rejected)
	}
}

func TestInspectionsWithDeductions(t *testing.T) {
	const file = "id,检查时间,测评标准,扣分,复查时间,复查结果,来源案件编号,严重程度\n" +
		"1,2024-05-01,公共环境,0.5,2024-05-03,虚假整改,A7,重\n2,2024-05-01,公共秩序,,,合格,,\n"
	store := newStore()
	r := importFile(t, store, ingest.Bytes("x.csv", []byte(file)), ingest.Options{Dataset: data.Inspections, Mapping: ingest.Mapping{Zone: "UTC"}})
	if r.Rejected > 0 {
		t.Fatalf("rejected %v", r.Rejects)
	}
	for b, err := range store.Scan(t.Context(), data.Query{Dataset: data.Inspections}) {
		if err != nil {
			t.Fatal(err)
		}
		got := []any{
			b.Codes("standard").At(0), b.Floats("deduction")[0], b.Valid("deduction").At(1), b.Ints("rechecked_at")[0], b.Codes("recheck").At(0),
			b.Codes("recheck").At(1), b.Texts("incident").At(0), b.Codes("severity").At(0),
		}
		want := []any{"公共环境", 0.5, false, int64(1_714_694_400_000_000), "false_rectification", "ok", "A7", "重"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("inspections (-want +got):\n%s", diff)
		}
	}
}
