package atom_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"securepush/backend/hub/atom"
	"securepush/backend/hub/record"
)

// entryOf puts a description into an entry as js does.
func entryOf(kind, fields string) string {
	return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><entry xmlns="http://www.w3.org/2005/Atom"><updated>2026-11-21T17:54:48.694Z</updated><content type="application/xml"><` +
		kind + `RegistrationDescription` + namespaces + `>` + fields + `</` + kind + `RegistrationDescription></content></entry>`
}

const browserFields = `<Tags>username:alice,x</Tags><Endpoint>https://push.example/abc</Endpoint><P256DH>BPUB</P256DH><Auth>AUTH</Auth>`

func browserOf(tags ...string) record.Registration {
	return record.Registration{Platform: record.Browser, Handle: "https://push.example/abc", P256DH: "BPUB", Auth: "AUTH", Tags: tags}
}

// readable are bodies as clients send them, and what they mean.
var readable = map[string]struct {
	body string
	want record.Registration
}{
	"js, browser": {entryOf("Browser", browserFields), browserOf("username:alice", "x")},
	"azure-sb, kind in i:type": {
		`<?xml version="1.0" encoding="utf-8" standalone="yes"?><entry xmlns="http://www.w3.org/2005/Atom"><title>1-2-3</title><updated>2026-11-21T17:54:56.273Z</updated><content type="application/xml"><RegistrationDescription xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="WindowsRegistrationDescription" xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect"><RegistrationId>1-2-3</RegistrationId><ExpirationTime>2030-01-01T00:00:00.000Z</ExpirationTime><PnsCredentialName>c</PnsCredentialName><Tags>username:bob</Tags><ChannelUri>https://db5.notify.windows.com/?token=x</ChannelUri></RegistrationDescription></content></entry>`,
		record.Registration{Platform: record.Windows, Handle: "https://db5.notify.windows.com/?token=x", Tags: []string{"username:bob"}},
	},
	"i:type with a prefix": {
		strings.NewReplacer("<Apple", "<", "</Apple", "</", "xmlns:i=", `j:type="d:AppleRegistrationDescription" xmlns:j=`).Replace(entryOf("Apple", `<DeviceToken>ab</DeviceToken>`)),
		record.Registration{Platform: record.Apple, Handle: "AB"},
	},
	".NET, nil elements and an ETag": {
		entryOf("Apple", `<ETag>1</ETag><ExpirationTime i:nil="true"/><RegistrationId i:nil="true"/><Tags i:nil="1"/><DeviceToken>aBcD</DeviceToken>`),
		record.Registration{Platform: record.Apple, Handle: "ABCD"},
	},
	"a mark at the beginning, no declaration, comments, white space, other elements": {
		"\ufeff<!-- c --><entry>\n <author><name>n</name></author><title/>\n <content>\n  <BrowserRegistrationDescription><!-- c -->\n<Auth> AUTH </Auth><New><a/></New><Tags>\n a , ,b,A ,\tc</Tags> <P256DH>\nBPUB</P256DH><Endpoint><![CDATA[https://push.example/]]><!-- c -->abc</Endpoint></BrowserRegistrationDescription></content> \n</entry>\n<!-- end -->",
		browserOf("a", "b", "c"),
	},
	"prefixes": {
		`<a:entry xmlns:a="http://www.w3.org/2005/Atom"><a:content><s:GcmRegistrationDescription xmlns:s="x"><s:GcmRegistrationId>g1</s:GcmRegistrationId></s:GcmRegistrationDescription></a:content></a:entry>`,
		record.Registration{Platform: record.Gcm, Handle: "g1"},
	},
	"empty tags and variables": {
		entryOf("FcmV1", `<Tags/><PushVariables></PushVariables><FcmV1RegistrationId>f&amp;1</FcmV1RegistrationId>`),
		record.Registration{Platform: record.FcmV1, Handle: "f&1"},
	},
	"push variables, escaped": {
		entryOf("Adm", `<PushVariables>{&quot;v&quot;:&quot;1&quot;,"n":null,"u":"\u00e4<![CDATA[<]]>"}</PushVariables><AdmRegistrationId>a1</AdmRegistrationId>`),
		record.Registration{Platform: record.Adm, Handle: "a1", PushVariables: map[string]string{"v": "1", "u": "ä<"}},
	},
	"push variables of nothing": {
		entryOf("Adm", `<PushVariables> {"n":null} </PushVariables><AdmRegistrationId>a1</AdmRegistrationId>`),
		record.Registration{Platform: record.Adm, Handle: "a1"},
	},
	"js, a browser's template": {
		entryOf("BrowserTemplate", browserFields+`<BodyTemplate><![CDATA[{"title":"$(title)"}]]></BodyTemplate><TemplateName>t</TemplateName>`),
		func() record.Registration {
			r := browserOf("username:alice", "x")
			r.Template = &record.Template{Name: "t", Body: `{"title":"$(title)"}`}
			return r
		}(),
	},
	"js, the name before headers and expiry": {
		entryOf("AppleTemplate", `<DeviceToken>AB</DeviceToken><BodyTemplate><![CDATA[{"aps":{}}]]></BodyTemplate><TemplateName>n</TemplateName><Expiry>$(when)</Expiry><ApnsHeaders><ApnsHeader><Header>apns-priority</Header><Value>5</Value></ApnsHeader></ApnsHeaders><Priority>$(p)</Priority>`),
		record.Registration{Platform: record.Apple, Handle: "AB", Template: &record.Template{
			Name: "n", Body: `{"aps":{}}`, Expiry: "$(when)", Priority: "$(p)", Headers: []record.Header{{Name: "apns-priority", Value: "5"}},
		}},
	},
	"an escaped body with ends of lines": {
		entryOf("GcmTemplate", "<GcmRegistrationId>g</GcmRegistrationId><BodyTemplate>\r\n{&quot;a&quot;:\r\n1,&#xD;&#xA;&#xD;&quot;b]]&gt;&quot;:2}\n</BodyTemplate><TemplateName/>"),
		record.Registration{Platform: record.Gcm, Handle: "g", Template: &record.Template{Body: "{\"a\":\n1,\n\n\"b]]>\":2}"}},
	},
	"windows, the type known from the root": {
		entryOf("WindowsTemplate", `<ChannelUri>https://h/</ChannelUri><SecondaryTileName>tile</SecondaryTileName><BodyTemplate><![CDATA[<?xml version="1.0"?><!-- c --><Badge value="$(n)"/>]]></BodyTemplate><WnsHeaders><WnsHeader><Header>X-WNS-TTL</Header><Value>60</Value></WnsHeader></WnsHeaders>`),
		record.Registration{Platform: record.Windows, Handle: "https://h/", SecondaryTileName: "tile", Template: &record.Template{
			Body: `<?xml version="1.0"?><!-- c --><Badge value="$(n)"/>`, Headers: []record.Header{{Name: "X-WNS-TTL", Value: "60"}, {Name: "X-WNS-Type", Value: "wns/badge"}},
		}},
	},
	"windows, raw JSON with its type": {
		entryOf("WindowsTemplate", `<ChannelUri>c</ChannelUri><BodyTemplate>{"id":"$(id)"}</BodyTemplate><WnsHeaders><WnsHeader><Header>x-wns-type</Header><Value>wns/raw</Value></WnsHeader></WnsHeaders>`),
		record.Registration{Platform: record.Windows, Handle: "c", Template: &record.Template{
			Body: `{"id":"$(id)"}`, Headers: []record.Header{{Name: "x-wns-type", Value: "wns/raw"}},
		}},
	},
	"mpns": {
		entryOf("MpnsTemplate", `<ChannelUri>c</ChannelUri><BodyTemplate><![CDATA[`+tile+`]]></BodyTemplate><MpnsHeaders/>`),
		record.Registration{Platform: record.Mpns, Handle: "c", Template: &record.Template{Body: tile}},
	},
	"azure-sb, a header without a value": {
		entryOf("MpnsTemplate", `<ChannelUri>c</ChannelUri><BodyTemplate><![CDATA[`+tile+`]]></BodyTemplate><MpnsHeaders><MpnsHeader><Header>X-WindowsPhone-Target</Header><Value/></MpnsHeader><MpnsHeader><Header>X-NotificationClass</Header><Value>3</Value></MpnsHeader></MpnsHeaders>`),
		record.Registration{Platform: record.Mpns, Handle: "c", Template: &record.Template{Body: tile, Headers: []record.Header{{Name: "X-NotificationClass", Value: "3"}}}},
	},
	"baidu": {
		entryOf("BaiduTemplate", `<BaiduChannelId>c</BaiduChannelId><BaiduUserId>u</BaiduUserId><MessageType>1</MessageType><BodyTemplate>{}</BodyTemplate>`),
		record.Registration{Platform: record.Baidu, Handle: "c", BaiduUserID: "u", Template: &record.Template{Body: `{}`, MessageType: "1"}},
	},
	"xiaomi, with a template that is not for it": {
		entryOf("Xiaomi", `<XiaomiRegistrationId>x</XiaomiRegistrationId><BodyTemplate>{</BodyTemplate>`),
		record.Registration{Platform: record.Xiaomi, Handle: "x"},
	},
}

func TestBodiesOfAllClientsAreRead(t *testing.T) {
	for name, tt := range readable {
		t.Run(name, func(t *testing.T) {
			got, err := atom.DecodeRegistration([]byte(tt.body))
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%+v %+v, %v", got, got.Template, err)
			}
		})
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	for _, tt := range descriptions {
		if tt.name == "WindowsTemplate without headers" { // made of an installation; a client could not
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			want := record.Registration{
				Platform: tt.r.Platform, Handle: tt.r.Handle, P256DH: tt.r.P256DH, Auth: tt.r.Auth, BaiduUserID: tt.r.BaiduUserID,
				SecondaryTileName: tt.r.SecondaryTileName, Tags: tt.r.Tags, PushVariables: tt.r.PushVariables, Template: tt.r.Template,
			}
			got, err := atom.DecodeRegistration(atom.AppendEntry(nil, tt.r, links, atom.Read))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, %v", got, err)
			}
			want.ID = tt.r.ID
			got, err = atom.DecodeDescription(atom.AppendDescription(nil, tt.r, atom.Read))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func refused(t *testing.T, body, words string) {
	t.Helper()
	r, err := atom.DecodeRegistration([]byte(body))
	var refused *atom.Error
	if !errors.As(err, &refused) || !strings.Contains(refused.Words, words) || !reflect.DeepEqual(r, record.Registration{}) {
		t.Errorf("%+v, %v", r, err)
	}
	if refused != nil && (len(refused.Words) > 300 || strings.HasSuffix(refused.Words, ".")) {
		t.Errorf("%d bytes: %s", len(refused.Words), refused.Words)
	}
}

func TestBadDocumentsAreRefused(t *testing.T) {
	good := entryOf("Browser", browserFields)
	bomb := `<!DOCTYPE entry [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`
	for name, tt := range map[string]struct{ body, words string }{
		"nothing":                    {"", "holds no element"},
		"white space":                {" \n", "holds no element"},
		"only a declaration":         {`<?xml version="1.0"?>`, "holds no element"},
		"JSON":                       {`{"installationId":"i"}`, "text outside"},
		"cut short":                  {good[:len(good)-3], "well-formed"},
		"not nested":                 {strings.Replace(good, "</Tags>", "</Tag>", 1), "well-formed"},
		"NUL":                        {strings.Replace(good, "alice", "al\x00ice", 1), "UTF-8"},
		"NUL in a comment":           {good + "<!-- \x00 -->", "UTF-8"},
		"not UTF-8":                  {strings.Replace(good, "alice", "al\xffice", 1), "UTF-8"},
		"UTF-16":                     {"\xff\xfe<\x00a\x00", "UTF-8"},
		"another encoding":           {strings.Replace(good, "UTF-8", "iso-8859-1", 1), "well-formed"},
		"another version":            {strings.Replace(good, `"1.0"`, `"1.1"`, 1), "well-formed"},
		"a control character":        {strings.Replace(good, "alice", "al\x01ice", 1), "well-formed"},
		"a reference to one":         {strings.Replace(good, "alice", "al&#1;ice", 1), "well-formed"},
		"a reference to NUL":         {strings.Replace(good, "alice", "al&#0;ice", 1), "well-formed"},
		"an unknown entity":          {strings.Replace(good, "alice", "&nbsp;", 1), "well-formed"},
		"an entity bomb":             {bomb + `<entry>&b;</entry>`, "document type"},
		"an entity bomb, declared":   {strings.Replace(good, "<entry", bomb+"<entry", 1), "document type"},
		"an external entity":         {`<!DOCTYPE entry SYSTEM "file:///etc/passwd">` + `<entry/>`, "document type"},
		"a declaration inside":       {strings.Replace(good, "<Tags>", `<Tags><!ENTITY a "b">`, 1), "document type"},
		"a processing instruction":   {strings.Replace(good, "<entry", `<?php x?><entry`, 1), "processing instruction"},
		"a second XML declaration":   {strings.Replace(good, "<Tags>", `<?xml version="1.0"?><Tags>`, 1), "processing instruction"},
		"two roots":                  {good + "<entry/>", "more than one root"},
		"text behind the root":       {good + "x", "outside"},
		"text before the root":       {"x" + good, "outside"},
		"a bare description":         {`<BrowserRegistrationDescription>` + browserFields + `</BrowserRegistrationDescription>`, "not an Atom entry"},
		"a feed":                     {`<feed>` + good[strings.Index(good, "<entry"):] + `</feed>`, "not an Atom entry"},
		"no content":                 {`<entry/>`, "no content"},
		"empty content":              {`<entry><content/></entry>`, "no content"},
		"two contents":               {`<entry><content/><content/></entry>`, "content is there twice"},
		"two descriptions":           {strings.Replace(good, "</content>", "<a/></content>", 1), "no content with one"},
		"too deep":                   {`<entry>` + strings.Repeat("<a>", 32) + strings.Repeat("</a>", 32) + `</entry>`, "too many elements"},
		"too many elements":          {`<entry>` + strings.Repeat("<a/>", 4096) + `</entry>`, "too many elements"},
		"an endless way down":        {strings.Repeat("<a>", 80_000), "too many elements"},
		"a long name":                {strings.Replace(good, "entry>", strings.Repeat("e", 100_000)+">", 1), "well-formed"},
		"elements where text should": {entryOf("Gcm", `<GcmRegistrationId><a/></GcmRegistrationId>`), "GcmRegistrationId holds elements"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, tt.body, tt.words) })
	}
}

func TestBadRegistrationsAreRefused(t *testing.T) {
	windows := func(body, headers string) string {
		return entryOf("WindowsTemplate", `<ChannelUri>c</ChannelUri><BodyTemplate><![CDATA[`+body+`]]></BodyTemplate>`+headers)
	}
	gcm := func(fields string) string {
		return entryOf("GcmTemplate", `<GcmRegistrationId>g</GcmRegistrationId>`+fields)
	}
	header := func(name, value string) string {
		return fmt.Sprintf("<WnsHeaders><WnsHeader><Header>%s</Header><Value>%s</Value></WnsHeader></WnsHeaders>", name, value)
	}
	for name, tt := range map[string]struct{ body, words string }{
		"unknown kind":                    {entryOf("NokiaX", ""), `"NokiaXRegistrationDescription" is no kind`},
		"unknown kind, long":              {entryOf(strings.Repeat("N", 1000), ""), "is no kind"},
		"kind in other letters":           {entryOf("browser", browserFields), "is no kind"},
		"no kind":                         {entryOf("", browserFields), "is no kind"},
		"only a template":                 {entryOf("Template", browserFields), "is no kind"},
		"something else":                  {jobEntry, `"NotificationHubJob" is no kind`},
		"no handle":                       {entryOf("Browser", "<P256DH>p</P256DH><Auth>a</Auth>"), "Endpoint is missing"},
		"a blank handle":                  {entryOf("Gcm", "<GcmRegistrationId> \n</GcmRegistrationId>"), "GcmRegistrationId is missing or blank"},
		"a nil handle":                    {entryOf("Adm", `<AdmRegistrationId i:nil="true"/>`), "AdmRegistrationId is missing"},
		"a nil handle with text":          {entryOf("Adm", `<AdmRegistrationId i:nil="1">a</AdmRegistrationId>`), "AdmRegistrationId is missing"},
		"two handles":                     {entryOf("Gcm", "<GcmRegistrationId>a</GcmRegistrationId><GcmRegistrationId>b</GcmRegistrationId>"), "GcmRegistrationId is there twice"},
		"another kind's handle":           {entryOf("FcmV1", "<GcmRegistrationId>a</GcmRegistrationId>"), "FcmV1RegistrationId is missing"},
		"a handle of two lines":           {entryOf("Gcm", "<GcmRegistrationId>a\nb</GcmRegistrationId>"), "control characters"},
		"a handle too long":               {entryOf("Gcm", "<GcmRegistrationId>"+strings.Repeat("g", 4097)+"</GcmRegistrationId>"), "too long"},
		"a browser without key":           {entryOf("Browser", "<Endpoint>e</Endpoint><Auth>a</Auth>"), "P256DH is missing"},
		"a browser without secret":        {entryOf("Browser", "<Endpoint>e</Endpoint><P256DH>p</P256DH><Auth/>"), "Auth is missing"},
		"a token that is not hexadecimal": {entryOf("Apple", "<DeviceToken>abxy</DeviceToken>"), "DeviceToken is not"},
		"an odd token":                    {entryOf("Apple", "<DeviceToken>abc</DeviceToken>"), "DeviceToken is not"},
		"no user at Baidu":                {entryOf("Baidu", "<BaiduChannelId>c</BaiduChannelId>"), "BaiduUserId is missing"},
		"variables that are no JSON":      {entryOf("Gcm", "<GcmRegistrationId>g</GcmRegistrationId><PushVariables>a=b</PushVariables>"), "PushVariables"},
		"variables that are numbers":      {entryOf("Gcm", `<GcmRegistrationId>g</GcmRegistrationId><PushVariables>{"a":1}</PushVariables>`), "PushVariables"},
		"variables in a list":             {entryOf("Gcm", `<GcmRegistrationId>g</GcmRegistrationId><PushVariables>["a"]</PushVariables>`), "PushVariables"},
		"variables XML cannot hold":       {entryOf("Gcm", `<GcmRegistrationId>g</GcmRegistrationId><PushVariables>{"a":"\u0000"}</PushVariables>`), "PushVariables has a character"},
		"variables with such names":       {entryOf("Gcm", `<GcmRegistrationId>g</GcmRegistrationId><PushVariables>{"\ufffe":""}</PushVariables>`), "PushVariables has a character"},
		"no body":                         {gcm(""), "BodyTemplate is missing"},
		"a blank body":                    {gcm("<BodyTemplate> </BodyTemplate>"), "BodyTemplate is missing"},
		"a nil body":                      {gcm(`<BodyTemplate i:nil="true"/>`), "BodyTemplate is missing"},
		"a body that is no JSON":          {gcm("<BodyTemplate>{</BodyTemplate>"), "BodyTemplate: "},
		"XML where JSON should be":        {gcm("<BodyTemplate><![CDATA[<toast/>]]></BodyTemplate>"), "BodyTemplate: "},
		"an expression that is none":      {gcm(`<BodyTemplate>{"a":"$(b"}</BodyTemplate>`), "BodyTemplate: "},
		"a body of elements":              {gcm(`<BodyTemplate><toast/></BodyTemplate>`), "BodyTemplate holds elements"},
		"a name too long":                 {gcm(`<BodyTemplate>{}</BodyTemplate><TemplateName>` + strings.Repeat("ä", 201) + `</TemplateName>`), "more than 200"},
		"a bad expiry":                    {entryOf("AppleTemplate", "<DeviceToken>ab</DeviceToken><BodyTemplate>{}</BodyTemplate><Expiry>$(a</Expiry>"), "Expiry: "},
		"a bad priority":                  {entryOf("AppleTemplate", "<DeviceToken>ab</DeviceToken><BodyTemplate>{}</BodyTemplate><Priority>%(a</Priority>"), "Priority: "},
		"windows without type":            {windows(`<other/>`, ""), "no header X-WNS-Type"},
		"windows JSON without type":       {windows(`{}`, header("X-WNS-TTL", "1")), "no header X-WNS-Type"},
		"windows, neither XML nor JSON":   {windows(`$(text)`, header("X-WNS-Type", "wns/raw")), "BodyTemplate: "},
		"a header without name":           {windows(`<toast/>`, header("", "a")), "Header is missing"},
		"a header without value":          {windows(`<toast/>`, `<WnsHeaders><WnsHeader><Header>X-WNS-TTL</Header></WnsHeader></WnsHeaders>`), "Value is missing"},
		"a header with a bad name":        {windows(`<toast/>`, header("X WNS", "a")), "not the name of a header"},
		"a header of two lines":           {windows(`<toast/>`, header("X-WNS-TTL", "a&#xA;B: c")), "control characters"},
		"a header twice":                  {windows(`<toast/>`, `<WnsHeaders><WnsHeader><Header>a</Header><Value>1</Value></WnsHeader><WnsHeader><Header>A</Header><Value>1</Value></WnsHeader></WnsHeaders>`), "twice in WnsHeaders"},
		"a header with a bad expression":  {windows(`<toast/>`, header("X-WNS-TTL", "$(a")), "WnsHeaders: "},
		"something else in headers":       {windows(`<toast/>`, `<WnsHeaders><ApnsHeader/></WnsHeaders>`), "something else"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, tt.body, tt.words) })
	}
}

func TestALongNameIsTaken(t *testing.T) {
	name := strings.Repeat("ä", 200)
	r, err := atom.DecodeRegistration([]byte(entryOf("GcmTemplate", `<GcmRegistrationId>g</GcmRegistrationId><BodyTemplate>{}</BodyTemplate><TemplateName>`+name+`</TemplateName>`)))
	if err != nil || r.Template.Name != name {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestADescriptionAloneKeepsItsID(t *testing.T) {
	r, err := atom.DecodeDescription([]byte(`<RegistrationDescription` + namespaces + ` i:type="GcmRegistrationDescription"><RegistrationId> 1-2-3 </RegistrationId><GcmRegistrationId>g</GcmRegistrationId></RegistrationDescription>`))
	if err != nil || r.ID != "1-2-3" || r.Handle != "g" {
		t.Errorf("%+v, %v", r, err)
	}
	for _, bad := range []string{
		"", browserEntry, `<GcmRegistrationDescription/>`,
		`<GcmRegistrationDescription><RegistrationId>a` + "\n" + `b</RegistrationId><GcmRegistrationId>g</GcmRegistrationId></GcmRegistrationDescription>`,
	} {
		if r, err := atom.DecodeDescription([]byte(bad)); err == nil {
			t.Errorf("%s: %+v", bad, r)
		}
	}
}
