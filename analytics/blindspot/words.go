package blindspot

import (
	"fmt"

	"github.com/civgrid/civgrid/analytics"
)

func (e *evidence) method(per string, rings int) string {
	complaints := "Complaints by the permutation test of Gi*"
	if per == perInhabitants {
		complaints = "Complaints by inhabitants, standardised by the empirical Bayes index of Assunção and Reis, by the permutation test of Gi*"
	}
	return fmt.Sprintf("%s; failures of inspections by the binomial test against the share of all, with inspections worth one in %.2f, as those of a row are alike (Rao and Scott); "+
		"each of a row and those within %d rings. They disagree by the larger of the two p-values, one-sided and doubled for either way (intersection-union test); "+
		"false discovery rate of Benjamini and Hochberg.", complaints, e.inspections.effect, rings)
}

func rank() analytics.Rank {
	return analytics.Rank{Column: "q", Show: []string{"class", "complaints", "complaints_nearby", "complaints_nearby_expected", "inspections_nearby", "failed_nearby", "q"}}
}

func legend() analytics.Legend {
	return analytics.Legend{Column: "class", Title: "Complaints and inspections", Classes: []analytics.Class{
		{Key: Unseen, Label: "Many complaints, inspections pass", Color: "#7b3294", Shape: "triangle"},
		{Key: Unheard, Label: "Inspections fail, hardly any complaint", Color: "#008837", Shape: "square"},
		{Key: BothBad, Label: "Many complaints, inspections fail", Color: "#b2182b", Shape: "circle"},
		{Key: Uninspected, Label: "Many complaints, not inspected", Color: "#e08214", Shape: "ring"},
		{Key: BothGood, Label: "Hardly any complaint, inspections pass", Color: "#74add1", Shape: "circle"},
		{Key: None, Label: "No disagreement", Color: "#f7f7f2"},
		{Key: analytics.NoData, Label: "Cannot be told", Color: "#d9d9d9"},
	}}
}

func (e *evidence) summary(tallies []analytics.Tally, layer *analytics.Layer) []analytics.Item {
	class, _ := layer.Column("class")
	rows := map[string]int64{}
	for row, word := range class.Words {
		if class.Has(row) {
			rows[word]++
		}
	}
	elsewhere, nowhere := tallies[0].Beyond("n")
	items := []analytics.Item{
		{Key: "unseen", Title: "Rows with many complaints where inspections pass", Value: rows[Unseen], Unit: "count"},
		{Key: "unheard", Title: "Rows where inspections fail and hardly anybody complains", Value: rows[Unheard], Unit: "count"},
		{Key: "uninspected", Title: "Rows with many complaints that nobody inspected", Value: rows[Uninspected], Unit: "count"},
		{Key: "inspections", Title: "Inspections in a row, passed or failed", Value: tallies[1].Total("failed") + tallies[1].Total("passed"), Unit: "count"},
		{Key: "failed_share", Title: "Share failed", Value: nil, Unit: "share"},
		{Key: "in_rows", Title: "Complaints in a row of the layer", Value: tallies[0].Total("n"), Unit: "count"},
		{Key: "elsewhere", Title: "Complaints outside the layer's rows", Value: elsewhere, Unit: "count"},
		{Key: "without_place", Title: "Complaints without a place of this kind", Value: nowhere, Unit: "count"},
	}
	if tallies[1].Total("failed")+tallies[1].Total("passed") > 0 {
		items[4].Value = e.inspections.share
	}
	return items
}

func (e *evidence) caveats() []string {
	told := []string{"Complaints show where people report, inspections what was there when somebody came. Neither is the state of the street."}
	without := 0
	for row := range e.frame.Len() {
		if e.inspections.visits[row] == 0 {
			without++
		}
	}
	if without > 0 {
		told = append(told, fmt.Sprintf("Nobody inspected in or around %d of %d rows; nothing is said of inspections there.", without, e.frame.Len()))
	}
	return append(told, e.complaints.partly...)
}
