package indicator

import (
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/data"
)

// FuzzCompute computes definitions on facts as dirty as they come: whatever the
// two are, nothing panics and a layer that is made is whole.
func FuzzCompute(f *testing.F) {
	for seed, text := range []string{
		wellFormed,
		"code: a\nversion: 1\nkind: ratio\nnumerator: [{where: open, weight: 0.5}, {where: all, weight: 1}]\ndirection: higher\nempty: full\n",
		"code: a\nversion: 1\nkind: score\ndataset: inspections\nmeasure: score\nof: max_score\ndirection: higher\nempty: zero\nscoring: {type: deduct, max: 10, per: 1}\n",
		"code: a\nversion: 1\nkind: mean\nmeasure: elapsed\nclock: {calendar: office, limit: {by: category, table: {noise: 2 work_day}}, pauses: [suspended]}\ndirection: lower\nempty: no_data\n",
		"code: a\nversion: 1\nkind: share_within\nclock: {limit: {record: due_at}, extension: replaces}\nopen_policy: km\ndirection: higher\nempty: neutral\nperiod: {by: closed, unit: week}\n",
		"pack: p\ntitle: P\nindicators:\n- {code: a, version: 1, kind: composite, items: [{indicator: b}, {indicator: b, bonus: true}], gates: [{indicator: b, op: '>=', value: 0.5}], direction: higher, empty: zero}\n" +
			"- {code: b, version: 1, kind: recurrence, dataset: inspections, subject: [point], direction: lower, empty: full}\n",
	} {
		f.Add(text, uint64(seed), uint8(20))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64, many uint8) {
		file, err := Read(strings.NewReader(text), nil)
		if err != nil || file.Pack == nil {
			return
		}
		around := Surroundings{Library: NewLibrary(file.Pack.Indicators, []*clock.Calendar{office(t)})}
		m := muddled(seed, 3)
		sources := batches{
			data.Incidents: m.incidents(int(many)).batch(), data.Inspections: m.inspections(int(many)).batch(),
			data.Resources: facts{dataset: data.Resources}.batch(),
		}
		for _, d := range file.Pack.Indicators {
			c, err := Compile(d, around)
			if err != nil {
				continue
			}
			if err := evaluate(t, c, districts(3), sources); err != nil && !strings.Contains(err.Error(), "has no data") && !strings.Contains(err.Error(), "64 bits") {
				t.Errorf("%s: %v", d.ID(), err)
			}
		}
	})
}
