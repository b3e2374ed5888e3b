package ingest

import "github.com/civgrid/civgrid/data"

// beijing12345 is placed by words more often than by coordinates.
func beijing12345() Profile {
	p := Profile{
		Name:      "beijing12345",
		Title:     "Beijing 12345",
		Doc:       "Cases of the hotline 12345 as Beijing exports them, with the call-back; many have no coordinates, only a street or community.",
		Reference: "the export of the 12345 platform of Beijing, 接诉即办",
		signature: []string{"工单编号", "创建时间", "被反映街乡镇|被反映区", "是否有效回访|是否联系|是否解决|是否满意"},
		Mapping: Mapping{
			Dataset: data.Incidents, Source: "beijing12345", Zone: "Asia/Shanghai", Map: generic(data.Incidents).Mapping.Map,
		},
	}
	add(p.Mapping.Map, map[string]string{
		"id": "工单编号", "reported_at": "创建时间", "closed_at": "办结时间", "kind": "工单类型", "status": "工单状态", "channel": "=hotline",
		"category": "问题分类", "subcategory": "问题分类", "responsible": "二级承办单位|承办单位", "address": "小区点位|地址",
		"community_given": "村/社区||被反映街乡镇||被反映区", "callback_valid": "是否有效回访", "contacted": "是否联系", "solved": "是否解决",
		"satisfaction": "是否满意",
	})
	return p
}

// digitalCity knows the names of fields and the usual headers of what such
// systems export; further ones are those of generic.
func digitalCity() Profile {
	p := Profile{
		Name:      "digital_city",
		Title:     "Digital urban management (数字城管)",
		Doc:       "Cases of a digital urban management system (GB/T 30428), with every stage's time, by field name or by Chinese header.",
		Reference: "exports of 数字城管 systems: main_type_id, sub_type_id, event_src_id, cell_id, duty_grid_id …",
		signature: []string{
			"main_type_id|event_type_id|大类名称|大类|问题大类|案件大类", "sub_type_id|小类名称|小类|问题小类|案件小类", "event_src_id|问题来源|案件来源",
			"cell_id|duty_grid_id|单元网格|单元网格编码|单元网格标识码|责任网格|责任网格编码",
		},
		Mapping: Mapping{
			Dataset: data.Incidents, Source: "digital_city", Zone: "Asia/Shanghai", Map: generic(data.Incidents).Mapping.Map,
		},
	}
	for column, names := range map[string]string{
		"id": "task_num|rec_id|案卷编号|任务号", "kind": "event_type_id|rec_type|案件性质|问题类型", "category": "main_type_id|大类名称|大类",
		"subcategory": "sub_type_id|小类名称|小类", "channel": "event_src_id|问题来源", "status": "stage|案件状态|当前阶段",
		"reported_at": "create_time|report_time|上报时间", "dispatched_at": "dispatch_time|dispose_begin_time|派遣时间",
		"disposed_at": "dispose_end_time|处置完成时间", "due_at": "dispose_deadline|处置截止时间", "closed_at": "archive_time|结案时间",
		"updated_at": "update_time|更新时间", "responsible": "dispose_unit|dispose_unit_id|处置部门|主责部门",
		"community_given": "community_id|社区编码|社区|所属社区|cell_id|单元网格标识码|单元网格编码|单元网格|street_id",
		"lon":             "coordinate_x|X坐标", "lat": "coordinate_y|Y坐标",
	} {
		p.Mapping.Map[column] = names + "|" + p.Mapping.Map[column]
	}
	// Dispatching is no response here: it has a column of its own.
	p.Mapping.Map["responded_at"] = "responded_at|first_response_at|到场时间|响应时间|首次响应时间"
	return p
}
