package pushlistener

import (
	"time"

	"securepush/api"
)

// effect is something that the shell is to do. Each ends in an event, except those that say so.
type effect interface{ effect() }

type (
	// fetch asks for the content of IDs: of one by its path, of several by ids=. It ends in fetched.
	fetch struct {
		gen int
		ids []api.ID
	}
	// scan asks for the page after a cursor, or, with newest, for the newest page. It ends in paged.
	scan struct {
		gen    int
		after  api.Cursor
		newest bool
	}
	// register tells the back end the push channel. It ends in registered.
	register struct {
		gen     int
		channel api.PushChannel
	}
	// report tells the back end that IDs were shown. It ends in reported.
	report struct {
		gen int
		ids []api.ID
	}
	// resubscribe asks the edge for another channel, which ends in subscribed some time.
	resubscribe struct{}
	// wakeEdge cuts the edge's waiting short; no event.
	wakeEdge struct{}
	// listen starts or stops the edge. A stop ends in edgeStopped.
	listen struct{ on bool }
	// abandon cancels the calls of earlier generations; no event but theirs.
	abandon struct{}
	// show shows a toast. It ends in toasted.
	show struct{ toast Toast }
	// showPrompt shows a prompt. It ends in toasted for TagGeneric and in prompted for TagPrompt.
	showPrompt struct {
		tag    string
		prompt Prompt
	}
	// withdraw takes a toast away; no event.
	withdraw struct{ tag string }
	// remember writes to the journal, in order. It ends in noted.
	remember struct{ note note }
)

func (fetch) effect()       {}
func (scan) effect()        {}
func (register) effect()    {}
func (report) effect()      {}
func (resubscribe) effect() {}
func (wakeEdge) effect()    {}
func (listen) effect()      {}
func (abandon) effect()     {}
func (show) effect()        {}
func (showPrompt) effect()  {}
func (withdraw) effect()    {}
func (remember) effect()    {}

// The events by which the shell answers, beside those of event.go.
type (
	// started is the first event.
	started struct{}
	// tick says that the time asked for has come.
	tick struct{}
	// stopping says that nothing new is to be begun.
	stopping struct{}
	// pushed is one push. done is called once it may be acknowledged.
	pushed struct {
		id    api.ID
		known record // what the journal has of the ID
		done  func(error)
	}
	// flooded says that pushes were dropped because too many waited to be looked at.
	flooded struct{ pushes int64 }
	// dropped and undecryptable count pushes that are no IDs.
	dropped       struct{}
	undecryptable struct{}
	// linked and subscribed are what the edge says.
	linked struct {
		connected bool
		trouble   Trouble
	}
	subscribed  struct{ channel api.PushChannel }
	edgeStopped struct{ err error }
	// fetched answers fetch; known is parallel to items.
	fetched struct {
		gen   int
		ids   []api.ID
		items []api.Notification
		known []record
		err   error
	}
	// paged answers scan; known is parallel to page.Items.
	paged struct {
		gen    int
		newest bool
		page   api.Page
		known  []record
		err    error
	}
	registered struct {
		gen     int
		channel api.PushChannel
		err     error
	}
	reported struct {
		gen int
		err error
	}
	toasted  struct{ err error }
	prompted struct {
		prompt Prompt
		err    error
	}
	// noted says that notes are on disk, or are not. finishes are those of the notes.
	noted struct {
		count    int // of notes
		finishes []api.ID
		horizon  time.Time // see Journal.prune
		err      error
	}
)

func (started) event()       {}
func (tick) event()          {}
func (stopping) event()      {}
func (pushed) event()        {}
func (flooded) event()       {}
func (dropped) event()       {}
func (undecryptable) event() {}
func (linked) event()        {}
func (subscribed) event()    {}
func (edgeStopped) event()   {}
func (fetched) event()       {}
func (paged) event()         {}
func (registered) event()    {}
func (reported) event()      {}
func (toasted) event()       {}
func (prompted) event()      {}
func (noted) event()         {}
