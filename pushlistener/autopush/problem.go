package autopush

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"securepush/api"

	"github.com/coder/websocket"
)

// closeAway is the close code by which a service asks not to reconnect by oneself. Firefox honours it too.
const closeAway websocket.StatusCode = 4774

var (
	errAway     = errors.New("autopush: the service asked to stay away")
	errBehind   = errors.New("autopush: more pushes than fit into the queue")
	errDead     = errors.New("autopush: no answer to a ping")
	errSilent   = errors.New("autopush: no answer to a request")
	errProtocol = errors.New("autopush: the service broke the protocol")
	errWrite    = errors.New("autopush: could not be sent")
	errNotSaved = errors.New("autopush: could not be persisted")
)

// problem gives an error of a session the words for the person.
func problem(err error) *api.Problem {
	if p, ok := errors.AsType[*api.Problem](err); ok {
		return p
	}
	code, words := api.CodeUnavailable, "The push service closed the connection."
	switch {
	case errors.Is(err, errNotSaved):
		code, words = api.CodeInternal, "What was received cannot be saved on this computer. Is the disk full?"
	case errors.Is(err, errProtocol):
		code, words = api.CodeUnknownServer, "The push service does not speak the expected protocol."
	case errors.Is(err, errDead), errors.Is(err, errSilent):
		code, words = api.CodeUnreachable, "The push service does not answer."
	case websocket.CloseStatus(err) == closeAway:
		return api.NewProblem(code, "The push service asked this device to stay away for a while.").Because(errors.Join(errAway, err))
	}
	return api.NewProblem(code, words).Because(err)
}

// refused is the problem of a handshake that failed. resp is nil when there was no answer at all.
func refused(u *url.URL, resp *http.Response, err error) *api.Problem {
	if resp == nil {
		return api.TransportProblem(u, err)
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode >= 500:
		p := api.NewProblem(api.CodeUnavailable, "The push service is not available right now.").Because(err)
		p.RetryAfter = api.ParseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
		return p
	default:
		return api.NewProblem(api.CodeUnknownServer, "The address of the push service answers, but not as one.").Because(err)
	}
}
