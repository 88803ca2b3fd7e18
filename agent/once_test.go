package agent

import (
	"slices"
	"testing"

	"securepush/api"
	"securepush/secure"
)

func TestARequestThatIsAskedForTwiceWithOneKeyIsSentOnce(t *testing.T) {
	w := newWorld(t)
	_, c, _ := w.run(secure.NewMemory())
	if _, err := c.SignIn(t.Context(), w.url, "anna", api.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	r := api.SendRequest{Payload: "to myself"}
	first, err := c.SendOnce(t.Context(), r, "draft-1")
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.SendOnce(t.Context(), r, "draft-1")
	if err != nil || !slices.Equal(first.IDs, again.IDs) {
		t.Errorf("%v, then %v, %v", first.IDs, again.IDs, err)
	}
	other, err := c.SendOnce(t.Context(), r, "draft-2")
	if err != nil || slices.Equal(first.IDs, other.IDs) {
		t.Errorf("another key: %v, %v", other.IDs, err)
	}
	if page, err := c.Sent(t.Context(), "", 10); err != nil || len(page.Items) != 2 {
		t.Errorf("%d are listed, %v", len(page.Items), err)
	}
}
