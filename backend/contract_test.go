package backend

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"securepush/api"
)

// contract holds requests and answers against openapi.yaml.
type contract struct {
	t      *testing.T
	doc    *openapi3.T
	router routers.Router
}

func newContract(t *testing.T) *contract {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	openapi3filter.RegisterBodyDecoder("application/yaml", openapi3filter.FileBodyDecoder)
	return &contract{t: t, doc: doc, router: router}
}

// check passes requests on. Every answer must be in the document; so must every request that succeeded.
func (c *contract) check(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route, params, err := c.router.FindRoute(r)
		if err != nil || r.Header.Get("Upgrade") != "" || r.Method == http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		body, rest := c.peek(r)
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(body), rest), r.Body}
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		r.Body = io.NopCloser(bytes.NewReader(body))
		in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
		}}
		c.compare(in, rec)
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
}

func (c *contract) peek(r *http.Request) ([]byte, io.Reader) {
	var b bytes.Buffer
	_, _ = io.CopyN(&b, r.Body, 1<<20)
	return b.Bytes(), r.Body
}

func (c *contract) compare(in *openapi3filter.RequestValidationInput, rec *httptest.ResponseRecorder) {
	ctx := context.Background()
	name := in.Request.Method + " " + in.Request.URL.Path
	if rec.Code < 300 {
		if err := openapi3filter.ValidateRequest(ctx, in); err != nil {
			c.t.Errorf("%s was answered with %d, but the request is not in openapi.yaml: %s", name, rec.Code, firstLine(err))
		}
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: rec.Code, Header: rec.Header(), Body: io.NopCloser(bytes.NewReader(rec.Body.Bytes())),
		Options: in.Options,
	}
	if err := openapi3filter.ValidateResponse(ctx, out); err != nil {
		c.t.Errorf("the answer %d of %s is not in openapi.yaml: %s\n%s", rec.Code, name, firstLine(err), rec.Body)
	}
}

// firstLine leaves out the schema.
func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}

func TestServerAndDocumentHaveTheSameRoutes(t *testing.T) {
	c := newContract(t)
	served := []string{"GET /", "GET /push", "POST /wpush/{version}/{token}"} // by the push service
	s := &Server{}
	for _, rt := range s.routes() {
		served = append(served, rt.method+" "+rt.path)
	}
	var documented []string
	for path, item := range c.doc.Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+path)
		}
	}
	for _, r := range served {
		if !slices.Contains(documented, r) {
			t.Errorf("%s is served but not in openapi.yaml", r)
		}
	}
	for _, r := range documented {
		if !slices.Contains(served, r) {
			t.Errorf("%s is in openapi.yaml but not served", r)
		}
	}
}

func TestDocumentSaysWhoMayCall(t *testing.T) {
	c := newContract(t)
	for _, rt := range (&Server{}).routes() {
		op := c.doc.Paths.Find(rt.path).GetOperation(rt.method)
		schemes := func(reqs openapi3.SecurityRequirements) (names []string) {
			for _, req := range reqs {
				for name := range req {
					names = append(names, name)
				}
			}
			return names
		}
		got := schemes(c.doc.Security)
		if op.Security != nil {
			got = schemes(*op.Security)
		}
		want := map[access][]string{
			anyone: nil, user: {"accessToken"}, sender: {"accessToken", "senderKey"}, operator: {"accessToken", "senderKey"},
		}[rt.who]
		if !slices.Equal(got, want) {
			t.Errorf("%s %s: the document asks for %v, the server for %v", rt.method, rt.path, got, want)
		}
	}
}

func TestDocumentListsEveryCodeOfTheBackEnd(t *testing.T) {
	c := newContract(t)
	var listed []string
	for _, v := range c.doc.Components.Schemas["Problem"].Value.Properties["code"].Value.Enum {
		listed = append(listed, v.(string))
	}
	want := []api.Code{
		api.CodeBadRequest, api.CodeInvalidField, api.CodeUnauthorized, api.CodeForbidden, api.CodeNotFound, api.CodeMethodNotAllowed,
		api.CodeConflict, api.CodeGone, api.CodeTooLarge, api.CodeUnsupportedMedia, api.CodeUnknownRecipient, api.CodeInstallationGone,
		api.CodeTooManyRequests, api.CodeInternal, api.CodeUnavailable,
	}
	for _, w := range want {
		if !slices.Contains(listed, string(w)) {
			t.Errorf("%s is not in openapi.yaml", w)
		}
	}
}

func TestDocumentIsServed(t *testing.T) {
	st := newSite(t)
	resp, body := st.ask(http.MethodGet, "/api/openapi.yaml", "", nil)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/yaml" || !strings.HasPrefix(body, "openapi: 3") {
		t.Errorf("%d %s %.40q", resp.StatusCode, resp.Header.Get("Content-Type"), body)
	}
}
