package ingest

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
)

// FuzzRead feeds any bytes to whatever format they look like: nothing may
// panic, and every record must be either good or rejected, in both passes alike.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"cases_gb18030.csv", "cases_big5.csv", "cases_cp1252.csv", "cases_utf16.csv", "planted_errors.csv"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("id,opened_at,lon,lat\n1,2024-01-01,1,2\n\"2\",\"x\n3,,,\n"))
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"created":"2024-01-01"},"geometry":{"type":"Point","coordinates":[1,2]}},3]}`))
	f.Add([]byte(`{"type":"Feature","properties":{"created":"2024-01-01"},"geometry":{"type":"Point","coordinates":[1]}}` + "\n{}\n"))
	f.Add([]byte("id,opened_at,closed_at\n1,01/02/2024,02.03.2024 10:00\n2,05/06/24,\n"))
	f.Add([]byte("id,opened_at,挂账时段,处置时限,是否满意\n1,2024-05-01,2024-05-01/2024-05-02,2个工作日,满意\n2,2024-05-01,至今,x,?\n"))
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 1<<16 {
			return
		}
		in := Bytes("fuzz", content)
		p, err := newPlan(in, Options{}, data.Settings{})
		if err != nil {
			return
		}
		var rejects bytes.Buffer
		if err := p.settleDates(context.Background(), in, time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
		s, err := p.first(context.Background(), in, Options{ChunkRows: 3, Rejects: &rejects}, func(Progress) {})
		if err != nil {
			return
		}
		if s.accepted+s.repeated+s.rejected != s.read {
			t.Fatalf("%d accepted, %d repeated, %d rejected of %d", s.accepted, s.repeated, s.rejected, s.read)
		}
		if s.rejected > 0 == (rejects.Len() == 0) {
			t.Fatalf("%d rejected, %d bytes of rejects", s.rejected, rejects.Len())
		}
		r := &run{plan: p, survey: s, in: in}
		if r.stamper, err = NewStamper(nil, nil); err != nil {
			t.Fatal(err)
		}
		var rows int64
		err = scan(context.Background(), reader{plan: p, input: in, size: 3}, r.build, func(b built) error {
			rows += int64(b.rows.Len())
			return nil
		})
		if err != nil || rows != s.accepted {
			t.Fatalf("second pass: %d rows, %v; want %d", rows, err, s.accepted)
		}
	})
}

// FuzzIntervals reads any text as pauses and as a limit: what is taken is in the
// form that data reads.
func FuzzIntervals(f *testing.F) {
	for _, text := range []string{"2024/05/01 09:00/2024/05/02", "2024-05-01至今", "2024年5月1日～2024年5月2日；2024-05-03/..", "/", "~~", "4 work_hour", "2个工作日", "1e400天", "-1"} {
		f.Add(text)
	}
	in := Bytes("fuzz", []byte("id,opened_at,p,l\n1,2024/05/01,,\n"))
	mapping := Mapping{Dataset: data.Incidents, Map: map[string]string{"pauses": "p", "limit_amount": "l"}}
	p, err := newPlan(in, Options{Mapping: mapping}, data.Settings{Zone: "Asia/Shanghai"})
	if err != nil {
		f.Fatal(err)
	}
	c := newConverter(p)
	f.Fuzz(func(t *testing.T, text string) {
		v, bad := c.pauses(&p.bindings[p.at.pauses], text)
		pauses, err := data.ParsePauses(v.text)
		if err != nil || v.ok != (len(pauses) > 0) || bad != nil && v.ok {
			t.Fatalf("pauses %q are %q: %v, %v, %v", text, v.text, pauses, err, bad)
		}
		if bad := c.limit(&p.bindings[p.at.limit], text); bad == nil && !(c.fact.values[p.at.limit].number >= 0) {
			t.Fatalf("limit %q is %v", text, c.fact.values[p.at.limit].number)
		}
	})
}

// FuzzTimes reads any text as a time of every format.
func FuzzTimes(f *testing.F) {
	for _, tf := range timeFormats {
		f.Add(tf.Example)
	}
	f.Add("2024年3月8日 下午3时15分")
	f.Fuzz(func(t *testing.T, text string) {
		for _, tf := range timeFormats {
			m, err := tf.parse(text)
			if err == nil && (m.micros > 1<<60 || m.micros < -1<<60) {
				t.Fatalf("%s of %q = %d", tf.Name, text, m.micros)
			}
		}
	})
}
