package hub

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"securepush/api"
)

func TestADeviceThatCannotBeSentToIsRefused(t *testing.T) {
	own := mustURL(t, "http://127.0.0.1:8700")
	r := newRig(t, newService(nil), func(o *Options) { o.Trusted = []*url.URL{own} })
	good, keys := device(t, "dev", endpointOf("dev"))
	for name, c := range map[string]struct {
		change func(*api.Installation)
		field  string // "" when it is taken
	}{
		"a good one":                    {func(*api.Installation) {}, ""},
		"platform in capitals":          {func(in *api.Installation) { in.Platform = "Browser" }, ""},
		"padded keys":                   {func(in *api.Installation) { in.PushChannel.P256DH += "="; in.PushChannel.Auth += "==" }, ""},
		"endpoint of 1000 bytes":        {func(in *api.Installation) { in.PushChannel.Endpoint = long(1000) }, ""},
		"the server's own push service": {func(in *api.Installation) { in.PushChannel.Endpoint = "http://127.0.0.1:8700/wpush/v2/x" }, ""},
		"another platform":              {func(in *api.Installation) { in.Platform = "apns" }, "platform"},
		"no platform":                   {func(in *api.Installation) { in.Platform = "" }, "platform"},
		"nobody's":                      {func(in *api.Installation) { in.UserID = "" }, "userId"},
		"no endpoint":                   {func(in *api.Installation) { in.PushChannel.Endpoint = "" }, "pushChannel.endpoint"},
		"endpoint of 1001 bytes":        {func(in *api.Installation) { in.PushChannel.Endpoint = long(1001) }, "pushChannel.endpoint"},
		"endpoint that is no URL":       {func(in *api.Installation) { in.PushChannel.Endpoint = "https://[" }, "pushChannel.endpoint"},
		"plain http":                    {func(in *api.Installation) { in.PushChannel.Endpoint = "http://push.example/x" }, "pushChannel.endpoint"},
		"another port of this machine":  {func(in *api.Installation) { in.PushChannel.Endpoint = "http://127.0.0.1:8701/x" }, "pushChannel.endpoint"},
		"https to loopback":             {func(in *api.Installation) { in.PushChannel.Endpoint = "https://127.0.0.1/x" }, "pushChannel.endpoint"},
		"https to localhost":            {func(in *api.Installation) { in.PushChannel.Endpoint = "https://LocalHost./x" }, "pushChannel.endpoint"},
		"the metadata service":          {func(in *api.Installation) { in.PushChannel.Endpoint = "https://169.254.169.254/x" }, "pushChannel.endpoint"},
		"an IPv4 address as IPv6":       {func(in *api.Installation) { in.PushChannel.Endpoint = "https://[::ffff:8.8.8.8]/x" }, "pushChannel.endpoint"},
		"a user and a password":         {func(in *api.Installation) { in.PushChannel.Endpoint = "https://a:b@push.example/x" }, "pushChannel.endpoint"},
		"a file":                        {func(in *api.Installation) { in.PushChannel.Endpoint = "file:///etc/passwd" }, "pushChannel.endpoint"},
		"no key":                        {func(in *api.Installation) { in.PushChannel.P256DH = "" }, "pushChannel.p256dh"},
		"key that is no point":          {func(in *api.Installation) { in.PushChannel.P256DH = "B" + strings.Repeat("A", 86) }, "pushChannel.p256dh"},
		"key cut short":                 {func(in *api.Installation) { in.PushChannel.P256DH = keys.P256DH()[:80] }, "pushChannel.p256dh"},
		"no secret":                     {func(in *api.Installation) { in.PushChannel.Auth = "" }, "pushChannel.auth"},
		"secret of 15 bytes":            {func(in *api.Installation) { in.PushChannel.Auth = strings.Repeat("A", 20) }, "pushChannel.auth"},
		"secret of 17 bytes":            {func(in *api.Installation) { in.PushChannel.Auth = strings.Repeat("A", 23) }, "pushChannel.auth"},
		"secret that is not base64":     {func(in *api.Installation) { in.PushChannel.Auth = "!!!!!!!!!!!!!!!!!!!!!!" }, "pushChannel.auth"},
		"another person's tag":          {func(in *api.Installation) { in.Tags = []string{"username:bert"} }, "tags"},
		"another's tag in capitals":     {func(in *api.Installation) { in.Tags = []string{"UserName:bert"} }, "tags"},
		"a tag with a space":            {func(in *api.Installation) { in.Tags = []string{"a b"} }, "tags"},
		"an empty tag":                  {func(in *api.Installation) { in.Tags = []string{""} }, "tags"},
		"a system tag":                  {func(in *api.Installation) { in.Tags = []string{"$UserId:{bert}"} }, "tags"},
		"a tag of 121 characters":       {func(in *api.Installation) { in.Tags = []string{strings.Repeat("ä", 121)} }, "tags"},
		"a tag of 120 characters":       {func(in *api.Installation) { in.Tags = []string{strings.Repeat("ä", 120)} }, ""},
		"60 tags beside its own":        {func(in *api.Installation) { in.Tags = numbered(60) }, "tags"},
		"59 tags beside its own":        {func(in *api.Installation) { in.Tags = numbered(59) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := good
			c.change(&in)
			err := r.hub.Put(t.Context(), "account", in)
			if c.field == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			p, ok := errors.AsType[*api.Problem](err)
			if !ok || p.Code != api.CodeInvalidField || p.Field != c.field || p.Detail == "" {
				t.Errorf("got %+v, want field %s", err, c.field)
			}
		})
	}
}

func long(n int) string {
	const start = "https://push.example/"
	return start + strings.Repeat("x", n-len(start))
}

func numbered(n int) []string {
	tags := make([]string, n)
	for i := range tags {
		tags[i] = "t" + strings.Repeat("x", i)
	}
	return tags
}

func TestTheUsersTagFollowsFromTheUserAlone(t *testing.T) {
	r := newRig(t, newService(nil), nil)
	in, _ := device(t, "dev", endpointOf("dev"))
	in.Tags = []string{"ward:7", "username:ANNA", "Ward:7", "username:anna", "x"}
	if err := r.hub.Put(t.Context(), "account", in); err != nil {
		t.Fatal(err)
	}
	if got := r.store.devices["dev"].Tags; !slices.Equal(got, []string{"ward:7", "x", "username:anna"}) {
		t.Errorf("tags %v", got)
	}
	in.UserID, in.Tags = "bert", nil
	if err := r.hub.Put(t.Context(), "account", in); err != nil {
		t.Fatal(err)
	}
	if got := r.store.devices["dev"].Tags; !slices.Equal(got, []string{"username:bert"}) {
		t.Errorf("tags %v", got)
	}
}

func TestAddressesThatAreNotOnTheInternetAreNeverDialled(t *testing.T) {
	for _, c := range []struct {
		resolves []string
		dialled  string // "" when it must not be
	}{
		{[]string{"93.184.216.34"}, "93.184.216.34:443"},
		{[]string{"2606:2800:220:1:248:1893:25c8:1946"}, "[2606:2800:220:1:248:1893:25c8:1946]:443"},
		{[]string{"::ffff:93.184.216.34"}, "93.184.216.34:443"}, // the form in which resolvers give IPv4
		{nil, ""},
		{[]string{"127.0.0.1"}, ""},
		{[]string{"127.255.255.254"}, ""},
		{[]string{"0.0.0.0"}, ""},
		{[]string{"0.1.2.3"}, ""},
		{[]string{"10.1.2.3"}, ""},
		{[]string{"172.16.0.1"}, ""},
		{[]string{"172.31.255.255"}, ""},
		{[]string{"192.168.1.1"}, ""},
		{[]string{"169.254.169.254"}, ""},
		{[]string{"100.100.100.200"}, ""},
		{[]string{"198.18.0.1"}, ""},
		{[]string{"224.0.0.1"}, ""},
		{[]string{"255.255.255.255"}, ""},
		{[]string{"::"}, ""},
		{[]string{"::1"}, ""},
		{[]string{"::127.0.0.1"}, ""},
		{[]string{"::ffff:127.0.0.1"}, ""},
		{[]string{"::ffff:169.254.169.254"}, ""},
		{[]string{"64:ff9b::7f00:1"}, ""},
		{[]string{"2002:7f00:1::"}, ""},
		{[]string{"2001:0:1::"}, ""},
		{[]string{"fd00:ec2::254"}, ""},
		{[]string{"fe80::1%eth0"}, ""},
		{[]string{"ff02::1"}, ""},
		{[]string{"93.184.216.34", "127.0.0.1"}, ""},
	} {
		var dialled []string
		g := &guard{
			lookup: func(context.Context, string, string) ([]netip.Addr, error) {
				var out []netip.Addr
				for _, s := range c.resolves {
					out = append(out, netip.MustParseAddr(s))
				}
				return out, nil
			},
			dial: func(_ context.Context, _, addr string) (net.Conn, error) {
				dialled = append(dialled, addr)
				return nil, errors.New("no network here")
			},
		}
		_, err := g.DialContext(t.Context(), "tcp", "push.example:443")
		if c.dialled == "" && (len(dialled) > 0 || !errors.Is(err, errForbidden)) {
			t.Errorf("%v: dialled %v, %v", c.resolves, dialled, err)
		}
		if c.dialled != "" && !slices.Equal(dialled, []string{c.dialled}) {
			t.Errorf("%v: dialled %v", c.resolves, dialled)
		}
	}
}

func TestTheTransportReachesATrustedOriginAndNothingElseOnThisMachine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	get := func(transport *http.Transport, address string) error {
		defer transport.CloseIdleConnections()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := transport.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	if err := get(NewTransport(mustURL(t, server.URL)), server.URL); err != nil {
		t.Errorf("trusted: %v", err)
	}
	byName := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	for _, address := range []string{server.URL, byName} {
		if err := get(NewTransport(mustURL(t, "http://127.0.0.1:1")), address); !errors.Is(err, errForbidden) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAPushToAForbiddenAddressIsGivenUp(t *testing.T) {
	r := newRig(t, NewTransport(), nil)
	in, _ := device(t, "dev", "https://127.0.0.1/x")
	in.Tags = []string{"username:anna"}
	_ = r.store.PutInstallation(t.Context(), "account", in) // as if its name had resolved to something else before
	r.send(t, api.NewID(), SendOptions{})
	_, target, p, _ := r.hub.queue.take()
	if o := r.hub.deliver(t.Context(), target, p); o.retry || o.result != resultRefused {
		t.Errorf("%+v", o)
	}
}

func FuzzEndpointRule(f *testing.F) {
	for _, s := range []string{
		endpointOf("x"), "http://push.example", "https://127.0.0.1", "https://[::1]:443/", "https://localhost", "https://a@b", "//x", "https://0x7f.1", "https://[fe80::1%25eth0]/",
		"HTTPS://PUSH.example:443/", "https://8.8.8.8/",
	} {
		f.Add(s)
	}
	allow := endpointRule(nil)
	f.Fuzz(func(t *testing.T, s string) {
		u, err := url.Parse(s)
		if err != nil || allow(u) != nil {
			return
		}
		if u.Scheme != "https" || u.User != nil || u.Hostname() == "" {
			t.Errorf("%q is allowed", s)
		}
		if a, err := netip.ParseAddr(u.Hostname()); err == nil && (a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified() || a.Is4In6()) {
			t.Errorf("%q is allowed", s)
		}
	})
}

func TestAPersonsTagIsKnownInEveryCase(t *testing.T) {
	for _, tag := range []string{"u\u017fername:bert", "U\u017fERNAME:bert", "username:bert", "uSername:"} {
		if _, err := checkTags([]string{tag}, "anna"); err == nil {
			t.Errorf("%q is taken", tag)
		}
	}
	own, err := checkTags([]string{"u\u017fername:ANNA", "userna:me"}, "anna")
	if err != nil || !slices.Equal(own, []string{"userna:me", "username:anna"}) {
		t.Errorf("%q, %v", own, err)
	}
}
