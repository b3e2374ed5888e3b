package analytics

import (
	"fmt"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A Unit says what a row of a grid is: an H3 cell of one resolution, or a
// community of one level.
type Unit struct {
	Level      data.Level     // "" for cells
	Resolution geo.Resolution // of the cells
}

// CellsOf returns the unit of H3 cells at resolution r.
func CellsOf(r geo.Resolution) Unit { return Unit{Resolution: r} }

// CommunitiesOf returns the unit of communities at a level.
func CommunitiesOf(l data.Level) Unit { return Unit{Level: l} }

// IsCells reports whether rows are H3 cells.
func (u Unit) IsCells() bool { return u.Level == "" }

// String returns "h3-9" or the level's name.
func (u Unit) String() string {
	if u.IsCells() {
		return fmt.Sprintf("h3-%d", int(u.Resolution))
	}
	return string(u.Level)
}
