package hub

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"securepush/backend/hub/record"
)

// operation is one thing that a client can ask for: a method of a path.
type operation struct {
	method  string
	pattern string // segments below the hub's name; "{…}" stands for any one segment
	right   record.Rights
	handle  func(*Hub, *call) error
	query   string // a query name, in lower case, that must be present; empty: none. Such a row comes before the one without
}

// operations is everything that the hub does, with the right that it takes: "Notification Hubs REST API, REST API methods".
func operations() []operation {
	return slices.Concat(accountOperations(), sendOperations())
}

// matches says whether a path is one of the operation's. Case does not matter: the clients differ in it.
func (op operation) matches(path []string) bool {
	rest := op.pattern
	for i, segment := range path {
		want, after, more := strings.Cut(rest, "/")
		if more == (i == len(path)-1) || !strings.HasPrefix(want, "{") && !strings.EqualFold(want, segment) {
			return false
		}
		rest = after
	}
	return len(path) > 0
}

// call is one request under way.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	hub     string     // as the client wrote it
	path    []string   // segments below the hub's name, decoded, as the client wrote them
	query   url.Values // names in lower case
	version string     // of the API, as the client asked for it
	rule    record.Rule
	device  *url.URL // what the token of a device is for: one installation; nil: it is not such a token
	// tracking is the GUID of this request, for whoever compares a client's log with ours.
	tracking string
}

// defaultVersion is echoed to clients that name none.
const defaultVersion = "2020-06"

// nowhere is what the service says of an address at which there is nothing.
const nowhere = "No service is hosted at the specified address."

// route reads the address of a request and finds what it asks for. Method and path decide; content types do not, as clients
// send wrong ones or none.
func (h *Hub) route(c *call) (operation, error) {
	path, ok := segments(c.r.URL.EscapedPath())
	if !ok || len(path) < 2 {
		return operation{}, refuse(http.StatusNotFound, nowhere)
	}
	c.hub, c.path = path[0], path[1:]
	if err := c.readQuery(); err != nil {
		return operation{}, err
	}
	var allow []string
	for _, op := range h.table {
		if !op.matches(c.path) || op.query != "" && !c.has(op.query) {
			continue
		}
		if op.method == c.r.Method {
			return op, nil
		}
		allow = append(allow, op.method)
	}
	if allow == nil {
		return operation{}, refuse(http.StatusNotFound, nowhere)
	}
	c.w.Header().Set("Allow", strings.Join(slices.Compact(allow), ", "))
	return operation{}, refuse(http.StatusMethodNotAllowed, "The specified HTTP verb is not allowed here.")
}

// segments splits a path and decodes each part once. A slash at the end makes no difference. There is no address with a part
// that is empty, stands for another folder, or holds a slash or a control character when decoded.
func segments(escaped string) (path []string, ok bool) {
	rest, ok := strings.CutPrefix(escaped, "/")
	if !ok {
		return nil, false
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(rest, "/"), "/") {
		s, err := url.PathUnescape(part)
		if err != nil || s == "" || s == "." || s == ".." || !utf8.ValidString(s) ||
			strings.ContainsFunc(s, func(r rune) bool { return r == '/' || unicode.IsControl(r) }) {
			return nil, false
		}
		path = append(path, s)
	}
	return path, true
}

// readQuery reads the query. Names that nobody knows are ignored.
func (c *call) readQuery() error {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return &failure{status: http.StatusBadRequest, text: "The query string is not well-formed.", cause: err}
	}
	c.query = make(url.Values, len(values))
	for name, vs := range values {
		name = strings.ToLower(name)
		c.query[name] = append(c.query[name], vs...)
	}
	if v := c.query.Get("api-version"); v != "" {
		c.version = v
	}
	if len(c.version) > 32 || strings.ContainsFunc(c.version, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '.'
	}) {
		c.version = defaultVersion
		return refuse(http.StatusBadRequest, "There is no such api-version.")
	}
	return nil
}

// has says whether a query name is present, whatever its value: flags come bare or with one.
func (c *call) has(name string) bool { _, ok := c.query[name]; return ok }

// location is the absolute address of something below the hub, with the API version of the request.
func (h *Hub) location(c *call, segments ...string) string {
	var b strings.Builder
	b.WriteString(h.base)
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	b.WriteString("?api-version=")
	b.WriteString(url.QueryEscape(c.version))
	return b.String()
}
