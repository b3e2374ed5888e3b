package sample

import (
	"strconv"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo/crs"
)

// The columns of the files of incidents, by source.

func (c *City) hotlineColumns() []column[incident] {
	columns := c.caseColumns("工单编号,工单类型,问题分类,问题细类,来源渠道,工单状态,办理结果,重复工单,承办单位,"+
		"创建时间,响应时间,办结时间,应办结时间,更新时间", [4]string{"处理中", "已办结", "挂账", "作废"})
	return located(c.addressed(named(columns, "社区编码"), "地址"), "经度", "纬度")
}

func (c *City) patrolColumns() []column[incident] {
	columns := c.caseColumns("task_num,rec_type,main_type,sub_type,event_src,stage,result,same_as,dispose_unit,"+
		"create_time,dispose_begin_time,archive_time,dispose_deadline,update_time", [4]string{"处置中", "已结案", "挂账", "作废"})
	return located(named(columns, "cell_id"), "coordinate_x", "coordinate_y")
}

func (c *City) portalColumns() []column[incident] {
	columns := c.caseColumns("service_request_id,service_kind,service_name,service_detail,origin,status,outcome,parent_request_id,agency_responsible,"+
		"requested_datetime,responded_datetime,closed_datetime,expected_datetime,updated_datetime", [4]string{"Open", "Completed", "On hold", "Canceled"})
	columns = append(columns, column[incident]{means: "verdict", name: "on_time", value: incident.verdict})
	return located(c.addressed(columns, "address"), "long", "lat")
}

func (c *City) videoColumns() []column[incident] {
	return sameName(c.caseColumns("", [4]string{"open", "closed", "suspended", "void"}))
}

func (c *City) mailboxColumns() []column[incident] {
	columns := c.caseColumns("letter_no,kind,category,subcategory,channel,status,outcome,repeats,responsible,received,answered,closed,due,updated",
		[4]string{"open", "closed", "suspended", "void"})
	return named(columns, "community_code")
}

// state returns the case's status in a source's own words.
func (in incident) state(words [4]string) string {
	switch in.status {
	case data.StatusOpen:
		return words[0]
	case data.StatusClosed:
		return words[1]
	case data.StatusSuspended:
		return words[2]
	}
	return words[3]
}

// reportedAt returns when the case was reported, as the source wrote it.
func (in incident) reportedAt() string {
	if in.garbled != "" {
		return in.garbled
	}
	return clock(in.reported)
}

// verdict returns what the source says of a closed case with a limit.
func (in incident) verdict() string {
	switch {
	case in.closed == noTime || in.due == noTime:
		return ""
	case in.closed <= in.due:
		return "ONTIME"
	}
	return "OVERDUE"
}

// department returns the unit that deals with a case: the district's.
func (c *City) department(in incident) string {
	unit := in.unit
	if unit < 0 {
		unit = c.addresses[in.address].unit
	}
	return c.proper[c.districtOf(unit)].latin + " " + c.categories[in.category].unit
}

// line returns the address of a case as people write it, "" where it is not
// known.
func (c *City) line(in incident) string {
	if in.address < 0 {
		return ""
	}
	a := c.addresses[in.address]
	return c.proper[a.unit].hans + "路" + strconv.Itoa(int(a.door)) + "号"
}

// writeCases appends a CSV file of a source's cases.
func writeCases(s *sheet, columns []column[incident], cases []incident) {
	writeHeader(s, columns)
	for _, in := range cases {
		writeRow(s, columns, in)
	}
}

// writeFeatures appends a GeoJSON file of a source's cases.
func writeFeatures(s *sheet, columns []column[incident], cases []incident) {
	s.features(len(cases), func(n int) {
		writeProperties(s, columns, cases[n])
		s.text(`,"geometry":{"type":"Point","coordinates":`)
		s.point(cases[n].at)
		s.text("}")
	})
}

// withBadRows returns the hotline's cases with the rows that do not count:
// earlier versions of some cases, dates that do not exist, and cases without an
// id.
func (c *City) withBadRows() []incident {
	cases := c.incidents[hotline]
	repeated := make(map[string]bool, len(c.repeated))
	for _, id := range c.repeated {
		repeated[id] = true
	}
	rows := make([]incident, 0, len(cases)+repeatedRows+unreadableRows+anonymousRows)
	gap := len(cases) / (unreadableRows + anonymousRows)
	for n, in := range cases {
		if repeated[in.id] {
			earlier := in
			earlier.status, earlier.outcome, earlier.responded, earlier.closed, earlier.updated = data.StatusOpen, "", noTime, noTime, in.reported
			rows = append(rows, earlier)
		}
		rows = append(rows, in)
		if n%gap != gap-1 {
			continue
		}
		if n/gap < unreadableRows {
			in.id, in.garbled = "X"+in.id, "2025-13-41 07:61:00"
		} else {
			in.id = ""
		}
		rows = append(rows, in)
	}
	return rows
}

// inGCJ02 returns the cases with their coordinates in GCJ-02.
func inGCJ02(cases []incident) []incident {
	moved := make([]incident, len(cases))
	for n, in := range cases {
		at, err := crs.FromWGS84(crs.GCJ02, in.at)
		if err != nil {
			panic("BUG: a point of the city has no GCJ-02 coordinates: " + err.Error())
		}
		in.at = orb.Point{micro(at[0]), micro(at[1])}
		moved[n] = in
	}
	return moved
}
