package ingest

import (
	"os"
	"strings"
	"testing"
)

func TestSniffEncoding(t *testing.T) {
	f := func(encoding Encoding, text string) {
		t.Helper()
		if got := SniffEncoding(encoding.encode(text)); got != encoding {
			t.Errorf("SniffEncoding of %q in %s = %s", text, encoding, got)
		}
	}
	f(UTF8, "id,name\n1,Main St\n")
	f(UTF8, "编号,名称\n1,北京市\n")
	f(UTF8, "id,name\n1,Café Größe\n")
	f(GB18030, "工单编号,问题分类\n1,市容环境卫生\n2,道路破损\n")
	f(GB18030, "id,name\n1,"+strings.Repeat("x", 500)+"北京市\n")
	f(GB18030, "序号,单位\n1,镕基街道办事处\n")
	f(Big5, "案件編號,類別\n1,路面坑洞\n2,許功蓋餐廳噪音\n")
	f(Big5, "id,district\n1,臺北市中正區\n2,新北市板橋區\n")
	f(CP1252, "id,name\n1,Müllstraße\n2,Größe\n")
	f(CP1252, "id,rue\n1,école près de l'hôtel\n2,déjà\n")
	f(CP1252, "id,calle\n1,Año Nuevo, Peñíscola, Córdoba\n")
	f(UTF16LE, "\ufeffid,name\n1,北京\n")
	f(UTF16BE, "id,name\n1,Main St and more\n")
}

func TestSniffEncodingCutInsideACharacter(t *testing.T) {
	text := []byte("编号,名称\n1,北京市")
	for cut := range 3 {
		if got := SniffEncoding(text[:len(text)-cut]); got != UTF8 {
			t.Errorf("with %d bytes cut off: %s, want utf-8", cut, got)
		}
	}
}

func TestDamagedUTF8StaysUTF8(t *testing.T) {
	text := strings.Repeat("北京市东城区\n", 20) + "\xff\n"
	if got := SniffEncoding([]byte(text)); got != UTF8 {
		t.Errorf("SniffEncoding = %s, want utf-8", got)
	}
}

func TestDecodeReportsWhatIsNoText(t *testing.T) {
	f := func(e Encoding, b string, want bool) {
		t.Helper()
		if _, ok := e.decode([]byte(b)); ok != want {
			t.Errorf("%s.decode(%q) ok = %v, want %v", e, b, ok, want)
		}
	}
	f(UTF8, "é", true)
	f(UTF8, "\xe9", false)
	f(GB18030, "\xb1\xb1", true)
	f(GB18030, "\xb1\x20", false)
	f(Big5, "\xa5\x5f", true)
	f(CP1252, "\xe9", true)
	f(CP1252, "\x81", false)
}

func TestFixturesAreSniffed(t *testing.T) {
	for file, want := range map[string]Encoding{
		"cases_gb18030.csv": GB18030, "cases_big5.csv": Big5, "cases_cp1252.csv": CP1252, "cases_utf16.csv": UTF16LE, "cases_utf8bom.csv": UTF8,
	} {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if got := SniffEncoding(b); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
}
