package analytics

import (
	"fmt"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A Unit says what a row of a grid is: an H3 cell of one resolution, a community
// of one level, or one of those who answer for facts.
type Unit struct {
	Level      data.Level     // "" for cells
	Resolution geo.Resolution // of the cells
}

// CellsOf returns the unit of H3 cells at resolution r.
func CellsOf(r geo.Resolution) Unit { return Unit{Resolution: r} }

// CommunitiesOf returns the unit of communities at a level.
func CommunitiesOf(l data.Level) Unit { return Unit{Level: l} }

// The levels whose rows are not places but those who answer for facts.
const (
	ResponsibleUnit data.Level = "responsible_unit" // 责任单位
	DutyGrid        data.Level = "duty_grid"        // 责任网格
)

// Party returns the column of those who answer for facts, "" for places.
func (u Unit) Party() string {
	switch u.Level {
	case ResponsibleUnit:
		return "responsible"
	case DutyGrid:
		return "duty_grid"
	}
	return ""
}

// IsParty reports whether rows are those who answer for facts.
func (u Unit) IsParty() bool { return u.Party() != "" }

// IsCells reports whether rows are H3 cells.
func (u Unit) IsCells() bool { return u.Level == "" }

// String returns "h3-9" or the level's name.
func (u Unit) String() string {
	if u.IsCells() {
		return fmt.Sprintf("h3-%d", int(u.Resolution))
	}
	return string(u.Level)
}
