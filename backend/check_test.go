package backend

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"securepush/api"
)

func TestTheUsersTagFollowsFromTheUserAlone(t *testing.T) {
	st := newSite(t, func(c *Config) { c.Tags = regexp.MustCompile(`.`) }) // even where everything may be asked for
	anna := st.addUser("anna")
	in := st.push.device("desk", "ward:7", "username:ANNA", "Ward:7", "username:anna", "x")
	in.UserID = "ben"
	got, err := anna.PutInstallation(t.Context(), in)
	if err != nil || !slices.Equal(got.Tags, []string{"ward:7", "x", "username:anna"}) || got.UserID != "anna" {
		t.Errorf("%+v %v", got, err)
	}
}

func TestAPersonsTagIsKnownInEveryCase(t *testing.T) {
	for tag, want := range map[string]bool{
		"username:ben": true, "UserName:ben": true, "uſername:ben": true, "username:": true,
		"username": false, "user:ben": false, "xusername:ben": false, ":username:ben": false,
	} {
		if got := isUserTag(tag); got != want {
			t.Errorf("%q: %v", tag, got)
		}
	}
}

func TestADeviceHasSixtyTagsAtTheMost(t *testing.T) {
	st := newSite(t)
	anna := st.addUser("anna")
	tags := make([]string, maxTags)
	for i := range tags {
		tags[i] = "topic:" + strings.Repeat("x", i+1)
	}
	if _, err := anna.PutInstallation(t.Context(), st.push.device("desk", tags...)); api.CodeOf(err) != api.CodeInvalidField {
		t.Errorf("sixty and the user's own: %v", err)
	}
	if _, err := anna.PutInstallation(t.Context(), st.push.device("desk", tags[1:]...)); err != nil {
		t.Errorf("fifty-nine and the user's own: %v", err)
	}
}
