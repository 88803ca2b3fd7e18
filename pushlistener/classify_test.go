package pushlistener

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"securepush/api"
)

func TestClassify(t *testing.T) {
	busy := api.NewProblem(api.CodeTooManyRequests, "")
	busy.RetryAfter = time.Minute
	for _, row := range []struct {
		err  error
		want decision
	}{
		{api.NewProblem(api.CodeUnreachable, ""), decision{verdict: verdictRetry}},
		{api.NewProblem(api.CodeUntrusted, ""), decision{verdict: verdictRetry}},
		{api.NewProblem(api.CodeUnknownServer, ""), decision{verdict: verdictRetry}},
		{api.NewProblem(api.CodeClockSkew, ""), decision{verdict: verdictRetry}},
		{api.NewProblem(api.CodeInternal, ""), decision{verdict: verdictBroken}},
		{api.NewProblem(api.CodeUnavailable, ""), decision{verdict: verdictBusy}},
		{busy, decision{verdict: verdictBusy, after: time.Minute}},
		{fmt.Errorf("wrapped: %w", busy), decision{verdict: verdictBusy, after: time.Minute}},
		{api.NewProblem(api.CodeUnauthorized, ""), decision{verdict: verdictSignIn}},
		{api.NewProblem(api.CodeSignInNeeded, ""), decision{verdict: verdictSignIn}},
		{api.NewProblem(api.CodeInvalidGrant, ""), decision{verdict: verdictSignIn}},
		{api.NewProblem(api.CodeKeyringLocked, ""), decision{verdict: verdictKeyring}},
		{api.NewProblem(api.CodeKeyringUnavailable, ""), decision{verdict: verdictKeyring}},
		{api.NewProblem(api.CodeForbidden, ""), decision{verdict: verdictDrop}},
		{api.NewProblem(api.CodeNotFound, ""), decision{verdict: verdictGone}},
		{api.NewProblem(api.CodeGone, ""), decision{verdict: verdictGone}},
		{api.NewProblem(api.CodeBadRequest, ""), decision{verdict: verdictBroken, after: longestDelay}},
		{api.NewProblem("of_a_newer_server", ""), decision{verdict: verdictBroken, after: longestDelay}},
		{errors.New("unknown"), decision{verdict: verdictBroken, after: longestDelay}},
	} {
		if got := classify(row.err); got != row.want {
			t.Errorf("%v: %+v, want %+v", row.err, got, row.want)
		}
	}
}
