package hub

import "context"

// SendStore keeps what is needed for sending.
type SendStore interface{}

// Sender delivers pushes.
type Sender interface{}

// sender turns accepted notifications into pushes.
type sender struct{}

func newSender(Options) (*sender, error) { return &sender{}, nil }

func (s *sender) run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// sendOperations are the rows of the table that send.
func sendOperations() []operation { return nil }
