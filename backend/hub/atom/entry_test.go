package atom_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"securepush/backend/hub/atom"
	"securepush/backend/hub/record"
)

var links = atom.Links{Base: "https://localhost:9443/hub1", Version: "2020-06", Now: day.Add(12 * time.Second)}

var day = time.Date(2018, 11, 7, 0, 18, 26, 0, time.UTC)

// registration fills in what every recorded reply has.
func registration(r record.Registration) record.Registration {
	r.ID, r.ETag, r.Created, r.Updated = "1-2-3", 1, day, day.In(time.FixedZone("", 3600))
	return r
}

func withAll(r record.Registration) record.Registration {
	r.Tags, r.PushVariables = []string{"tag1"}, map[string]string{"var1": "value1"}
	return registration(r)
}

const (
	namespaces = ` xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"`
	common     = `<ETag>1</ETag><ExpirationTime>9999-12-31T23:59:59.999</ExpirationTime><RegistrationId>1-2-3</RegistrationId>`
	commonAll  = common + `<Tags>tag1</Tags><PushVariables>{"var1":"value1"}</PushVariables>`
	token      = "62BCD3484834B7E2DC56733AC5509259230CC1BA82BA1AE7D06E91908A05A8FA"
	tile       = `<wp:Notification xmlns:wp="WPNotification" Version="2.0"><wp:Tile Id="TileId" Template="IconicTile"><wp:Title Action="Clear">Title</wp:Title></wp:Tile></wp:Notification>`
	toast      = `<toast><visual><binding template="ToastText01"><text id="1">bodyText</text></binding>  </visual></toast>`
)

const browserEntry = `<entry a:etag="W/&quot;1&quot;" xmlns="http://www.w3.org/2005/Atom" xmlns:a="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><id>https://localhost:9443/hub1/registrations/1-2-3?api-version=2020-06</id><title type="text">1-2-3</title><published>2018-11-07T00:18:26Z</published><updated>2018-11-07T00:18:26Z</updated><link rel="self" href="https://localhost:9443/hub1/registrations/1-2-3?api-version=2020-06"/><content type="application/xml"><BrowserRegistrationDescription xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><ETag>1</ETag><ExpirationTime>9999-12-31T23:59:59.999</ExpirationTime><RegistrationId>1-2-3</RegistrationId><Tags>a,b</Tags><Endpoint>https://push.example/abc</Endpoint><P256DH>BPUB</P256DH><Auth>AUTH</Auth></BrowserRegistrationDescription></content></entry>`

func browser() record.Registration {
	return registration(record.Registration{
		Platform: record.Browser, Handle: "https://push.example/abc", P256DH: "BPUB", Auth: "AUTH", Tags: []string{"a", "b"},
	})
}

func equal(t *testing.T, got []byte, want string) {
	t.Helper()
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAnEntryIsTheRecordedText(t *testing.T) {
	equal(t, atom.AppendEntry([]byte("before"), browser(), links, atom.Reply), "before"+browserEntry)
}

// descriptions are registrations of every kind with what the service, or the SDK that knows the kind, has for them.
var descriptions = []struct {
	name string
	r    record.Registration
	want string
}{
	{"Browser", registration(record.Registration{Platform: record.Browser, Handle: "https://push.example/abc", P256DH: "BPUB", Auth: "AUTH"}), `<BrowserRegistrationDescription` + namespaces + `>` + common + `<Endpoint>https://push.example/abc</Endpoint><P256DH>BPUB</P256DH><Auth>AUTH</Auth></BrowserRegistrationDescription>`},
	{"BrowserTemplate", withAll(record.Registration{Platform: record.Browser, Handle: "https://push.example/abc", P256DH: "BPUB", Auth: "AUTH", Template: &record.Template{Name: "t", Body: `{"title":"$(title)"}`}}), `<BrowserTemplateRegistrationDescription` + namespaces + `>` + commonAll + `<Endpoint>https://push.example/abc</Endpoint><P256DH>BPUB</P256DH><Auth>AUTH</Auth><BodyTemplate><![CDATA[{"title":"$(title)"}]]></BodyTemplate><TemplateName>t</TemplateName></BrowserTemplateRegistrationDescription>`},
	{"Windows", withAll(record.Registration{Platform: record.Windows, Handle: "https://some.url/?token=x&y=<1>", SecondaryTileName: "Tile name"}), `<WindowsRegistrationDescription` + namespaces + `>` + commonAll + `<ChannelUri>https://some.url/?token=x&amp;y=&lt;1&gt;</ChannelUri><SecondaryTileName>Tile name</SecondaryTileName></WindowsRegistrationDescription>`},
	{"WindowsTemplate", withAll(record.Registration{Platform: record.Windows, Handle: "https://some.url/", SecondaryTileName: "Tile name", Template: &record.Template{Name: "Template Name", Body: toast, Headers: []record.Header{{Name: "X-WNS-Type", Value: "wns/toast"}}}}), `<WindowsTemplateRegistrationDescription` + namespaces + `>` + commonAll + `<ChannelUri>https://some.url/</ChannelUri><SecondaryTileName>Tile name</SecondaryTileName><BodyTemplate><![CDATA[` + toast + `]]></BodyTemplate><WnsHeaders><WnsHeader><Header>X-WNS-Type</Header><Value>wns/toast</Value></WnsHeader></WnsHeaders><TemplateName>Template Name</TemplateName></WindowsTemplateRegistrationDescription>`},
	{"WindowsTemplate without headers", registration(record.Registration{Platform: record.Windows, Handle: "https://some.url/", Template: &record.Template{Body: `{}`}}), `<WindowsTemplateRegistrationDescription` + namespaces + `>` + common + `<ChannelUri>https://some.url/</ChannelUri><BodyTemplate><![CDATA[{}]]></BodyTemplate><WnsHeaders/></WindowsTemplateRegistrationDescription>`},
	{"Mpns", withAll(record.Registration{Platform: record.Mpns, Handle: "https://some.url/", SecondaryTileName: "Tile name"}), `<MpnsRegistrationDescription` + namespaces + `>` + commonAll + `<ChannelUri>https://some.url/</ChannelUri><SecondaryTileName>Tile name</SecondaryTileName></MpnsRegistrationDescription>`},
	{"MpnsTemplate", withAll(record.Registration{Platform: record.Mpns, Handle: "https://some.url/", SecondaryTileName: "Tile name", Template: &record.Template{Name: "Template Name", Body: tile, Headers: []record.Header{{Name: "X-NotificationClass", Value: "1"}, {Name: "X-WindowsPhone-Target", Value: "token"}}}}), `<MpnsTemplateRegistrationDescription` + namespaces + `>` + commonAll + `<ChannelUri>https://some.url/</ChannelUri><SecondaryTileName>Tile name</SecondaryTileName><BodyTemplate><![CDATA[` + tile + `]]></BodyTemplate><MpnsHeaders><MpnsHeader><Header>X-NotificationClass</Header><Value>1</Value></MpnsHeader><MpnsHeader><Header>X-WindowsPhone-Target</Header><Value>token</Value></MpnsHeader></MpnsHeaders><TemplateName>Template Name</TemplateName></MpnsTemplateRegistrationDescription>`},
	{"Apple", withAll(record.Registration{Platform: record.Apple, Handle: token}), `<AppleRegistrationDescription` + namespaces + `>` + commonAll + `<DeviceToken>` + token + `</DeviceToken></AppleRegistrationDescription>`},
	{"AppleTemplate", withAll(record.Registration{Platform: record.Apple, Handle: token, Template: &record.Template{Name: "Template Name", Body: `{"aps":{"alert":"alert!"}}`}}), `<AppleTemplateRegistrationDescription` + namespaces + `>` + commonAll + `<DeviceToken>` + token + `</DeviceToken><BodyTemplate><![CDATA[{"aps":{"alert":"alert!"}}]]></BodyTemplate><Expiry i:nil="true"/><TemplateName>Template Name</TemplateName><ApnsHeaders/></AppleTemplateRegistrationDescription>`},
	{"AppleTemplate with everything", withAll(record.Registration{Platform: record.Apple, Handle: token, Template: &record.Template{Name: "n", Body: `{}`, Expiry: "$(expiry)", Priority: "5", Headers: []record.Header{{Name: "apns-push-type", Value: "alert"}}}}), `<AppleTemplateRegistrationDescription` + namespaces + `>` + commonAll + `<DeviceToken>` + token + `</DeviceToken><BodyTemplate><![CDATA[{}]]></BodyTemplate><Expiry>$(expiry)</Expiry><TemplateName>n</TemplateName><Priority>5</Priority><ApnsHeaders><ApnsHeader><Header>apns-push-type</Header><Value>alert</Value></ApnsHeader></ApnsHeaders></AppleTemplateRegistrationDescription>`},
	{"Gcm", withAll(record.Registration{Platform: record.Gcm, Handle: "g1"}), `<GcmRegistrationDescription` + namespaces + `>` + commonAll + `<GcmRegistrationId>g1</GcmRegistrationId></GcmRegistrationDescription>`},
	{"GcmTemplate", withAll(record.Registration{Platform: record.Gcm, Handle: "g1", Template: &record.Template{Name: "Template Name", Body: `{"data":{"message":"Message"}}`}}), `<GcmTemplateRegistrationDescription` + namespaces + `>` + commonAll + `<GcmRegistrationId>g1</GcmRegistrationId><BodyTemplate><![CDATA[{"data":{"message":"Message"}}]]></BodyTemplate><TemplateName>Template Name</TemplateName></GcmTemplateRegistrationDescription>`},
	{"FcmV1", withAll(record.Registration{Platform: record.FcmV1, Handle: "f1"}), `<FcmV1RegistrationDescription` + namespaces + `>` + commonAll + `<FcmV1RegistrationId>f1</FcmV1RegistrationId></FcmV1RegistrationDescription>`},
	{"FcmV1Template", withAll(record.Registration{Platform: record.FcmV1, Handle: "f1", Template: &record.Template{Name: "n", Body: `{"message":{}}`}}), `<FcmV1TemplateRegistrationDescription` + namespaces + `>` + commonAll + `<FcmV1RegistrationId>f1</FcmV1RegistrationId><BodyTemplate><![CDATA[{"message":{}}]]></BodyTemplate><TemplateName>n</TemplateName></FcmV1TemplateRegistrationDescription>`},
	{"Adm", withAll(record.Registration{Platform: record.Adm, Handle: "amzn1.adm-registration.v2.123"}), `<AdmRegistrationDescription` + namespaces + `>` + commonAll + `<AdmRegistrationId>amzn1.adm-registration.v2.123</AdmRegistrationId></AdmRegistrationDescription>`},
	{"AdmTemplate", withAll(record.Registration{Platform: record.Adm, Handle: "amzn1.adm-registration.v2.123", Template: &record.Template{Name: "Template Name", Body: `{"data":{"key1":"value1"}}`}}), `<AdmTemplateRegistrationDescription` + namespaces + `>` + commonAll + `<AdmRegistrationId>amzn1.adm-registration.v2.123</AdmRegistrationId><BodyTemplate><![CDATA[{"data":{"key1":"value1"}}]]></BodyTemplate><TemplateName>Template Name</TemplateName></AdmTemplateRegistrationDescription>`},
	{"Baidu", withAll(record.Registration{Platform: record.Baidu, Handle: "channelId", BaiduUserID: "userId"}), `<BaiduRegistrationDescription` + namespaces + `>` + commonAll + `<BaiduUserId>userId</BaiduUserId><BaiduChannelId>channelId</BaiduChannelId></BaiduRegistrationDescription>`},
	{"BaiduTemplate", withAll(record.Registration{Platform: record.Baidu, Handle: "channelId", BaiduUserID: "userId", Template: &record.Template{Name: "Template Name", Body: `{"title":"Title","description":"Description"}`}}), `<BaiduTemplateRegistrationDescription` + namespaces + `>` + commonAll + `<BaiduUserId>userId</BaiduUserId><BaiduChannelId>channelId</BaiduChannelId><BodyTemplate><![CDATA[{"title":"Title","description":"Description"}]]></BodyTemplate><TemplateName>Template Name</TemplateName></BaiduTemplateRegistrationDescription>`},
	{"BaiduTemplate with a message type", registration(record.Registration{Platform: record.Baidu, Handle: "c", BaiduUserID: "u", Template: &record.Template{Name: "n", Body: `{}`, MessageType: "1"}}), `<BaiduTemplateRegistrationDescription` + namespaces + `>` + common + `<BaiduUserId>u</BaiduUserId><BaiduChannelId>c</BaiduChannelId><BodyTemplate><![CDATA[{}]]></BodyTemplate><TemplateName>n</TemplateName><MessageType>1</MessageType></BaiduTemplateRegistrationDescription>`},
	{"Xiaomi", withAll(record.Registration{Platform: record.Xiaomi, Handle: "x1"}), `<XiaomiRegistrationDescription` + namespaces + `>` + commonAll + `<XiaomiRegistrationId>x1</XiaomiRegistrationId></XiaomiRegistrationDescription>`},
	{"XiaomiTemplate", registration(record.Registration{Platform: record.Xiaomi, Handle: "x1", Template: &record.Template{Body: `{}`}}), `<XiaomiTemplateRegistrationDescription` + namespaces + `>` + common + `<XiaomiRegistrationId>x1</XiaomiRegistrationId><BodyTemplate><![CDATA[{}]]></BodyTemplate></XiaomiTemplateRegistrationDescription>`},
}

func TestEveryKindIsTheRecordedText(t *testing.T) {
	for _, tt := range descriptions {
		t.Run(tt.name, func(t *testing.T) {
			entry := atom.AppendEntry(nil, tt.r, links, atom.Reply)
			_, rest, _ := bytes.Cut(entry, []byte(`<content type="application/xml">`))
			got, ok := bytes.CutSuffix(rest, []byte("</content></entry>"))
			if !ok {
				t.Fatalf("no content: %s", entry)
			}
			equal(t, got, tt.want)
			equal(t, atom.AppendDescription(nil, tt.r, atom.Reply), tt.want)
		})
	}
}

func TestADerivedRegistrationIsTheRecordedText(t *testing.T) {
	r := record.Registration{
		ID: "7145748118279315839-4405912120491952657-3", Platform: record.Apple, Handle: token, ETag: 1, Installation: "95e4cf2e",
		Tags: []string{"$InstallationId:{95e4cf2e}", "tag1", "Template Name"}, PushVariables: map[string]string{"var1": "value1"},
		Template: &record.Template{Name: "Template Name", Body: `{"aps":{"alert":"alert!"}}`, Expiry: "2018-11-07T16:18:32.6641371-08:00"},
	}
	equal(t, atom.AppendDescription(nil, r, atom.Read), `<AppleTemplateRegistrationDescription`+namespaces+`><ETag>1</ETag><ExpirationTime>9999-12-31T23:59:59.9999999Z</ExpirationTime><RegistrationId>7145748118279315839-4405912120491952657-3</RegistrationId><Tags>$InstallationId:{95e4cf2e},tag1,Template Name</Tags><PushVariables>{"var1":"value1"}</PushVariables><DeviceToken>`+token+`</DeviceToken><BodyTemplate><![CDATA[{"aps":{"alert":"alert!"}}]]></BodyTemplate><Expiry>2018-11-07T16:18:32.6641371-08:00</Expiry><TemplateName>Template Name</TemplateName><ApnsHeaders/></AppleTemplateRegistrationDescription>`)
}

func TestExpiryDependsOnWhereItIsRead(t *testing.T) {
	at := time.Date(2030, 1, 2, 3, 4, 5, 120_000_000, time.FixedZone("", -3600))
	for _, tt := range []struct {
		name         string
		installation string
		expires      time.Time
		form         atom.Form
		want         string
	}{
		{"never, in a reply", "", time.Time{}, atom.Reply, "9999-12-31T23:59:59.999"},
		{"never, when read", "", time.Time{}, atom.Read, "9999-12-31T23:59:59.999Z"},
		{"never, of an installation", "i", time.Time{}, atom.Read, "9999-12-31T23:59:59.9999999Z"},
		{"a day, in a reply", "", at, atom.Reply, "2030-01-02T04:04:05.12Z"},
		{"a day, of an installation", "i", at, atom.Read, "2030-01-02T04:04:05.12Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := browser()
			r.Installation, r.Expires = tt.installation, tt.expires
			if got := string(atom.AppendEntry(nil, r, links, tt.form)); !strings.Contains(got, "<ExpirationTime>"+tt.want+"</ExpirationTime>") {
				t.Error(got)
			}
		})
	}
}

func TestAFeedIsTheRecordedText(t *testing.T) {
	const (
		self  = "https://NS/hub/registrations?api-version=2017-04&$top=2"
		next  = "https://NS/hub/registrations?api-version=2017-04&%24top=2&continuationtoken=MzEobik7Mg%253D%253D"
		start = `<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Registrations</title><id>https://NS/hub/registrations?api-version=2017-04&amp;$top=2</id><updated>2018-11-07T00:18:38Z</updated><link rel="self" href="https://NS/hub/registrations?api-version=2017-04&amp;$top=2"/>`
		more  = `<link rel="next" href="https://NS/hub/registrations?api-version=2017-04&amp;%24top=2&amp;continuationtoken=MzEobik7Mg%253D%253D"/>`
	)
	entry := strings.Replace(browserEntry, ` xmlns="http://www.w3.org/2005/Atom"`, "", 1)
	entry = strings.Replace(entry, "23:59:59.999<", "23:59:59.999Z<", 1)
	rs := []record.Registration{browser(), browser()}
	equal(t, atom.AppendFeed(nil, rs, links, self, next), start+more+entry+entry+"</feed>")
	equal(t, atom.AppendFeed(nil, rs[:1], links, self, ""), start+entry+"</feed>")
	equal(t, atom.AppendFeed([]byte("x"), nil, links, self, ""), "x"+start+"</feed>")
}

func TestWhatXMLCannotHoldNeverComesOut(t *testing.T) {
	r := registration(record.Registration{
		ID: "", Platform: record.Gcm, Handle: "a\x00b\x1bc\xffd\ufffee\uffff f\rg\"h'i\tj\nk",
		Template: &record.Template{Name: "]]>&", Body: "a]]>b]]]>c]]\x01>d\xff]]&>"},
	})
	want := `<GcmTemplateRegistrationDescription` + namespaces + `>` + common +
		"<GcmRegistrationId>a\ufffdb\ufffdc\ufffdd\ufffde\ufffd f\rg\"h'i\tj\nk</GcmRegistrationId>" +
		"<BodyTemplate><![CDATA[a]]]]><![CDATA[>b]]]]]><![CDATA[>c]]\ufffd>d\ufffd]]&>]]></BodyTemplate><TemplateName>]]&gt;&amp;</TemplateName></GcmTemplateRegistrationDescription>"
	if got := string(atom.AppendEntry(nil, r, links, atom.Reply)); !strings.Contains(got, want) {
		t.Errorf("no %s in %s", want, got)
	}
}

func TestAddressesAreEscaped(t *testing.T) {
	r := browser()
	r.ID = `a/b?c"<&d`
	got := string(atom.AppendEntry(nil, r, atom.Links{Base: links.Base, Version: `1&2"`}, atom.Reply))
	for _, want := range []string{
		`<id>https://localhost:9443/hub1/registrations/a%2Fb%3Fc%22%3C&amp;d?api-version=1%262%22</id><title type="text">a/b?c"&lt;&amp;d</title>`,
		`<link rel="self" href="https://localhost:9443/hub1/registrations/a%2Fb%3Fc%22%3C&amp;d?api-version=1%262%22"/>`,
		`<RegistrationId>a/b?c"&lt;&amp;d</RegistrationId>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	feed := atom.AppendFeed(nil, nil, links, "a\"\t\n\r<", "")
	if !bytes.Contains(feed, []byte(`href="a&quot;&#x9;&#xA;&#xD;&lt;"`)) {
		t.Errorf("%s", feed)
	}
}

func TestAnExportedRegistrationIsOneLine(t *testing.T) {
	r := registration(record.Registration{Platform: record.Gcm, Handle: "g\r\n", Template: &record.Template{Body: "{\n]]\n>}"}})
	got := atom.AppendDescription(nil, r, atom.Read)
	if bytes.ContainsAny(got, "\r\n") || !bytes.Contains(got, []byte("<GcmRegistrationId>g  </GcmRegistrationId><BodyTemplate><![CDATA[{]]>&#xA;<![CDATA[]]]]>&#xA;<![CDATA[>}]]>")) {
		t.Errorf("%s", got)
	}
	back, err := atom.DecodeDescription(got)
	if err == nil {
		t.Fatalf("a body that is not JSON was taken: %+v", back)
	}
	r.Template.Body, r.Handle = "{\n\"a\":\n1}", "g"
	back, err = atom.DecodeDescription(atom.AppendDescription(nil, r, atom.Read))
	if err != nil || back.Template.Body != r.Template.Body || back.ID != r.ID {
		t.Errorf("%+v, %v", back, err)
	}
}

func TestAnUnknownPlatformAddsNothing(t *testing.T) {
	r := registration(record.Registration{Platform: "nokiax", Handle: "n"})
	equal(t, atom.AppendEntry([]byte("x"), r, links, atom.Reply), "x")
	equal(t, atom.AppendDescription([]byte("x"), r, atom.Reply), "x")
}
