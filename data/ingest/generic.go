package ingest

import (
	"slices"

	"github.com/civgrid/civgrid/data"
)

// generic guesses columns of a dataset by the names that are common for them,
// English and Chinese; among the latter those of 数字城管 and 12345 exports.
func generic(d data.Dataset) Profile {
	m := map[string]string{
		"id":              "id|case_id|caseid|case_number|case_no|request_id|service_request_id|ticket_id|ticket|incident_id|incident_number|unique_key|objectid|fid|uuid|" + columnFeatureID + "|工单编号|工單編號|案件编号|案件編號|案件号|任务号|任务编号|问题编号|问题编码|事件编号|编号|編號|序号|expediente|folio|aktenzeichen|vorgangsnummer|meldungsnummer",
		"updated_at":      "updated_at|updated|last_updated|updated_date|updated_datetime|modified|last_modified|last_modified_date|更新时间|更新時間|修改时间|最后更新时间|最后修改时间",
		"lon":             "lon|lng|long|longitude|x|point_x|lon_wgs84|" + columnX + "|经度|經度|x坐标|X坐标|坐标x|东经|longitud|längengrad|laengengrad",
		"lat":             "lat|latitude|y|point_y|lat_wgs84|" + columnY + "|纬度|緯度|y坐标|Y坐标|坐标y|北纬|latitud|breitengrad",
		"address":         "address|street_address|location_address|full_address|location|block|地址|位置|事发地址|事发地点|发生地址|发生地点|案发地址|详细地址|位置描述|小区点位|地點|地点|direccion|dirección|domicilio|adresse|anschrift",
		"community_given": "community|community_code|community_area|community_board|neighborhood|neighbourhood|district|ward|borough|area_code|社区代码|社区编码|社区|社區|村/社区|所属社区|社区名称|所在社区|被反映街乡镇|街道|所属街道|街镇|区域|所属区|行政区|里別|鄉鎮市區|行政區|區域|barrio|colonia|distrito|stadtteil|ortsteil|bezirk|stadtbezirk|quartier|arrondissement",
	}
	switch d {
	case data.Resources:
		add(m, resourceNames())
	case data.Inspections:
		add(m, inspectionNames())
	default:
		add(m, incidentNames())
	}
	return Profile{
		Name:      "generic",
		Title:     "Common column names",
		Doc:       "Any file: columns are recognised by common English and Chinese names.",
		Reference: "none",
		Mapping:   Mapping{Dataset: d, Map: m},
	}
}

func add(to, from map[string]string) {
	for k, v := range from {
		to[k] = v
	}
}

func incidentNames() map[string]string {
	return map[string]string{
		"reported_at":  "reported_at|opened_at|created_at|open_dt|opened|open_date|opendate|created|created_date|creation_date|create_time|date_created|requested_datetime|received_at|received|reported|report_date|date_reported|incident_date|datetime|timestamp|date|month|创建时间|建立時間|上报时间|受理时间|受理時間|登记时间|来电时间|发现时间|發現時間|报案时间|報案時間|通報時間|立案时间|发生时间|發生時間|反映时间|上报日期|日期|fecha_de_creacion|fecha_de_creación|fecha_creacion|fecha_creación|fecha_de_registro|fecha_registro|fecha|eingangsdatum|meldedatum|erstellt_am|gemeldet_am|datum|date_de_creation|date_de_création|date_creation|date_création|date_signalement",
		"responded_at": "responded_at|first_response_at|on_scene_dttm|response_date|到场时间|响应时间|首次响应时间|派遣时间",
		"closed_at":    "closed_at|closed_dt|closed|closed_date|close_date|closedate|completion_date|completed_at|resolved_at|resolution_date|end_date|办结时间|辦結時間|结案时间|結案時間|完成时间|完成時間|关闭时间|办结日期|处置完成时间|fecha_de_cierre|fecha_cierre|erledigt_am|abgeschlossen_am|geschlossen_am|date_de_cloture|date_de_clôture|date_cloture|date_clôture",
		"due_at":       "due_at|due_date|due|target_dt|sla_target_dt|deadline|expected_datetime|处置截止时间|处置截止|截止时间|截止時間|办理时限|办理期限|到期时间|应办结时间|应结案时间|fecha_limite|fecha_límite|frist|date_limite|échéance|echeance",
		"kind":         "kind|case_kind|工单类型|案件性质|案件性質|类型|類型",
		"category":     "category|service_name|complaint_type|sr_type|request_type|type|case_type|reason|primary_type|crime_type|problem|legend|大类名称|大类|大類|案件大类|问题大类|问题分类|一级分类|案件类别|類別|诉求类型|问题类型|事件类型|案件类型|問題類型|事件類型|案件類型|categoria|categoría|tipo|kategorie|catégorie|categorie|类型|類型",
		"subcategory":  "subcategory|sub_category|service_subtype|descriptor|subtype|小类名称|小类|小類|案件小类|问题小类|二级分类|三级分类",
		"channel":      "channel|origin|source|method|intake|open_data_channel_type|问题来源|案件来源|案件來源|工单来源|来源|來源|上报渠道|受理渠道|来源渠道|信息来源",
		"responsible":  "responsible|department|agency|agency_responsible|owner_department|assigned_to|主责部门|责任单位|責任單位|承办单位|承辦單位|二级承办单位|处置部门|处置单位|主办单位|责任部门|权责单位|dependencia|zuständig|zustaendig|zuständigkeit",
		"status":       "status|case_status|state|status_description|工单状态|案件状态|案件狀態|状态|狀態|办理状态|处理状态|当前状态|当前阶段|estado|estatus|statut|état|etat",
		"outcome":      "outcome|resolution|result|是否解决|办理结果|处理结果|處理結果|解决情况",
		"verdict":      "verdict|on_time|ontime|sla_met|是否按时|是否超时|是否超期|是否按期办结|时限状态",
		"duplicate_of": "duplicate_of|parent_id|parent_sr_number|重复案件编号|关联工单编号",

		"severity":        "severity|severity_level|案件等级|案件级别|严重程度|紧急程度|案件等級|嚴重程度|緊急程度|priority",
		"duty_grid":       "duty_grid|duty_grid_id|duty_grid_code|责任网格|责任网格编码|责任网格代码|责任网格名称|責任網格",
		"accepted_at":     "accepted_at|accept_time|accepted_date|受理时间|受理日期|受理時間",
		"registered_at":   "registered_at|register_time|registered_date|立案时间|立案日期|立案時間",
		"dispatched_at":   "dispatched_at|dispatch_time|dispatch_dttm|assigned_at|派遣时间|派单时间|交办时间|转办时间|派遣時間|派單時間",
		"disposed_at":     "disposed_at|dispose_end_time|处置完成时间|处置结束时间|处理完成时间|处置时间|處置完成時間",
		"checked_at":      "checked_at|check_time|核查时间|核查完成时间|核查结束时间|核查時間",
		"extended_due_at": "extended_due_at|extended_deadline|延期截止时间|延期后截止时间|延期后截止|延期到期时间|延期至|延期截止時間",
		"limit_amount":    "limit_amount|dispose_limit|处置时限|处理时限|处置期限|时限|處置時限",
		"limit_unit":      "limit_unit|时限单位|处置时限单位|计时单位|時限單位",
		"pauses":          "pauses|挂账时段|暂停时段|挂起时段|缓办时段|掛帳時段|suspended_at+resumed_at|pause_from+pause_to|挂账开始时间+挂账结束时间|挂账时间+恢复时间|缓办开始时间+缓办结束时间|暂停开始时间+暂停结束时间|挂起时间+解挂时间",
		"reworks":         "reworks|rework_count|rework_num|返工次数|返工数|返工次數",
		"reports":         "reports|report_count|反映次数|诉求次数|反映次數",
		"callback_valid":  "callback_valid|是否有效回访|有效回访|是否有效回訪",
		"contacted":       "contacted|是否联系|是否已联系|联系情况|是否聯繫",
		"solved":          "solved|是否解决|是否已解决|是否解決",
		"satisfaction":    "satisfaction|是否满意|满意度|满意情况|是否滿意|滿意度",
	}
}

func resourceNames() map[string]string {
	return map[string]string{
		"kind":       "kind|type|category|facility_type|class|legend|类型|设施类型|部件类型|资源类型|类别",
		"name":       "name|title|facility_name|label|名称|设施名称|部件名称|资源名称|姓名",
		"status":     "status|state|condition|状态|设施状态|部件状态",
		"owner":      "owner|agency|department|operator|权属单位|主管单位|所属单位|管理单位",
		"capacity":   "capacity|beds|seats|places|容量|规模|能力|人数",
		"valid_from": "valid_from|start_date|opened|installed|install_date|启用时间|建成时间|安装时间|调查日期",
		"valid_to":   "valid_to|end_date|retired|closed|停用时间|废弃时间",

		"service_radius": "service_radius|service_radius_m|radius|服务半径|覆盖半径|服务半径(米)|服務半徑",
	}
}

func inspectionNames() map[string]string {
	return map[string]string{
		"inspected_at":   "inspected_at|inspection_date|inspected|date|visit_date|检查时间|测评时间|检查日期|测评日期|日期",
		"campaign":       "campaign|round|批次|测评批次|期次|轮次",
		"channel":        "channel|method|检查方式|测评方式",
		"point":          "point|point_id|license|site_id|facility_id|点位|点位编号|点位名称|点位代码",
		"point_type":     "point_type|facility_type|site_type|点位类型|点位类别|场所类型",
		"item":           "item|item_code|inspection_type|测评内容|检查内容|测评项目|检查项目|指标",
		"result":         "result|results|outcome|检查结果|测评结果|是否合格|结果",
		"score":          "score|points|得分|分数|评分|实得分",
		"max_score":      "max_score|max_points|满分|指标分值|分值|总分",
		"found":          "found|violations|issues|problems|发现问题数|问题数|问题数量",
		"responsible":    "responsible|owner|agency|department|责任单位|整改单位|责任部门",
		"rectify_due_at": "rectify_due_at|due_date|整改期限|整改截止时间|整改时限",
		"rectified_at":   "rectified_at|fixed_at|整改完成|整改完成时间|整改时间",

		"standard":     "standard|insp_std|检查标准|测评标准|測評標準",
		"severity":     "severity|严重程度|问题等级|风险等级|嚴重程度",
		"deduction":    "deduction|points_off|扣分|扣分值",
		"rechecked_at": "rechecked_at|recheck_date|复查时间|复核时间|复查日期|複查時間",
		"recheck":      "recheck|recheck_result|复查结果|复核结果|复查|複查結果",
		"incident":     "incident|related_case|关联案件编号|关联工单编号|来源案件编号",
	}
}

// freeKind leaves a guessed kind out where its column gives the category: 类型
// is the kind of a case only where another column says what it is about.
func (p *plan) freeKind(said Mapping) {
	at := func(name string) int {
		return slices.IndexFunc(p.columns, func(c data.Column) bool { return c.Name == name })
	}
	kind, category := at("kind"), at("category")
	if kind < 0 || category < 0 || said.Map["kind"] != "" || len(p.bindings[kind].sources) == 0 {
		return
	}
	if slices.Equal(p.bindings[kind].sources, p.bindings[category].sources) {
		p.bindings[kind] = binding{column: p.columns[kind]}
	}
}

// freeGuesses leaves out the later columns that were guessed by a name and do
// not read so in a tenth of the sample: a file that was read before there were
// these columns still is, with none of its rows rejected for their sake.
func (p *plan) freeGuesses(said Mapping) {
	c := newConverter(p)
	for i := range p.bindings {
		b := &p.bindings[i]
		if !b.column.Later || len(b.sources) == 0 || said.Map[b.column.Name] != "" {
			continue
		}
		texts := p.sample.values(p, *b)
		bad := 0
		for _, text := range texts {
			if c.read(i, b, text) != nil {
				bad++
			}
		}
		if 10*bad > len(texts) {
			p.bindings[i] = binding{column: b.column}
		}
	}
}
