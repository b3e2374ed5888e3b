package ingest_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data/ingest"
)

func TestCheckSaysWhatAFileIsReadAs(t *testing.T) {
	store := newStore()
	m := ingest.Mapping{Zone: "Asia/Shanghai", CRS: "gcj02", Keep: []string{"问题分类"}}
	r, err := ingest.Check(context.Background(), store, testdata(t, "cases_gb18030.csv"), ingest.Options{Mapping: m})
	if err != nil {
		t.Fatal(err)
	}
	if r.Format != "csv" || r.Encoding != ingest.GB18030 || r.Delimiter != "," || r.Profile != "generic" || r.CRS != "gcj02" || r.IDs != "工单编号" || r.Sampled != 4 {
		t.Errorf("read as %+v", r)
	}
	uses := map[string]string{}
	for _, c := range r.Columns {
		uses[c.Name] = c.Use
		for _, target := range c.Targets {
			uses[c.Name] += " " + target
		}
		if c.Times != "" {
			uses[c.Name] += " " + c.Times
		}
	}
	want := map[string]string{
		"工单编号": "mapped id", "问题分类": "mapped category", "工单状态": "mapped status", "创建时间": "mapped reported_at iso", "办结时间": "mapped closed_at iso",
		"社区": "mapped community_given", "经度": "mapped lon", "纬度": "mapped lat", "地址": "mapped address",
	}
	if d := cmp.Diff(want, uses); d != "" {
		t.Errorf("uses of columns: %s", d)
	}
	if len(r.Rows) != 4 || r.First.Len() != 4 || r.Rows[2]["reported_at"] != "2024-03-08T09:15:00+08:00" || r.Rows[0]["attributes"] != `{"问题分类":"市容环卫->垃圾清运"}` {
		t.Errorf("rows %v", r.Rows)
	}
	if imports, err := store.Imports(context.Background()); err != nil || len(imports) != 0 {
		t.Errorf("imports %v, %v: Check must not write", imports, err)
	}
}

func TestCheckNamesDoubts(t *testing.T) {
	f := func(file string, want ...string) {
		t.Helper()
		r, err := ingest.Check(context.Background(), newStore(), ingest.Bytes("a.csv", []byte(file)), ingest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range r.Doubts {
			got = append(got, d.Code)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("doubts of %q: %s", file, d)
		}
	}
	f("id,opened_at\n1,01/02/2024\n2,03/04/2024\n", "day_or_month", "no_zone")
	f("id,opened_at\n1,1309498353\n")
	f("id,opened_at\n1,2024-01-01T00:00:00+08:00\n")
	f("id,opened_at,lon,lat\n1,2024-01-01T00:00:00,116.31,39.91\n2,2024-01-01T00:00:00Z,116.31,39.9\n3,2024-01-01T00:00:00Z,116.3,39.91\n4,2024-01-01T00:00:00Z,116.31,39.91\n5,2024-01-01T00:00:00Z,116.31,39.91\n6,2024-01-01T00:00:00Z,0,0\n",
		"no_zone", "zero_coordinates", "rounded_coordinates")
	f("id,opened_at,lon,lat\n1,1309498353,39912345,116412345\n2,1309498353,39912345,116412345\n3,1309498353,39912345,116412345\n4,1309498353,39912345,116412345\n5,1309498353,39912345,116412345\n", "scaled")
}

func TestCheckSaysWhatIsMissing(t *testing.T) {
	_, err := ingest.Check(context.Background(), newStore(), ingest.Bytes("a.csv", []byte("id,colour\n1,red\n2,blue\n")), ingest.Options{})
	if err == nil || !cmp.Equal(err.Error(), "check a.csv: no column of the file gives reported_at (columns: id, colour): name it with --map reported_at=COLUMN") {
		t.Errorf("error %v", err)
	}
}

// A column that may be kind or category is the category, unless another one is.
func TestTypeIsKindWhereCategoryIsKnown(t *testing.T) {
	f := func(header, column, want string) {
		t.Helper()
		in := ingest.Bytes("a.csv", []byte(header+"\n1,2024-01-01,甲,乙\n"))
		r, err := ingest.Check(context.Background(), newStore(), in, ingest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Columns {
			if c.Name == column && !cmp.Equal(c.Targets, []string{want}) {
				t.Errorf("%s: %s is %v, want %s", header, column, c.Targets, want)
			}
		}
	}
	f("编号,上报时间,类型,地址", "类型", "category")
	f("编号,上报时间,类型,大类", "类型", "kind")
	f("编号,上报时间,问题类型,地址", "问题类型", "category")
	f("编号,上报时间,案件性质,案件类型", "案件性质", "kind")
}
