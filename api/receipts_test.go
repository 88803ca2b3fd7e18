package api

import (
	"fmt"
	"io"
	"net/http"
	"testing"
)

func TestReceiptsNameTheDeviceAndWhatItHasShown(t *testing.T) {
	var got string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.Path + " " + string(b)
		w.WriteHeader(http.StatusNoContent)
	})
	if err := c.Receipts(t.Context(), Receipts{InstallationID: "desk", Shown: []ID{testID}}); err != nil {
		t.Fatal(err)
	}
	if want := `POST /api/notifications/receipts {"installationId":"desk","shown":["` + string(testID) + `"]}`; got != want {
		t.Errorf("got %s", got)
	}
}

func TestAStatusOfAnotherNotificationIsNone(t *testing.T) {
	body := `{"id":"` + string(testID) + `","to":"anna","createdAt":"2026-11-21T14:32:08Z","state":"shown","deliveredTo":2,"shownOn":1}`
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
	if d, err := c.Status(t.Context(), testID); err != nil || d.State != StageShown || d.DeliveredTo != 2 || d.ShownOn != 1 || d.Read != nil {
		t.Errorf("%+v %v", d, err)
	}
	if _, err := c.Status(t.Context(), NewID()); CodeOf(err) != CodeUnknownServer {
		t.Error(err)
	}
}

func TestAListOfWhatWasSentWithWhatIsNoIDIsRefused(t *testing.T) {
	var query, id string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.RawQuery
		_, _ = fmt.Fprintf(w, `{"items":[{"id":%q,"to":"anna","state":"sent"}],"next":"1-x","more":true}`, id)
	})
	id = string(testID)
	p, err := c.Sent(t.Context(), "2-y", 3)
	if err != nil || len(p.Items) != 1 || p.Next != "1-x" || !p.More || query != "before=2-y&limit=3" {
		t.Errorf("%+v %v, asked for %s", p, err, query)
	}
	id = "../../oauth/token"
	if _, err := c.Sent(t.Context(), "", 0); CodeOf(err) != CodeUnknownServer || query != "before=" {
		t.Errorf("%v, asked for %s", err, query)
	}
}
