package ingest

import (
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data"
)

func TestFormatsSayWhatTheyAre(t *testing.T) {
	var names []string
	for _, f := range formats {
		if f.Name == "" || f.Title == "" || strings.HasSuffix(f.Title, ".") || f.Doc == "" || f.Reference == "" || len(f.Extensions) == 0 {
			t.Errorf("format %q: incomplete", f.Name)
		}
		if slices.Contains(names, f.Name) {
			t.Errorf("format %s twice", f.Name)
		}
		names = append(names, f.Name)
	}
}

func TestProfilesMapColumnsThatExist(t *testing.T) {
	profiles := append(Profiles(), generic(data.Resources), generic(data.Inspections))
	for _, p := range profiles {
		if p.Title == "" || p.Doc == "" || p.Reference == "" {
			t.Errorf("profile %s: incomplete", p.Name)
		}
		if err := p.Mapping.Check(); err != nil {
			t.Errorf("profile %s: %v", p.Name, err)
		}
	}
}

func TestProfilesAreKnownByTheirHeaders(t *testing.T) {
	f := func(want, header string) {
		t.Helper()
		if got := detectProfile(strings.Split(header, ","), ""); got.Name != want {
			t.Errorf("header %s is %s, want %s", header, got.Name, want)
		}
	}
	f("boston311", "case_enquiry_id,open_dt,target_dt,closed_dt,ontime,case_status,latitude,longitude")
	f("boston311", "case_enquiry_id,open_dt,sla_target_dt,closed_dt,on_time,case_status,latitude,longitude")
	f("chicago311", "sr_number,sr_type,status,created_date,last_modified_date,closed_date,community_area,latitude,longitude")
	f("chicago311", "SR_NUMBER,SR_TYPE,STATUS,CREATED_DATE,LAST_MODIFIED_DATE,CLOSED_DATE,COMMUNITY_AREA")
	f("chicago311", "Creation Date,Status,Completion Date,Service Request Number,Community Area")
	f("nyc311", "Unique Key,Created Date,Closed Date,Agency,Complaint Type,Descriptor")
	f("sf311", "service_request_id,requested_datetime,closed_date,status_description,service_name,service_subtype,lat,long")
	f("sf311", "CaseID,Opened,Closed,Updated,Status,Category,Request Type")
	f("open311", "service_request_id,status,service_name,service_code,requested_datetime,updated_datetime,lat,long")
	f("chicago_food", "Inspection ID,DBA Name,Facility Type,Inspection Date,Results")
	f("police_uk", "Month,Falls within,Longitude,Latitude,LSOA code,Crime type")
	f("generic", "工单编号,创建时间,办结时间,社区")
	f("generic", "a,b,c")
}

// Chinese names that exports of 数字城管 and 12345 use are known.
func TestChineseColumnsAreKnown(t *testing.T) {
	f := func(canonical, name string) {
		t.Helper()
		if findColumn([]string{"x1", name}, generic(data.Incidents).Mapping.Map[canonical]) != 1 {
			t.Errorf("%s is not known as %s", name, canonical)
		}
	}
	f("id", "工单编号")
	f("id", "案件编号")
	f("reported_at", "创建时间")
	f("closed_at", "办结时间")
	f("lon", "经度")
	f("lat", "纬度")
	f("community_given", "村/社区")
	f("community_given", "被反映街乡镇")
	f("community_given", "所属区")
	f("category", "问题类型")
	f("category", "类型")
	f("kind", "案件性质")
	f("reported_at", "Fecha de creación")
	f("community_given", "Stadtteil")
	f("responsible", "二级承办单位")
	f("outcome", "是否解决")
	f("status", "工单状态")
}
