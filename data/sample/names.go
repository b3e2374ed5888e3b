package sample

import (
	"fmt"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
)

// The invented city of Lancheng 澜城. Its code begins as none in GB/T 2260 does.
const (
	cityEnglish = "Lancheng"
	cityCode    = "4599"
)

// name is a proper name in Latin letters, simplified and traditional Chinese.
type name struct{ latin, hans, hant string }

func (n name) plus(m name) name { return name{n.latin + m.latin, n.hans + m.hans, n.hant + m.hant} }

// names returns the full names of an area, such as "Qingtang Community".
func (n name) names(latin, hans, hant string) data.Names {
	return data.Names{"en": n.latin + latin, "zh-Hans": n.hans + hans, "zh-Hant": n.hant + hant}
}

func districtNames() []name {
	return []name{
		{"Luyuan", "麓园", "麓園"},
		{"Wenlan", "文澜", "文瀾"},
		{"Heting", "鹤汀", "鶴汀"},
		{"Yunpu", "云浦", "雲浦"},
		{"Yinqiao", "银桥", "銀橋"},
	}
}

func streetNames() []name {
	return []name{
		{"Songfeng", "松风", "松風"},
		{"Luming", "鹿鸣", "鹿鳴"},
		{"Zhuxi", "竹溪", "竹溪"},
		{"Cuiping", "翠屏", "翠屏"},
		{"Gulou", "鼓楼", "鼓樓"},
		{"Wenmiao", "文庙", "文廟"},
		{"Zhongshi", "中市", "中市"},
		{"Lanjin", "澜津", "瀾津"},
		{"Hezhou", "鹤洲", "鶴洲"},
		{"Liutang", "柳塘", "柳塘"},
		{"Xinwan", "新湾", "新灣"},
		{"Chenguang", "晨光", "晨光"},
		{"Nandu", "南渡", "南渡"},
		{"Yunlin", "云林", "雲林"},
		{"Jiangsheng", "江声", "江聲"},
		{"Mianfang", "棉纺", "棉紡"},
		{"Dongqiao", "东桥", "東橋"},
		{"Huochezhan", "火车站", "火車站"},
		{"Fengshou", "丰收", "豐收"},
		{"Yantang", "雁塘", "雁塘"},
	}
}

// communityName returns the n-th of 400 names, each made of two words; numbers
// in a row share none.
func communityName(n int) name {
	first := []name{
		{"Qing", "清", "清"},
		{"Jin", "金", "金"},
		{"Yu", "玉", "玉"},
		{"Long", "龙", "龍"},
		{"He", "和", "和"},
		{"An", "安", "安"},
		{"Yong", "永", "永"},
		{"Dong", "东", "東"},
		{"Feng", "凤", "鳳"},
		{"Hua", "华", "華"},
		{"Ming", "明", "明"},
		{"Fu", "福", "福"},
		{"Bai", "白", "白"},
		{"Lan", "兰", "蘭"},
		{"Shuang", "双", "雙"},
		{"Tai", "泰", "泰"},
		{"Xing", "兴", "興"},
		{"Gui", "桂", "桂"},
		{"Chang", "长", "長"},
		{"Shi", "石", "石"},
	}
	second := []name{
		{"tang", "塘", "塘"},
		{"qiao", "桥", "橋"},
		{"yuan", "苑", "苑"},
		{"wan", "湾", "灣"},
		{"ling", "岭", "嶺"},
		{"hu", "湖", "湖"},
		{"men", "门", "門"},
		{"zhuang", "庄", "莊"},
		{"lou", "楼", "樓"},
		{"quan", "泉", "泉"},
		{"tai", "台", "臺"},
		{"gang", "港", "港"},
		{"ping", "坪", "坪"},
		{"ting", "亭", "亭"},
		{"jing", "井", "井"},
		{"lin", "林", "林"},
		{"fang", "坊", "坊"},
		{"xi", "溪", "溪"},
		{"tian", "田", "田"},
		{"kou", "口", "口"},
	}
	n %= len(first) * len(second)
	return first[n%len(first)].plus(second[(n*3+n/len(first))%len(second)])
}

// codeOf returns the code of an area: 6 digits for a district, and 3 more for
// each level below (15 digits for a unit grid, GB/T 30428.1).
func (p *plan) codeOf(a area) string {
	if a.level == data.District {
		return fmt.Sprintf("%s%02d", cityCode, a.order+2)
	}
	return fmt.Sprintf("%s%03d", p.areas[a.parent].code, a.order+1)
}

// properNames returns the proper name of each area; unit grids have that of
// their community.
func (p *plan) properNames() []name {
	proper := make([]name, len(p.areas))
	counted := map[data.Level]int{}
	for n, a := range p.areas {
		nth := counted[a.level]
		counted[a.level]++
		switch a.level {
		case data.District:
			proper[n] = districtNames()[nth]
		case data.Street:
			proper[n] = streetNames()[nth]
		case data.CommunityArea:
			proper[n] = communityName(nth)
		default:
			proper[n] = proper[a.parent]
		}
	}
	return proper
}

// communities returns all areas as the product knows them, outlines included,
// coarse before fine and each level in code order.
func (p *plan) communities(proper []name) []data.Community {
	all := make([]data.Community, len(p.areas))
	for n, a := range p.areas {
		c := data.Community{
			Code: a.code, Level: a.level, Names: proper[n].titled(a),
			Outline: p.areaOutline(int32(n)), Population: a.people, HasPopulation: true,
		}
		switch a.level {
		case data.District:
			c.Responsible = proper[n].latin + " District Government"
		case data.Street:
			c.Responsible = proper[n].latin + " Street Office"
		default:
			c.Responsible = all[a.parent].Responsible
		}
		if a.parent >= 0 {
			c.Parent = all[a.parent].Code
		}
		all[n] = c
	}
	return all
}

// titled returns the full names of an area.
func (n name) titled(a area) data.Names {
	switch a.level {
	case data.District:
		return n.names(" District", "区", "區")
	case data.Street:
		return n.names(" Street", "街道", "街道")
	case data.CommunityArea:
		return n.names(" Community", "社区", "社區")
	}
	grid := fmt.Sprintf("%03d", a.order+1)
	return n.names(" Grid "+grid, "社区第"+grid+"网格", "社區第"+grid+"網格")
}

// areaOutline returns the outline of an area.
func (p *plan) areaOutline(number int32) orb.MultiPolygon {
	member := make(map[int32]bool, len(p.areas[number].members))
	for _, i := range p.areas[number].members {
		member[i] = true
	}
	return p.outline(p.areas[number].members, func(i int32) bool { return member[i] })
}
