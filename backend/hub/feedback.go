package hub

import (
	"encoding/xml"
	"net/http"
	"strings"
	"time"

	"securepush/backend/hub/atom"
	"securepush/backend/hub/sas"
)

// Feedback is read as from a storage container: by a URL that needs no header.
const (
	feedbackTime = time.Hour // for which the URL is good
	feedbackPage = 500       // records read together
	feedbackDay  = "2006-01-02"
	typeText     = "text/plain; charset=utf-8" // each line is an XML document
	feedbackType = ".txt"
)

// feedbackContainer answers with a URL under which the feedback of push services can be read for an hour: "Notification Hubs
// REST API, Get PNS feedback". Whoever has the URL can do that and nothing else.
func (h *Hub) feedbackContainer(c *call) error {
	container := h.base + "/feedback"
	token := sas.Sign(container, c.rule.Name, c.rule.Primary, h.now().Add(feedbackTime)).Reveal()
	_, pairs, _ := strings.Cut(token, " ")
	return c.reply(http.StatusOK, typeXML, []byte(container+"?"+pairs))
}

// feedbackList lists the days of which there is feedback, in the form of a listing of blobs, so that clients of Azure Storage
// can read it: "Azure Storage REST API, List blobs".
func (h *Hub) feedbackList(c *call) error {
	days, err := h.o.Store.FeedbackDays(c.r.Context())
	if err != nil {
		return unavailable(err)
	}
	list := blobList{Endpoint: h.base + "/", Container: "feedback"}
	for _, day := range days {
		list.Blobs = append(list.Blobs, blob{
			Name: day.Format(feedbackDay) + feedbackType, Modified: day.UTC().Format(http.TimeFormat), Type: typeText, Kind: "BlockBlob",
		})
	}
	text, err := xml.Marshal(list)
	if err != nil {
		return err
	}
	return c.reply(http.StatusOK, typeXML, append([]byte(xml.Header), text...))
}

// blobList is a listing of blobs.
//
// Example: <EnumerationResults ServiceEndpoint="https://host/hub/" ContainerName="feedback"><Blobs><Blob>…</Blob></Blobs><NextMarker/></EnumerationResults>
type blobList struct {
	XMLName   xml.Name `xml:"EnumerationResults"`
	Endpoint  string   `xml:"ServiceEndpoint,attr"`
	Container string   `xml:"ContainerName,attr"`
	Blobs     []blob   `xml:"Blobs>Blob"`
	Next      string   `xml:"NextMarker"`
}

// blob is one entry of a listing.
//
// Example: <Blob><Name>2026-11-21.txt</Name><Properties><Last-Modified>…</Last-Modified>…</Properties></Blob>
type blob struct {
	Name     string `xml:"Name"`
	Modified string `xml:"Properties>Last-Modified"`
	Type     string `xml:"Properties>Content-Type"`
	Kind     string `xml:"Properties>BlobType"`
}

// feedbackDocument answers with the feedback of a day, page by page as it is read.
func (h *Hub) feedbackDocument(c *call) error {
	name := strings.TrimSuffix(strings.ToLower(c.path[len(c.path)-1]), feedbackType)
	day, err := time.Parse(feedbackDay, name)
	if err != nil {
		return refuse(http.StatusNotFound, "There is no feedback of this name.")
	}
	ctx := c.r.Context()
	found, last, err := h.o.Store.Feedback(ctx, day, 0, feedbackPage)
	switch {
	case err != nil:
		return unavailable(err)
	case len(found) == 0:
		return refuse(http.StatusNotFound, "There is no feedback of this day.")
	}
	c.w.Header().Set("Content-Type", typeText)
	c.w.WriteHeader(http.StatusOK)
	var text []byte
	for {
		text = atom.AppendFeedback(text[:0], found)
		if _, err := c.w.Write(text); err != nil {
			return nil //nolint:nilerr // nobody is left to be told
		}
		if len(found) < feedbackPage {
			return nil
		}
		if found, last, err = h.o.Store.Feedback(ctx, day, last, feedbackPage); err != nil {
			h.log.Error("feedback could not be read to its end", "err", err)
			panic(http.ErrAbortHandler) // so that half of it is not taken for all
		}
	}
}

// Paths of the feedback.
const (
	feedbackPattern    = "feedback"
	feedbackDayPattern = "feedback/{day}"
)

// authorization is a request's token. That for the feedback may stand in the URL, as [Hub.feedbackContainer] gives it.
func (c *call) authorization(op operation) []string {
	header := c.r.Header["Authorization"]
	if len(header) == 0 && c.has("sig") && (op.pattern == feedbackPattern || op.pattern == feedbackDayPattern) {
		return []string{"SharedAccessSignature " + c.r.URL.RawQuery}
	}
	return header
}
