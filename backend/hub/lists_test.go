package hub

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestListsShowWhoKnowsAHandleWhatIsRegisteredForIt(t *testing.T) {
	b := newBench(t)
	put := func(id, body string) {
		b.do(request{method: "PUT", path: "/registrations/" + id, body: body}).want(t, 200)
	}
	const endpoint = "https://push.example/abc?x=1&y=2"
	put("browser", browser("a", strings.ReplaceAll(endpoint, "&", "&amp;")))
	put("browser2", browser("b", strings.ReplaceAll(endpoint, "&", "&amp;")))
	put("other", browser("a", "https://push.example/other"))
	put("windows", entry("WindowsRegistrationDescription", "<ChannelUri>https://db5.notify.windows.com/?token=x</ChannelUri>"))
	put("apple", apple("a", "abcd"))
	put("gcm", entry("GcmRegistrationDescription", "<GcmRegistrationId>g1</GcmRegistrationId>"))
	put("fcm", entry("FcmV1RegistrationDescription", "<FcmV1RegistrationId>f1</FcmV1RegistrationId>"))
	put("baidu", entry("BaiduRegistrationDescription", "<BaiduUserId>u</BaiduUserId><BaiduChannelId>c</BaiduChannelId>"))
	twice := url.QueryEscape(url.QueryEscape(endpoint))
	for _, c := range []struct {
		name, filter string // as it stands on the wire
		want         []string
	}{
		{"js: a browser", "Endpoint+eq+%27" + twice + "%27+and+P256DH+eq+%27BPUB%27+and+Auth+eq+%27AUTH%27", []string{"browser", "browser2"}},
		{"js: a browser with another key", "Endpoint+eq+%27" + twice + "%27+and+P256DH+eq+%27OTHER%27+and+Auth+eq+%27AUTH%27", nil},
		{"js: Windows, encoded twice", "ChannelUri+eq+%27https%253A%252F%252Fdb5.notify.windows.com%252F%253Ftoken%253Dx%27", []string{"windows"}},
		{".NET: Windows, encoded once", "ChannelUri+eq+%27https%3A%2F%2Fdb5.notify.windows.com%2F%3Ftoken%3Dx%27", []string{"windows"}},
		{".NET: an Apple token as a channel", "ChannelUri+eq+%27ABCD%27", []string{"apple"}},
		{".NET: a browser's endpoint as a channel", "ChannelUri%20eq%20'" + url.QueryEscape(endpoint) + "'", []string{"browser", "browser2"}},
		{"js: an Apple token", "DeviceToken+eq+%27ABCD%27", []string{"apple"}},
		{"an Apple token in small letters", "DeviceToken+eq+%27abcd%27", []string{"apple"}},
		{"js: GCM", "GcmRegistrationId+eq+%27g1%27", []string{"gcm"}},
		{"js: FCM", "FcmV1RegistrationId+eq+%27f1%27", []string{"fcm"}},
		{"js: Baidu, without a quote", "BaiduChannelId+eq+c%27+and+BaiduUserId+eq+%27u%27", []string{"baidu"}},
		{"nobody", "GcmRegistrationId+eq+%27nobody%27", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{"%24filter", "$filter", "$FILTER"} {
				r := b.do(request{method: "GET", path: "/registrations?api-version=2020-06&" + name + "=" + c.filter + "&$top=100", rule: b.listen}).want(t, 200)
				if got := ids(r.body); !slices.Equal(got, c.want) {
					t.Errorf("%s: %q, want %q", name, got, c.want)
				}
				if ct := r.Header.Get("Content-Type"); ct != "application/atom+xml; type=feed; charset=utf-8" {
					t.Error(ct)
				}
			}
		})
	}
	for _, filter := range []string{
		"", "x", "P256DH+eq+%27BPUB%27", "P256DH+eq+%27BPUB%27+and+Auth+eq+%27AUTH%27", "BaiduUserId+eq+%27u%27", "Endpoint+eq+%27%27",
		"Tags+eq+%27a%27", "Endpoint+ne+%27x%27", "Endpoint+eq+%27x%27+or+1+eq+1", "Endpoint+eq+%27x%27+and", "true", "Endpoint+eq+x",
	} {
		b.do(request{method: "GET", path: "/registrations?$filter=" + filter, rule: b.listen}).want(t, 400)
	}
}

func TestListsComeInPagesWithoutAGap(t *testing.T) {
	b := newBench(t)
	var all, news []string
	for i := range 230 {
		id, tag, handle := fmt.Sprintf("r%03d", i), "other", "CD"
		if i%2 == 0 {
			tag, handle = "News", "AB"
			news = append(news, id)
		}
		all = append(all, id)
		b.do(request{method: "PUT", path: "/registrations/" + id, body: apple(tag, handle)}).want(t, 200)
	}
	for _, c := range []struct {
		name, path string
		page       int
		want       []string
	}{
		{"all, without a size", "/registrations?api-version=2020-06", 100, all},
		{"all, 2 at a time as js writes it", "/registrations?api-version=2020-06&%24top=2", 2, all},
		{"all, 100 at a time as .NET writes it", "/registrations?api-version=2017-04&$top=100", 100, all},
		{"more than a page may have", "/registrations?$top=100000", 100, all},
		{"just as many as there are", "/registrations?$top=115", 100, all},
		{"by tag", "/tags/news/registrations?%24top=10&api-version=2016-07", 10, news},
		{"by tag, all but the first five", "/tags/NEWS/registrations?%24top=10&%24skip=5", 10, news[5:]},
		{"by handle", "/registrations?%24filter=DeviceToken+eq+%27AB%27&%24top=70", 70, news},
		{"a tag that nobody has", "/tags/nobody/registrations", 100, nil},
		{"behind the last", "/registrations?$skip=1000", 100, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			following := map[string]func(token, next string) string{
				".NET and Java": func(token, _ string) string { return "/hub1" + c.path + "&continuationtoken=" + token },
				"js":            func(token, _ string) string { return "/hub1" + c.path + "&ContinuationToken=" + url.QueryEscape(token) },
				"the link":      func(_, next string) string { return strings.TrimPrefix(next, b.server.URL) },
			}
			for who, follow := range following {
				var got []string
				for path, pages := "/hub1"+c.path, 0; path != ""; pages++ {
					r := b.raw(request{method: "GET"}, path).want(t, 200)
					found := ids(r.body)
					got = append(got, found...)
					token, next := r.Header.Get("x-ms-continuationtoken"), linkNext(r.body)
					_, there := r.Header["X-Ms-Continuationtoken"] // an empty one makes js go on
					if there != (next != "") || there != (token != "") || len(found) > c.page || there && len(found) < c.page || pages > len(c.want) {
						t.Fatalf("%s: page %d has %d, token %q, next %q", who, pages, len(found), token, next)
					}
					path = ""
					if there {
						path = follow(token, next)
					}
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("%s: %d: %q\nwant %d: %q", who, len(got), got, len(c.want), c.want)
				}
			}
		})
	}
	for _, query := range []string{"$top=0", "$top=-1", "$top=x", "$top=", "$skip=-1", "$skip=x", "continuationtoken=%25%25", "$top=99999999999999999999", "continuationtoken=" + strings.Repeat("QQ", 400)} {
		b.do(request{method: "GET", path: "/registrations?" + query}).want(t, 400)
	}
}

// linkNext is the address of the next page in a feed.
func linkNext(feed string) string {
	m := regexp.MustCompile(`<link rel="next" href="([^"]*)"/>`).FindStringSubmatch(feed)
	if m == nil {
		return ""
	}
	return strings.ReplaceAll(m[1], "&amp;", "&")
}

func TestAFeedLooksAsRecorded(t *testing.T) {
	b := newBench(t)
	for _, id := range []string{"1", "2", "3"} {
		b.do(request{method: "PUT", path: "/registrations/" + id, body: apple("a", "AB")}).want(t, 200)
	}
	r := b.do(request{method: "GET", path: "/registrations?api-version=2017-04&$top=2"}).want(t, 200)
	self := b.server.URL + "/hub1/registrations?api-version=2017-04&amp;$top=2"
	if !strings.HasPrefix(r.body, `<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Registrations</title><id>`+self+`</id><updated>`) ||
		!strings.Contains(r.body, `<link rel="self" href="`+self+`"/><link rel="next" href="`) ||
		strings.Count(r.body, `<entry a:etag="W/&quot;1&quot;" xmlns:a="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">`) != 2 {
		t.Error(r.body)
	}
}
