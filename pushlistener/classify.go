package pushlistener

import (
	"errors"
	"time"

	"securepush/api"
)

// verdict is what to do about a failure of the back end.
type verdict uint8

const (
	verdictRetry   verdict = iota // cannot be reached: try again, and tell the person after a while
	verdictBroken                 // the same, but it answered: there may be something about this ID
	verdictBusy                   // it asks to wait: wait, and tell nobody
	verdictSignIn                 // only a new sign-in helps
	verdictKeyring                // only an unlocked keyring helps
	verdictDrop                   // refused: never ask again
	verdictGone                   // nothing there: never ask again
)

// decision is a verdict with its delay.
type decision struct {
	verdict verdict
	after   time.Duration // the server's wish, or the least wait; 0: as the back-off says
}

// classify decides by an error's code. An error it does not know is tried again, at the longest delay: it may be a
// defect of ours, and must not become a storm.
func classify(err error) decision {
	switch api.CodeOf(err) {
	case api.CodeUnreachable, api.CodeUntrusted, api.CodeUnknownServer, api.CodeClockSkew:
		return decision{verdict: verdictRetry}
	case api.CodeInternal:
		return decision{verdict: verdictBroken}
	case api.CodeTooManyRequests, api.CodeUnavailable:
		return decision{verdict: verdictBusy, after: retryAfter(err)}
	case api.CodeUnauthorized, api.CodeSignInNeeded, api.CodeInvalidGrant:
		return decision{verdict: verdictSignIn}
	case api.CodeKeyringLocked, api.CodeKeyringUnavailable:
		return decision{verdict: verdictKeyring}
	case api.CodeForbidden:
		return decision{verdict: verdictDrop}
	case api.CodeNotFound, api.CodeGone:
		return decision{verdict: verdictGone}
	case api.CodeBadRequest, api.CodeInvalidField, api.CodeMethodNotAllowed, api.CodeConflict, api.CodeTooLarge,
		api.CodeUnsupportedMedia, api.CodeUnknownRecipient, api.CodeInstallationGone, api.CodeInvalidRequest,
		api.CodeUnsupportedGrant, api.CodePlainHTTP:
		return decision{verdict: verdictBroken, after: longestDelay}
	default:
		return decision{verdict: verdictBroken, after: longestDelay}
	}
}

const longestDelay = 5 * time.Minute

// firstDelays are the waits after the first failures; then it is 30 seconds, doubling to five minutes.
var firstDelays = [...]time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second, 8 * time.Second}

// delay is the wait after so many failures in a row. r in [0, 1) spreads devices that lost the same server: by a tenth
// at first, later anywhere between 30 seconds and the step.
func delay(failures int, r float64) time.Duration {
	if failures < 1 {
		failures = 1
	}
	if failures <= len(firstDelays) {
		d := firstDelays[failures-1]
		return d + time.Duration((r-0.5)*0.2*float64(d))
	}
	return slowDelay(failures-len(firstDelays), r)
}

// slowDelay is for what a person has to change: from the first failure on between 30 seconds and five minutes.
func slowDelay(failures int, r float64) time.Duration {
	const least = 30 * time.Second
	step := longestDelay
	if failures < 5 {
		step = min(2*least<<(max(failures, 1)-1), longestDelay)
	}
	return least + time.Duration(r*float64(step-least))
}

func retryAfter(err error) time.Duration {
	if p, ok := errors.AsType[*api.Problem](err); ok {
		return p.RetryAfter
	}
	return 0
}
