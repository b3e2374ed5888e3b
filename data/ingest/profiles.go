package ingest

import (
	"fmt"
	"strings"

	"github.com/civgrid/civgrid/data"
)

func boston311() Profile {
	return Profile{
		Name:      "boston311",
		Title:     "Boston 311",
		Doc:       "311 service requests of the City of Boston, in the legacy, the older and the new column names.",
		Reference: "Analyze Boston, 311 service requests",
		signature: []string{"case_enquiry_id|case_id", "open_dt|open_date"},
		Mapping: Mapping{
			Dataset: data.Incidents, Source: "boston311", Zone: "America/New_York",
			Map: map[string]string{
				"id": "case_enquiry_id|case_id", "reported_at": "open_dt|open_date", "closed_at": "closed_dt|close_date",
				"due_at": "sla_target_dt|target_dt|target_close_date", "verdict": "on_time|ontime", "status": "case_status",
				"category": "reason|case_topic", "subcategory": "type|service_name", "channel": "source|report_source",
				"responsible": "department|assigned_department", "address": "location|full_address",
				"community_given": "neighborhood", "lon": "longitude", "lat": "latitude",
			},
			Values: map[string]map[string]string{"verdict": {"ontime": data.VerdictOnTime, "overdue": data.VerdictLate}},
		},
	}
}

func chicago311() Profile {
	return Profile{
		Name:      "chicago311",
		Title:     "Chicago 311",
		Doc:       "311 service requests of the City of Chicago, in the present and the older (to 2018) column names.",
		Reference: "Chicago Data Portal, 311 Service Requests",
		signature: []string{"sr_number|service_request_number", "created_date|creation_date", "community_area"},
		Mapping: Mapping{
			Dataset: data.Incidents, Source: "chicago311", Zone: "America/Chicago",
			Map: map[string]string{
				"id": "sr_number|service_request_number", "reported_at": "created_date|creation_date",
				"updated_at": "last_modified_date", "closed_at": "closed_date|completion_date", "status": "status",
				"category":    "sr_type|type_of_service_request",
				"subcategory": "sr_short_code|what_is_the_nature_of_this_code_violation",
				"channel":     "origin", "responsible": "owner_department", "address": "street_address",
				"community_given": "community_area", "lon": "longitude", "lat": "latitude",
			},
		},
	}
}

func chicagoFood() Profile {
	return Profile{
		Name:      "chicago_food",
		Title:     "Chicago food inspections",
		Doc:       "Inspections of restaurants and shops by the City of Chicago.",
		Reference: "Chicago Data Portal, Food Inspections",
		signature: []string{"inspection_id", "inspection_date", "results", "facility_type"},
		Mapping: Mapping{
			Dataset: data.Inspections, Source: "chicago_food", Zone: "America/Chicago",
			Map: map[string]string{
				"id": "inspection_id", "inspected_at": "inspection_date", "point": "license|license_", "point_type": "facility_type",
				"item": "inspection_type", "result": "results", "found": "criticalcount", "channel": "=field",
				"address": "address", "lon": "longitude", "lat": "latitude",
			},
			Values: map[string]map[string]string{"result": {
				"pass": "pass", "fail": "fail", "pass w/ conditions": "pass_with_conditions", "no entry": "na",
				"not ready": "na", "out of business": "na", "business not located": "na",
			}},
		},
	}
}

func chicagoCrime() Profile {
	return Profile{
		Name:      "chicago_crime",
		Title:     "Chicago crimes",
		Doc:       "Reported crimes of the Chicago Police Department; they are never closed.",
		Reference: "Chicago Data Portal, Crimes",
		signature: []string{"case_number", "iucr", "primary_type", "date"},
		Mapping: Mapping{
			Dataset: data.Incidents, Source: "chicago_crime", Zone: "America/Chicago",
			Map: map[string]string{
				"id": "id", "reported_at": "date", "updated_at": "updated_on", "category": "primary_type", "subcategory": "description",
				"address": "block", "community_given": "community_area", "responsible": "district", "status": "=open", "kind": "=emergency",
				"lon": "longitude", "lat": "latitude",
			},
		},
	}
}

func nyc311() Profile {
	return Profile{
		Name:      "nyc311",
		Title:     "New York 311",
		Doc:       "311 service requests of the City of New York.",
		Reference: "NYC Open Data, 311 Service Requests",
		signature: []string{"unique_key", "created_date", "complaint_type", "agency"},
		Mapping: Mapping{
			Dataset: data.Incidents, Source: "nyc311", Zone: "America/New_York",
			Map: map[string]string{
				"id": "unique_key", "reported_at": "created_date", "closed_at": "closed_date", "due_at": "due_date",
				"updated_at": "resolution_action_updated_date", "category": "complaint_type|problem", "subcategory": "descriptor|problem_detail",
				"responsible": "agency", "channel": "open_data_channel_type", "status": "status", "address": "incident_address",
				"community_given": "community_board", "lon": "longitude", "lat": "latitude",
			},
			Values: map[string]map[string]string{"community_given": nycBoards()},
		},
	}
}

func nycCasework() Profile {
	return Profile{
		Name:      "nyc_casework",
		Title:     "New York Council casework",
		Doc:       "Constituent cases of the New York City Council, placed by community board only.",
		Reference: "NYC Open Data, Constituent Services",
		signature: []string{"unique_key", "opendate", "closedate", "community_board"},
		Mapping: Mapping{
			Dataset: data.Incidents, Source: "nyc_casework", Zone: "America/New_York",
			Map: map[string]string{
				"id": "unique_key", "reported_at": "opendate", "closed_at": "closedate", "category": "complaint_type",
				"subcategory": "descriptor", "responsible": "account", "community_given": "community_board", "kind": "=request",
			},
			Values: map[string]map[string]string{"community_given": nycBoards()},
		},
	}
}

// nycBoards maps the names of community boards, "07 Manhattan", to the codes of
// the districts' boundaries, "107": the borough's number, then two digits. Besides
// the 59 boards there are twelve areas of joint interest, parks and airports,
// which are numbered likewise.
func nycBoards() map[string]string {
	codes := map[string]string{}
	for i, borough := range []struct {
		name   string
		boards int
		joint  []int
	}{
		{"Manhattan", 12, []int{64}},
		{"Bronx", 12, []int{26, 27, 28}},
		{"Brooklyn", 18, []int{55, 56}},
		{"Queens", 14, []int{80, 81, 82, 83, 84}},
		{"Staten Island", 3, []int{95}},
	} {
		numbers := borough.joint
		for n := 1; n <= borough.boards; n++ {
			numbers = append(numbers, n)
		}
		for _, n := range numbers {
			codes[strings.ToLower(fmt.Sprintf("%02d %s", n, borough.name))] = fmt.Sprintf("%d%02d", i+1, n)
		}
	}
	return codes
}

func sf311() Profile {
	return Profile{
		Name:      "sf311",
		Title:     "San Francisco 311",
		Doc:       "311 cases of the City and County of San Francisco.",
		Reference: "DataSF, 311 Cases",
		signature: []string{"service_request_id|caseid", "requested_datetime|opened", "service_subtype|request_type", "status_description|status"},
		Mapping: Mapping{
			Dataset: data.Incidents, Source: "sf311", Zone: "America/Los_Angeles",
			Map: map[string]string{
				"id": "service_request_id|caseid", "reported_at": "requested_datetime|opened", "closed_at": "closed_date|closed",
				"updated_at": "updated_datetime|updated", "status": "status_description|status", "category": "service_name|category",
				"subcategory": "service_subtype|request_type", "responsible": "agency_responsible|responsible_agency",
				"channel": "source", "address": "address", "community_given": "analysis_neighborhood|neighborhood",
				"lon": "long|longitude", "lat": "lat|latitude",
			},
		},
	}
}

func open311() Profile {
	return Profile{
		Name:      "open311",
		Title:     "Open311 service requests",
		Doc:       "Service requests as Open311 GeoReport v2 names them; a closed one was closed when it was last updated.",
		Reference: "Open311 GeoReport v2",
		signature: []string{"service_request_id", "requested_datetime", "service_code|service_name"},
		Mapping: Mapping{
			Dataset: data.Incidents, Source: "open311", ClosedFromUpdated: true,
			Map: map[string]string{
				"id": "service_request_id", "reported_at": "requested_datetime", "updated_at": "updated_datetime",
				"closed_at": "closed_datetime|closed_date", "due_at": "expected_datetime", "status": "status",
				"category": "service_name|service_code", "responsible": "agency_responsible", "address": "address|address_string",
				"lon": "long|lon|longitude", "lat": "lat|latitude",
			},
		},
	}
}

func policeUK() Profile {
	return Profile{
		Name:      "police_uk",
		Title:     "police.uk street crime",
		Doc:       "Street-level crime of England, Wales and Northern Ireland, dated by month; rows have no id of their own and equal rows are kept.",
		Reference: "data.police.uk",
		signature: []string{"month", "crime_type", "falls_within", "lsoa_code"},
		Mapping: Mapping{
			Dataset: data.Incidents, Source: "police_uk", Zone: "Europe/London",
			Map: map[string]string{
				"id": "", "reported_at": "month", "category": "crime_type", "outcome": "last_outcome_category", "responsible": "falls_within",
				"community_given": "lsoa_code", "status": "=open", "kind": "=emergency", "lon": "longitude", "lat": "latitude",
			},
		},
	}
}
