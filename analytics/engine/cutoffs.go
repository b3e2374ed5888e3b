package engine

import "github.com/civgrid/civgrid/analytics"

// daysIn returns how many days a period has on average.
func daysIn(step string) float64 {
	switch step {
	case analytics.Daily:
		return 1
	case analytics.Weekly:
		return 7
	}
	return 365.2425 / 12
}
