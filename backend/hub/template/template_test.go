package template

import (
	"errors"
	"maps"
	"strconv"
	"strings"
	"testing"
)

func from(m map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := m[name]; return v, ok }
}

// weather are properties as the article on templates has them, and some that would break out if they could.
var weather = map[string]string{
	"message": "Hello!", "name": "Anna", "title": "This is the title line", "count": "40", "negative": "-2.5e+3", "zero": "007",
	"day1_image": "http://x/a.png?b=1&c=2", "day1_tempc": "21", "empty": "", "umlaut": "Grüße aus Köln", "spaces": "a b+c/ü~",
	"json": `","x":"`, "xml": `"/><x a='&amp;<![CDATA[`, "cdata": "]]>", "control": "a\x00\tb\n", "broken": "a\xffb", "minus": "-", "padded": " 40 ",
}

func render(t *testing.T, body string, f Format) string {
	t.Helper()
	parsed, err := Parse(body, f)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	out, err := parsed.Render(from(weather))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return out
}

func TestTheExamplesOfTheDocumentation(t *testing.T) {
	for _, c := range []struct {
		name       string
		format     Format
		body, want string
	}{
		{"an alert for iOS", JSON, `{"aps": {"alert": "$(message)"}}`, `{"aps": {"alert": "Hello!"}}`},
		{
			"a toast for Windows", XML, "<toast>\n    <visual>\n        <binding template=\"ToastText01\">\n            <text id=\"1\">$(message)</text>\n        </binding>\n    </visual>\n</toast>",
			"<toast>\n    <visual>\n        <binding template=\"ToastText01\">\n            <text id=\"1\">Hello!</text>\n        </binding>\n    </visual>\n</toast>",
		},
		{
			"a weather tile", XML, `<tile><visual><binding template="TileWideSmallImageAndText04"><image id="1" src="$(day1_image)" alt="alt text"/><text id="1">Seattle, WA</text><text id="2">$(day1_tempC)</text></binding></visual></tile>`,
			`<tile><visual><binding template="TileWideSmallImageAndText04"><image id="1" src="http://x/a.png?b=1&amp;c=2" alt="alt text"/><text id="1">Seattle, WA</text><text id="2">21</text></binding></visual></tile>`,
		},
		{"a title with dots", JSON, `{"a":".(title, 20)"}`, `{"a":"This is the title..."}`},
		{"a clipped title", JSON, `{"a":"$(title, 20)"}`, `{"a":"This is the title li"}`},
		{"a badge becomes a number", JSON, `{"aps":{"badge":"#(count)"}}`, `{"aps":{"badge":40}}`},
		{"a concatenation", JSON, `{"a":"{$(name) + ' - ' + $(count)}"}`, `{"a":"Anna - 40"}`},
		{"a greeting", XML, `<tile><visual><binding template="ToastText01"><text id="1">{'Hi, ' + $(name)}</text></binding></visual></tile>`, `<tile><visual><binding template="ToastText01"><text id="1">Hi, Anna</text></binding></visual></tile>`},
		{"a browser's notification", JSON, `{"title":"$(title)"}`, `{"title":"This is the title line"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := render(t, c.body, c.format); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestWhatIsNotAnExpressionIsKeptByteForByte(t *testing.T) {
	for _, c := range []struct {
		format Format
		body   string
	}{
		{JSON, ` { "b" : 1.50e+1 , "a" : [ true , null , "Hello $(name)" ] , "b":-0, "u":"\u00e4\/" } `},
		{JSON, `{"$(name)":"x","{":"}","#(a)" :{"%":" $(name)"}}`},
		{JSON, "{\"a\":\"'$(name)'\",\"b\":\"\\\\$(name)\",\"c\":\"\\\"$(x\"}"},
		{JSON, `{}`},
		{XML, `<?xml version="1.0" encoding="utf-8"?><!-- $(name) --><?app $(name)?>` + "\r\n" + `<a:b xmlns:a='urn:x' a:c = "x$(name)" ><![CDATA[ $(name) & <]]>&lt;&#65;</a:b >` + "\n<!-- end -->"},
		{XML, `<a>$(name)<b/>$(name</a>`},
		{XML, "<a>\n  $(name)\n</a>"},
		{XML, `<a b=" $(name)" c='}'/>`},
		{XML, `<a b=""></a>`},
	} {
		if got := render(t, c.body, c.format); got != c.body {
			t.Errorf("got  %s\nwant %s", got, c.body)
		}
	}
}

func TestValuesNeverLeaveTheirPlace(t *testing.T) {
	for _, c := range []struct {
		format     Format
		body, want string
	}{
		{JSON, `{"a":"$(json)"}`, `{"a":"\",\"x\":\""}`},
		{JSON, `{"a":"#(json)"}`, `{"a":"\",\"x\":\""}`},
		{JSON, `{"a":"$(control)","b":"$(broken)","c":"$(xml)"}`, `{"a":"a\u0000\tb\n","b":"a\ufffdb","c":"\"/><x a='&amp;<![CDATA["}`},
		{JSON, `{"a":"#(zero)","b":"#(minus)","c":"#(padded)","d":"#(empty)","e":"#(missing)"}`, `{"a":"007","b":"-","c":" 40 ","d":"","e":""}`},
		{JSON, `{"a":"#(negative)"}`, `{"a":-2.5e+3}`},
		{XML, `<a b="$(xml)">$(xml)</a>`, `<a b="&#34;/&gt;&lt;x a=&#39;&amp;amp;&lt;![CDATA[">&#34;/&gt;&lt;x a=&#39;&amp;amp;&lt;![CDATA[</a>`},
		{XML, `<a b='$(xml)'/>`, `<a b='&#34;/&gt;&lt;x a=&#39;&amp;amp;&lt;![CDATA['/>`},
		{XML, `<a><![CDATA[$(cdata)]]></a>`, `<a>]]&gt;</a>`},
		{XML, `<a>$(control)</a>`, "<a>a\ufffd&#x9;b&#xA;</a>"},
		{XML, `<a>$(broken)</a>`, "<a>a\ufffdb</a>"},
		{XML, `<a b="#(count)"/>`, `<a b="40"/>`},
	} {
		if got := render(t, c.body, c.format); got != c.want {
			t.Errorf("%s\ngot  %q\nwant %q", c.body, got, c.want)
		}
	}
}

func TestPlacesOfExpressions(t *testing.T) {
	for _, c := range []struct {
		name       string
		format     Format
		body, want string
	}{
		{"within arrays and objects in them", JSON, `{"a":["$(name)",{"b":["$(count)"]}]}`, `{"a":["Anna",{"b":["40"]}]}`},
		{"written with escapes", JSON, `{"a":"\u0024(name)","b":"{\"Hi \" + $(name)}"}`, `{"a":"Anna","b":"Hi Anna"}`},
		{"with space before what follows", JSON, "{\"a\":\"$(name)\" \n,\"b\":1}", "{\"a\":\"Anna\" \n,\"b\":1}"},
		{"written with references", XML, `<a b="{&quot;Hi &quot; + $(name)}">&#36;(name)</a>`, `<a b="Hi Anna">Anna</a>`},
		{"beside a comment", XML, `<a><!-- x -->$(name)<!-- y --></a>`, `<a><!-- x -->Anna<!-- y --></a>`},
		{"beside an empty CDATA section", XML, `<a><![CDATA[]]>$(name)</a>`, `<a><![CDATA[]]>Anna</a>`},
		{"in an element of a namespace", XML, `<?xml version="1.0" encoding="utf-8"?><wp:Notification xmlns:wp="WPNotification"><wp:Toast wp:x = "$(name)"><wp:Text1>$(name)</wp:Text1></wp:Toast></wp:Notification>`, `<?xml version="1.0" encoding="utf-8"?><wp:Notification xmlns:wp="WPNotification"><wp:Toast wp:x = "Anna"><wp:Text1>Anna</wp:Text1></wp:Toast></wp:Notification>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := render(t, c.body, c.format); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestABadTemplateIsRefused(t *testing.T) {
	deepJSON := strings.Repeat(`{"a":`, maxDepth) + "{}" + strings.Repeat("}", maxDepth)
	deepXML := strings.Repeat("<a>", maxDepth+1) + strings.Repeat("</a>", maxDepth+1)
	for _, c := range []struct {
		name   string
		format Format
		body   string
		words  string
		offset int
	}{
		{"nothing", JSON, ``, "not JSON", 0},
		{"no JSON", JSON, `{"a":}`, "not JSON", 6},
		{"more behind", JSON, `{} {}`, "not JSON", 4},
		{"an array", JSON, `["$(a)"]`, "not a JSON object", 0},
		{"a string", JSON, `"$(a)"`, "not a JSON object", 0},
		{"no UTF-8", JSON, "{\"a\":\"\xff\"}", "UTF-8", 0},
		{"too deep", JSON, deepJSON, "too deeply", 5 * maxDepth},
		{"too large", JSON, `{"a":"` + strings.Repeat("x", MaxBody) + `"}`, "64 KB", MaxBody},
		{"a bad expression", JSON, `{"a":{"b":"$(a"}}`, "closing )", 10},
		{"a price", JSON, `{"a":"$5 off"}`, "opening (", 5},
		{"a second expression", JSON, `{"a":"$(a)$(b)"}`, "whole value", 5},
		{"text behind", JSON, `{"a":"$(a) "}`, "whole value", 5},
		{"an escaped bad one", JSON, `{"a":"\u0024a"}`, "opening (", 5},
		{"nothing as XML", XML, ``, "no XML element", 0},
		{"only a comment", XML, `<!-- a -->`, "no XML element", 0},
		{"an expression as an attribute", XML, `<binding $(property)></binding>`, "well-formed", 9},
		{"an open element", XML, `<a><b></a>`, "well-formed", 10},
		{"an end that is missing", XML, `<a>`, "well-formed", 3},
		{"two roots", XML, `<a/><b/>`, "more than one root", 4},
		{"text before", XML, `x<a/>`, "outside", 0},
		{"a byte order mark", XML, "\ufeff<a/>", "outside", 0},
		{"CDATA behind", XML, `<a/><![CDATA[x]]>`, "outside", 4},
		{"a document type", XML, `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`, "document type", 0},
		{"an entity", XML, `<a>&x;</a>`, "well-formed", 6},
		{"a declaration that is late", XML, `<a/><?xml version="1.0"?>`, "very beginning", 4},
		{"another encoding", XML, `<?xml version="1.0" encoding="utf-16"?><a/>`, "well-formed", 39},
		{"an attribute twice", XML, `<a b="1" b="2"/>`, "twice", 8},
		{"attributes without space", XML, `<a b="1"c="2"/>`, "no space", 8},
		{"a namespace", XML, `<a xmlns="$(x)"/>`, "namespace", 10},
		{"a namespace's prefix", XML, `<a xmlns:b="$(x)"/>`, "namespace", 12},
		{"an expression in pieces", XML, `<a>$(na<!-- x -->me)</a>`, "whole value", 3},
		{"text behind CDATA", XML, `<a><![CDATA[$(a)]]>x</a>`, "whole value", 3},
		{"a bad attribute", XML, `<a  b = "$(a"/>`, "closing )", 9},
		{"a bad text", XML, `<a b="x">.(a)</a>`, "number of characters", 9},
		{"a control character", XML, "<a>\x01</a>", "does not allow", 3},
		{"too deep an element", XML, deepXML, "too deeply", 3 * maxDepth},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.body, c.format)
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(e.Words, c.words) || e.Offset != c.offset {
				t.Errorf("%v, want an Error with %q at %d", err, c.words, c.offset)
			}
		})
	}
}

func TestARenderedTemplateIsBounded(t *testing.T) {
	large := from(map[string]string{"a": strings.Repeat("x", MaxBody-8), "b": strings.Repeat("\x00", MaxBody/4)})
	for _, c := range []struct {
		body string
		fits bool
	}{
		{`{"a":"$(a)"}`, true},
		{`{"a":"{$(a) + 'x'}"}`, false},
		{`{"a":"$(a)","b":"$(a)"}`, false},
		{`{"a":"$(b)"}`, false},
		{`{"a":"{` + strings.Repeat("$(a)+", 8000) + `'x'}"}`, false},
		{`{"a":["` + strings.Repeat(`$(a)","`, 8000) + `"]}`, false},
	} {
		parsed, err := Parse(c.body, JSON)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(1, func() { _, err = parsed.Render(large) }); n > 100 {
			t.Errorf("%.20s: rendering takes %v allocations", c.body, n)
		}
		if e := (*Error)(nil); c.fits != (err == nil) || !c.fits && !errors.As(err, &e) {
			t.Errorf("%.20s: %v", c.body, err)
		}
	}
}

func TestFormatOf(t *testing.T) {
	for body, want := range map[string]Format{"": JSON, "{}": JSON, " \n<a/>": XML, `<?xml version="1.0"?>`: XML, "x<": JSON} {
		if got := FormatOf(body); got != want {
			t.Errorf("%q: %v", body, got)
		}
	}
}

func TestProperties(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       map[string]string
		words      string
	}{
		{"flat", `{"Title":"hi","n":40,"f":1.50,"e":-2E5,"y":true,"no":false,"x":null}`, map[string]string{"title": "hi", "n": "40", "f": "1.50", "e": "-2E5", "y": "true", "no": "false"}, ""},
		{"empty", ` {} `, map[string]string{}, ""},
		{"a name twice", `{"a":"1","A":"2"}`, map[string]string{"a": "2"}, ""},
		{"a null takes away", `{"a":"1","A":null}`, map[string]string{}, ""},
		{"a large number", `{"a":12345678901234567890123}`, map[string]string{"a": "12345678901234567890123"}, ""},
		{"nested", `{"a":{"b":1}}`, nil, "a string, a number or a boolean"},
		{"a list", `{"a":[]}`, nil, "a string, a number or a boolean"},
		{"no object", `["a"]`, nil, "JSON object"},
		{"nothing", ``, nil, "JSON object"},
		{"text", `hello`, nil, "JSON object"},
		{"open", `{"a":"b"`, nil, "not JSON"},
		{"no value", `{"a"}`, nil, "not JSON"},
		{"a bad value", `{"a":tru}`, nil, "not JSON"},
		{"a bad key", `{a:1}`, nil, "not JSON"},
		{"a comma too many", `{"a":1,}`, nil, "not JSON"},
		{"more behind", `{} {}`, nil, "behind"},
		{"no UTF-8", "{\"a\":\"\xff\"}", nil, "UTF-8"},
		{"too large", `{"a":"` + strings.Repeat("x", MaxBody) + `"}`, nil, "64 KB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Properties([]byte(c.body))
			if c.words != "" {
				var e *Error
				if !errors.As(err, &e) || !strings.Contains(e.Words, c.words) {
					t.Errorf("%v, want %q", err, c.words)
				}
			} else if err != nil || !maps.Equal(got, c.want) {
				t.Errorf("%v %v, want %v", got, err, c.want)
			}
		})
	}
}

func BenchmarkParseAndRender(b *testing.B) {
	const body = `{"title":"$(title, 40)","body":"{$(name) + ': ' + .(message, 20)}","data":{"count":"#(count)"}}`
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			_, _ = Parse(body, JSON)
		}
	})
	b.Run("render", func(b *testing.B) {
		parsed, _ := Parse(body, JSON)
		for b.Loop() {
			_, _ = parsed.Render(from(weather))
		}
	})
}

// BenchmarkLargest parses bodies of the largest size that are made to take long. All of them take time in proportion to
// their size.
func BenchmarkLargest(b *testing.B) {
	fill := func(begin, middle, end string) string {
		return begin + strings.Repeat(middle, (MaxBody-len(begin)-len(end))/len(middle)) + end
	}
	var attributes strings.Builder
	for i := 0; attributes.Len() < MaxBody-16; i++ {
		attributes.WriteString(" a" + strconv.Itoa(i) + "=''")
	}
	for _, c := range []struct {
		name   string
		format Format
		body   string
	}{
		{"strings", JSON, fill(`{"a":["`, `x","`, `"]}`)},
		{"expressions", JSON, fill(`{"a":["`, `$(a)","`, `"]}`)},
		{"operands", JSON, fill(`{"a":"{$(a)`, `+$(a)`, `}"}`)},
		{"quotes", JSON, fill(`{"a":"{'`, `''`, `'}"}`)},
		{"escapes", JSON, fill(`{"a":"\u0024(a:{`, `\\`, `})"}`)},
		{"space", JSON, fill(`{"a":"{`, ` `, `$(a)}"}`)},
		{"attributes", XML, "<a" + attributes.String() + "/>"},
		{"pieces", XML, fill("<a>", "x<!---->", "</a>")},
		{"elements", XML, fill("<a>", "<b>$(a)</b>", "</a>")},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.body)))
			for b.Loop() {
				if _, err := Parse(c.body, c.format); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
