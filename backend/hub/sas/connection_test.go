package sas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"securepush/api"
)

const (
	connectionKey  = "3tZbVpSCeK2eQ0Vm8mkkz1h1TpCwkT/5v+s5CGWeK9w="
	connectionText = "Endpoint=sb://hub.example.org/;SharedAccessKeyName=DefaultFull;SharedAccessKey=" + connectionKey
)

func TestConnectionStringsAreReadInEveryOrder(t *testing.T) {
	const e, n, k = "Endpoint=sb://Hub.Example.org:8700/", "SharedAccessKeyName=a=b", "SharedAccessKey=" + connectionKey
	for name, text := range map[string]string{
		"as the portal shows it":       e + ";" + n + ";" + k,
		"in another order":             k + ";" + n + ";" + e,
		"with a semicolon at the end":  e + ";" + n + ";" + k + ";",
		"with space around":            "  " + e + "; " + n + " ;" + k + ";\n",
		"with names in another case":   "endpoint" + e[8:] + ";sharedaccesskeyname" + n[19:] + ";SHAREDACCESSKEY" + k[15:],
		"with the scheme in capitals":  strings.Replace(e, "sb:", "SB:", 1) + ";" + n + ";" + k,
		"without the endpoint's slash": strings.TrimSuffix(e, "/") + ";" + n + ";" + k,
	} {
		t.Run(name, func(t *testing.T) {
			c, err := ParseConnectionString(api.NewSecret(text))
			if err != nil {
				t.Fatal(err)
			}
			if c.Endpoint.String() != "https://hub.example.org:8700/" || c.Rule != "a=b" || c.Key.Reveal() != connectionKey {
				t.Errorf("%v, %q", c, c.Key.Reveal())
			}
			if want := strings.ToLower(e[:14]) + "hub.example.org:8700/;" + n + ";" + k; c.Reveal() != "E"+want[1:] {
				t.Errorf("%s\nis not\n%s", c.Reveal(), want)
			}
		})
	}
}

func TestBadConnectionStringsAreRefusedWithoutRepeatingThem(t *testing.T) {
	const rest = ";SharedAccessKeyName=n;SharedAccessKey=" + connectionKey
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "a part is none of"},
		{"a key alone", connectionKey, "a part is none of"},
		{"a part too many", connectionText + ";EntityPath=hub", "a part is none of"},
		{"an empty part", connectionText + ";;", "a part is none of"},
		{"a part twice", connectionText + ";SharedAccessKey=x", "SharedAccessKey is there twice"},
		{"no endpoint", rest[1:], "Endpoint is not of the form"},
		{"an endpoint over https", "Endpoint=https://h/" + rest, "Endpoint is not of the form"},
		{"an endpoint over http", "Endpoint=http://h/" + rest, "Endpoint is not of the form"},
		{"an endpoint without a scheme", "Endpoint=h/" + rest, "Endpoint is not of the form"},
		{"an endpoint without a host", "Endpoint=sb:///" + rest, "Endpoint is not of the form"},
		{"an endpoint with a port alone", "Endpoint=sb://:1/" + rest, "Endpoint is not of the form"},
		{"an endpoint with a path", "Endpoint=sb://h/hub" + rest, "Endpoint is not of the form"},
		{"an endpoint with a query", "Endpoint=sb://h/?a" + rest, "Endpoint is not of the form"},
		{"an endpoint with a user", "Endpoint=sb://u@h/" + rest, "Endpoint is not of the form"},
		{"an endpoint with a fragment", "Endpoint=sb://h/#a" + rest, "Endpoint is not of the form"},
		{"a port beyond 65535", "Endpoint=sb://h:65536/" + rest, "Endpoint is not of the form"},
		{"port 0", "Endpoint=sb://h:0/" + rest, "Endpoint is not of the form"},
		{"a colon without a port", "Endpoint=sb://h:/" + rest, "Endpoint is not of the form"},
		{"colons alone", "Endpoint=sb://::/" + rest, "Endpoint is not of the form"},
		{"an IPv6 host without brackets", "Endpoint=sb://fe80::1/" + rest, "Endpoint is not of the form"},
		{"the key as endpoint", "Endpoint=sb://h:" + connectionKey + rest, "Endpoint is not of the form"},
		{"no name", "Endpoint=sb://h/;SharedAccessKey=" + connectionKey, "SharedAccessKeyName is not 1 to 256"},
		{"a name too long", "Endpoint=sb://h/;SharedAccessKeyName=" + strings.Repeat("n", 257) + ";SharedAccessKey=" + connectionKey, "SharedAccessKeyName is not 1 to 256"},
		{"no key", "Endpoint=sb://h/;SharedAccessKeyName=n", "SharedAccessKey is not 1 to 256"},
		{"an empty key", "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=", "SharedAccessKey is not 1 to 256"},
		{"a key too long", "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=" + strings.Repeat("k", 257), "SharedAccessKey is not 1 to 256"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseConnectionString(api.NewSecret(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) || got != (ConnectionString{}) {
				t.Fatalf("%v, %v", got, err)
			}
			if strings.Contains(err.Error(), connectionKey[:10]) {
				t.Errorf("the key stands in %v", err)
			}
		})
	}
}

func TestAConnectionStringIsPrintedWithoutItsKey(t *testing.T) {
	c, err := ParseConnectionString(api.NewSecret(connectionText))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(connectionText, connectionKey, "[secret]", 1); c.String() != want || fmt.Sprint(c, &c) != want+" "+want {
		t.Errorf("%s", c)
	}
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&b, verb+verb, c, &c)
	}
	slog.New(slog.NewJSONHandler(&b, nil)).Info("", "hub", c)
	slog.New(slog.NewTextHandler(&b, nil)).Info("", "hub", &c)
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(encoded)
	for _, key := range []string{connectionKey[:10], fmt.Sprintf("%x", connectionKey[:10])} {
		if strings.Contains(b.String(), key) {
			t.Errorf("the key stands in %s", b.String())
		}
	}
	made := ConnectionString{Endpoint: &url.URL{Scheme: "https", Host: "hub.example.org"}, Rule: "DefaultFull", Key: api.NewSecret(connectionKey)}
	if made.Reveal() != connectionText {
		t.Errorf("an endpoint without its slash is %q", made.Reveal())
	}
	if (ConnectionString{}).String() != "Endpoint=;SharedAccessKeyName=;SharedAccessKey=[secret]" {
		t.Errorf("%s", ConnectionString{})
	}
}
