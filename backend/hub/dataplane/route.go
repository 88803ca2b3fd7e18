package hub

import (
	"net/http"
	"net/url"
	"strings"

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
	return sendOperations()
}

// call is one request under way.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	path    []string   // segments below the hub's name, decoded, as the client wrote them
	query   url.Values // names in lower case
	version string     // of the API, as the client asked for it
	rule    record.Rule
	// tracking is the GUID of this request, for whoever compares a client's log with ours.
	tracking string
}

// defaultVersion is echoed to clients that name none.
const defaultVersion = "2020-06"

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
