package atom_test

import (
	"errors"
	"net/url"
	"reflect"
	"testing"

	"securepush/backend/hub/atom"
	"securepush/backend/hub/record"
)

func TestFiltersOfAllClientsAreUnderstood(t *testing.T) {
	for name, tt := range map[string]struct {
		sent string // as in the request
		want record.Query
	}{
		"js, browser": {
			"Endpoint+eq+%27https%253A%252F%252Fpush.example%252Fabc%253Fx%253D1%2526y%253D2%27+and+P256DH+eq+%27BPUB%27+and+Auth+eq+%27AUTH%27",
			record.Query{Handles: []string{"https%3A%2F%2Fpush.example%2Fabc%3Fx%3D1%26y%3D2", "https://push.example/abc?x=1&y=2"}, P256DH: "BPUB", Auth: "AUTH"},
		},
		"js, windows": {
			"ChannelUri+eq+%27https%253A%252F%252Fdb5.notify.windows.com%252F%253Ftoken%253Dx%27",
			record.Query{Handles: []string{"https%3A%2F%2Fdb5.notify.windows.com%2F%3Ftoken%3Dx", "https://db5.notify.windows.com/?token=x"}},
		},
		"js, an endpoint with a quote": {
			"Endpoint+eq+%27https%253A%252F%252Fpush%252Fa%27b%27+and+P256DH+eq+%27B%27+and+Auth+eq+%27A%27",
			record.Query{Handles: []string{"https%3A%2F%2Fpush%2Fa'b", "https://push/a'b"}, P256DH: "B", Auth: "A"},
		},
		"js, apple": {"DeviceToken+eq+%27ABCD%27", record.Query{Handles: []string{"ABCD"}}},
		"js, fcm":   {"FcmV1RegistrationId+eq+%27f1%27", record.Query{Handles: []string{"f1"}}},
		"js, gcm":   {"GcmRegistrationId+eq+%27g1%27", record.Query{Handles: []string{"g1"}}},
		"js, adm":   {"AdmRegistrationId+eq+%27a1%27", record.Query{Handles: []string{"a1"}}},
		"js, baidu, a quote missing": {
			"BaiduChannelId+eq+X%27+and+BaiduUserId+eq+%27Y%27",
			record.Query{Handles: []string{"X"}, BaiduUserID: "Y"},
		},
		"xiaomi": {"XiaomiRegistrationId eq 'x'", record.Query{Handles: []string{"x"}}},
		".NET, an apple token": {
			"ChannelUri+eq+%2762bcd3%27",
			record.Query{Handles: []string{"62bcd3", "62BCD3"}},
		},
		"Java, an endpoint":          {"ChannelUri%20eq%20%27https%3A%2F%2Fh%2F%27", record.Query{Handles: []string{"https://h/"}}},
		"azure-sb, a windows URL":    {"ChannelUri eq 'https://db5.notify.windows.com/?token%3Dx'", record.Query{Handles: []string{"https://db5.notify.windows.com/?token=x"}}},
		"a token in small letters":   {"DeviceToken eq 'abcd'", record.Query{Handles: []string{"ABCD"}}},
		"other case, other order":    {" baiduuserid  EQ  'u'  AND  baiduchannelid eq 'c' ", record.Query{Handles: []string{"c"}, BaiduUserID: "u"}},
		"a doubled quote":            {"ChannelUri eq 'a'' b'", record.Query{Handles: []string{"a' b"}}},
		"a quote at the end":         {"ChannelUri eq 'a'''", record.Query{Handles: []string{"a'"}}},
		"a handle with and in it":    {"ChannelUri eq 'a and b eq'", record.Query{Handles: []string{"a and b eq"}}},
		"a per cent that is none":    {"ChannelUri eq 'a%25zz'", record.Query{Handles: []string{"a%zz"}}},
		"what is not UTF-8 unquoted": {"ChannelUri eq 'a%25ff'", record.Query{Handles: []string{"a%ff"}}},
	} {
		t.Run(name, func(t *testing.T) {
			filter, err := url.QueryUnescape(tt.sent)
			if err != nil {
				t.Fatal(err)
			}
			got, err := atom.ParseFilter(filter)
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestBadFiltersAreRefused(t *testing.T) {
	for _, filter := range []string{
		"", " ", "ChannelUri", "ChannelUri eq", "ChannelUri eq ", "ChannelUri eq a", "ChannelUri eq 'a", "ChannelUri eq 'a''", "ChannelUri eq ''", "ChannelUri eq a'",
		"ChannelUri ne 'a'", "ChannelUri = 'a'", "eq 'a'", "Tag eq 'a'", "'ChannelUri' eq 'a'", "ChannelUri eq 'a' and", "ChannelUri eq 'a' and ",
		"ChannelUri eq 'a' or Endpoint eq 'b'", "ChannelUri eq 'a' and Endpoint eq 'b'", "ChannelUri eq 'a' and ChannelUri eq 'a'",
		"ChannelUri eq 'a' and Auth eq 'b' and Auth eq 'b'", "ChannelUri eq 'a' x", "Auth eq 'a'", "P256DH eq 'p' and Auth eq 'a'",
		"BaiduUserId eq 'u'", "BaiduUserId eq u'", "BaiduChannelId eq X", "BaiduChannelId eq '", "Endpoint eq 'e' and Auth eq ''",
		"ChannelUri eq 'a\x00'", "ChannelUri eq 'a\xff'", "(ChannelUri eq 'a')",
	} {
		q, err := atom.ParseFilter(filter)
		var refused *atom.Error
		if !errors.As(err, &refused) || !reflect.DeepEqual(q, record.Query{}) {
			t.Errorf("%q: %+v, %v", filter, q, err)
		}
	}
}
