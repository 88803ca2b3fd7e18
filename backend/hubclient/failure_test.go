package hubclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var kinds = []error{ErrNotFound, ErrRefused, ErrThrottled, ErrUnavailable, ErrUnclear}

func kindsOf(err error) (is []error) {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			is = append(is, kind)
		}
	}
	return is
}

func TestEveryAnswerOfTheReferenceIsUnderstood(t *testing.T) {
	document := func(code int, detail string) string {
		return fmt.Sprintf("<Error><Code>%d</Code><Detail>%s</Detail></Error>", code, detail)
	}
	for _, c := range []struct {
		name   string
		reply  reply
		kinds  []error
		detail string
		words  string
	}{
		{"a bad signature", reply{status: 401, body: document(401, "InvalidSignature: The token has an invalid signature..TrackingId:7f195ef5_G19,TimeStamp:7/2/2020 6:33:21 PM")}, []error{ErrRefused}, "InvalidSignature: The token has an invalid signature..TrackingId:7f195ef5_G19,TimeStamp:7/2/2020 6:33:21 PM", "compare its rule and key"},
		{"a claim that is missing", reply{status: 401, body: document(401, "Manage claim is required for this operation..TrackingId:x")}, []error{ErrRefused}, "Manage claim is required for this operation..TrackingId:x", "connection string"},
		{"a Listen key that sends", reply{status: 403}, []error{ErrRefused}, "", "rights Listen and Send"},
		{"no such registration", reply{status: 404, body: document(404, ".TrackingId:33e8_G8,TimeStamp:8/14/2019 4:58:19 AM")}, []error{ErrNotFound}, ".TrackingId:33e8_G8,TimeStamp:8/14/2019 4:58:19 AM", ""},
		{"no such hub", reply{status: 404, body: document(404, "No service is hosted at the specified address.")}, []error{ErrNotFound}, "No service is hosted at the specified address.", ""},
		{"a bad request", reply{status: 400, body: document(400, "bad &lt;tag&gt;")}, nil, "bad <tag>", "bad request"},
		{"gone", reply{status: 410, body: document(410, "gone.TrackingId:x")}, nil, "gone.TrackingId:x", "gone"},
		{"too large", reply{status: 413}, nil, "", "too large"},
		{"a redirect", reply{status: 307, header: map[string]string{"Location": "https://127.0.0.1:1/"}}, nil, "", "leads elsewhere"},
		{"a method that it lacks", reply{status: 501}, nil, "", "not implemented"},
		{"a version that it lacks", reply{status: 505}, nil, "", "not supported"},
		{"a proxy's page", reply{status: 400, header: map[string]string{"Content-Type": "text/html"}, body: "<html><body>no<br></html>"}, nil, "", "bad request"},
		{"an endless page", reply{status: 400, body: "<Error><Detail>" + strings.Repeat("x", 2*maxAnswer)}, nil, "", "bad request"},
		{"many words", reply{status: 400, body: document(400, " a\r\n\t&#x9;b "+strings.Repeat("ä", 2*maxDetail))}, nil, "a b " + strings.Repeat("ä", maxDetail-4) + "…", ""},
	} {
		for _, op := range operations {
			t.Run(c.name+"/"+op.name, func(t *testing.T) {
				h, client := serve(t, c.reply)
				err := op.do(t.Context(), client)
				if op.name == opDelete && c.reply.status == 404 {
					if err != nil {
						t.Error(err)
					}
					return
				}
				var e *Error
				if !errors.As(err, &e) || e.Op != op.name || e.Status != c.reply.status || e.Detail != c.detail || !slices.Equal(kindsOf(err), c.kinds) {
					t.Errorf("%#v", err)
				}
				if !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), c.detail) {
					t.Errorf("%v, want %q", err, c.words)
				}
				if n := len(h.requests()); n != 1 {
					t.Errorf("%d requests", n)
				}
			})
		}
	}
}

func TestWhatIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		name         string
		step         step
		repeat, send int // requests in all
		is           []error
		sendIs       []error
	}{
		{"429", answers(429, ""), 4, 4, []error{ErrThrottled}, nil},
		{"403 that says when", answers(403, "1"), 4, 4, []error{ErrThrottled}, nil},
		{"403", answers(403, ""), 1, 1, []error{ErrRefused}, nil},
		{"408", answers(408, ""), 4, 4, []error{ErrUnavailable}, nil},
		{"500", answers(500, ""), 4, 4, []error{ErrUnavailable}, nil},
		{"501", answers(501, "1"), 1, 1, nil, nil},
		{"502", answers(502, ""), 4, 4, []error{ErrUnavailable}, nil},
		{"503", answers(503, "1"), 4, 4, []error{ErrUnavailable}, nil},
		{"504", answers(504, ""), 4, 4, []error{ErrUnavailable}, nil},
		{"505", answers(505, ""), 1, 1, nil, nil},
		{"400", answers(400, ""), 1, 1, nil, nil},
		{"401", answers(401, ""), 1, 1, []error{ErrRefused}, nil},
		{"409", answers(409, ""), 1, 1, nil, nil},
		{"a connection that does not come about", breaks(false), 4, 4, []error{ErrUnavailable}, nil},
		{"a name that does not resolve", func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: errBroken}
		}, 4, 4, []error{ErrUnavailable}, nil},
		{"a connection that breaks", breaks(true), 4, 1, []error{ErrUnavailable}, []error{ErrUnclear}},
		{"a transport that does not tell", silent, 4, 1, []error{ErrUnavailable}, []error{ErrUnclear}},
		{"a hub that hangs", hangs, 4, 1, []error{ErrUnavailable}, []error{ErrUnclear}},
	} {
		for _, op := range operations {
			t.Run(c.name+"/"+op.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m, client := inMemory(t, &buffer{}, c.step)
					err := op.do(t.Context(), client)
					want, is := c.repeat, c.is
					if !op.repeat {
						want = c.send
						if c.sendIs != nil {
							is = c.sendIs
						}
					}
					if len(m.got) != want || !slices.Equal(kindsOf(err), is) {
						t.Fatalf("%d requests, %v; want %d, %v", len(m.got), err, want, is)
					}
					for _, r := range m.got {
						if id := r.header.Get("x-ms-client-request-id"); id == "" || id != m.got[0].header.Get("x-ms-client-request-id") || r.body != m.got[0].body {
							t.Errorf("the attempts differ: %+v", r)
						}
					}
				})
			})
		}
	}
}

func TestWaitingBetweenAttempts(t *testing.T) {
	for _, c := range []struct {
		name        string
		after       func() string
		least, most []time.Duration
	}{
		{"doubles", func() string { return "" }, []time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second}, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}},
		{"is what the hub says, in seconds", func() string { return "7" }, []time.Duration{7 * time.Second, 7 * time.Second, 7 * time.Second}, []time.Duration{7700 * time.Millisecond, 7700 * time.Millisecond, 7700 * time.Millisecond}},
		{"is what the hub says, as a date", func() string { return time.Now().UTC().Add(9 * time.Second).Format(http.TimeFormat) }, []time.Duration{8 * time.Second, 8 * time.Second, 8 * time.Second}, []time.Duration{10 * time.Second, 10 * time.Second, 10 * time.Second}},
		{"is bounded", func() string { return "3600" }, []time.Duration{30 * time.Second, 30 * time.Second, 30 * time.Second}, []time.Duration{33 * time.Second, 33 * time.Second, 33 * time.Second}},
		{"does not heed nonsense", func() string { return "soon" }, []time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second}, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, client := inMemory(t, &buffer{}, func(r *http.Request) (*http.Response, error) { return answers(503, c.after())(r) })
				if _, err := client.Send(t.Context(), message); !errors.Is(err, ErrUnavailable) {
					t.Fatal(err)
				}
				for i := range c.least {
					if gap := m.got[i+1].at.Sub(m.got[i].at); gap < c.least[i] || gap > c.most[i] {
						t.Errorf("%d: %v", i, gap)
					}
				}
			})
		})
	}
}

func TestASendSucceedsAfterTheHubWasBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &buffer{}
		m, client := inMemory(t, log, answers(503, "1"), breaks(false), answers(201, ""))
		id, err := client.Send(t.Context(), message)
		if err != nil || id != "4651-15" || len(m.got) != 3 {
			t.Errorf("%q %v after %d", id, err, len(m.got))
		}
		if n := strings.Count(log.String(), "hub is to be asked again"); n != 2 {
			t.Errorf("%s", log)
		}
	})
}

func TestATornAnswerIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, client := inMemory(t, &buffer{}, tornBody, answers(200, ""))
		if in, err := client.Installation(t.Context(), "dev-1"); err != nil || in.ID != "dev-1" || len(m.got) != 2 {
			t.Errorf("%v %v after %d", in, err, len(m.got))
		}
		m, client = inMemory(t, &buffer{}, tornBody)
		if err := client.PutInstallation(t.Context(), browser); err != nil || len(m.got) != 1 {
			t.Errorf("%v after %d: the status says that it is done", err, len(m.got))
		}
	})
}

func TestTheCallerDecidesHowLongItTakes(t *testing.T) {
	t.Run("cancelled before", func(t *testing.T) {
		m, client := inMemory(t, &buffer{}, answers(201, ""))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := client.Send(ctx, message); !errors.Is(err, context.Canceled) || len(kindsOf(err)) > 0 || len(m.got) > 0 {
			t.Errorf("%v after %d", err, len(m.got))
		}
	})
	t.Run("cancelled while it waits", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, client := inMemory(t, &buffer{}, answers(503, "20"))
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(5*time.Second, cancel)
			began := time.Now()
			_, err := client.Send(ctx, message)
			if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrUnavailable) || time.Since(began) != 5*time.Second {
				t.Errorf("%v after %v", err, time.Since(began))
			}
		})
	})
	t.Run("no time for another attempt", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, client := inMemory(t, &buffer{}, answers(429, "20"))
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			began := time.Now()
			_, err := client.Send(ctx, message)
			var e *Error
			if !errors.As(err, &e) || e.RetryAfter != 20*time.Second || time.Since(began) != 0 {
				t.Errorf("%v after %v", err, time.Since(began))
			}
		})
	})
	t.Run("cancelled on the way", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			m, client := inMemory(t, &buffer{}, hangs)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			_, err := client.Send(ctx, message)
			if !errors.Is(err, ErrUnclear) || !errors.Is(err, context.DeadlineExceeded) || len(m.got) != 1 {
				t.Errorf("%v after %d", err, len(m.got))
			}
		})
	})
	t.Run("a hub that hangs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, client := inMemory(t, &buffer{}, hangs, answers(200, ""))
			began := time.Now()
			if err := client.PutInstallation(t.Context(), browser); err != nil || time.Since(began) < defaultTimeout || time.Since(began) > defaultTimeout+firstRetry {
				t.Errorf("%v after %v", err, time.Since(began))
			}
		})
	})
}

func TestARealConnectionThatBreaks(t *testing.T) {
	h, client := serve(t, reply{drop: true}, reply{status: 200})
	if _, err := client.Send(t.Context(), message); !errors.Is(err, ErrUnclear) || len(h.requests()) != 1 {
		t.Errorf("%v after %d", err, len(h.requests()))
	}
	h, client = serve(t, reply{drop: true}, reply{status: 200})
	if err := client.PutInstallation(t.Context(), browser); err != nil || len(h.requests()) != 2 {
		t.Errorf("%v after %d", err, len(h.requests()))
	}
}

func TestARealHubThatIsAway(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	client, err := New(Options{Connection: connection(t, l.Addr().String()), Hub: "hub1"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), firstRetry/2) // one attempt
	defer cancel()
	if _, err := client.Send(ctx, message); !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrUnclear) {
		t.Error(err)
	}
}

func TestTheKeyIsNeverShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reflecting := func(r *http.Request) (*http.Response, error) {
			resp, err := answers(503, "")(r)
			resp.Body = http.NoBody
			if err == nil {
				resp.Body = body("<Error><Code>401</Code><Detail>refused: " + strings.ReplaceAll(r.Header.Get("Authorization"), "&", "&amp;") + "</Detail></Error>")
			}
			return resp, err
		}
		for name, s := range map[string]step{"refused": answers(401, ""), "busy": answers(503, ""), "reflected": reflecting, "broken": breaks(true), "away": breaks(false), "hangs": hangs} {
			for _, op := range operations {
				log := &buffer{}
				m, client := inMemory(t, log, s)
				err := op.do(t.Context(), client)
				if err == nil {
					t.Fatalf("%s succeeds", name)
				}
				text := fmt.Sprintf("%v %+v %#v %+v %#v %s %v", err, err, err, client, client, log, Options{Connection: client.connection})
				_, signature, _ := strings.Cut(m.got[0].header.Get("Authorization"), "sig=")
				for _, secret := range []string{testKey, signature[:20], browser.Channel.Endpoint, browser.Channel.Auth + `"`, message.Tags, browser.ID} {
					if strings.Contains(text, secret) {
						t.Errorf("%s, %s: %q is in %s", name, op.name, secret, text)
					}
				}
			}
		}
	})
}
