package store

import (
	"cmp"
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"securepush/api"
)

// Receipt says that a device has fetched a notification, or has shown it.
type Receipt struct {
	Account      string // whose device and notification it is
	Installation string
	ID           api.ID
	Shown        bool
	At           time.Time
}

// AddReceipts notes receipts. The first of each kind counts; whoever has shown something has fetched it. Those of unknown or
// somebody else's notifications or devices are passed over.
func (s *Store) AddReceipts(ctx context.Context, receipts []Receipt) error {
	return s.write(ctx, func(t *tx) error {
		for _, r := range receipts {
			at := toMS(r.At)
			shown := at
			if !r.Shown {
				shown = 0
			}
			err := t.exec(`INSERT INTO receipts (notification, installation, delivered, shown)
				SELECT n.id, i.id, ?, ? FROM notifications n CROSS JOIN installations i
				WHERE n.id = ? AND n.account = ? AND i.id = ? AND i.account = n.account AND i.due <> 2
				ON CONFLICT (notification, installation) DO UPDATE SET shown = excluded.shown
				WHERE receipts.shown = 0 AND excluded.shown <> 0`,
				at, shown, r.ID, r.Account, r.Installation)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// SetSessionInstallation notes which device a sign-in has registered last. A session that has ended is no error.
func (s *Store) SetSessionInstallation(ctx context.Context, session, installation string) error {
	return s.write(ctx, func(t *tx) error {
		return t.exec(`UPDATE sessions SET installation = ? WHERE id = ?`, installation, session)
	})
}

// EndSessionsOn ends an account's sign-ins that have registered a device last, but for one of them.
func (s *Store) EndSessionsOn(ctx context.Context, account, installation, but string) error {
	return s.write(ctx, func(t *tx) error {
		return t.exec(endSessions+` AND installation = ? AND id <> ?`, account, installation, but)
	})
}

// deliveryColumns are of notifications n and accounts a. A subquery looks at as many rows as the person has devices.
const deliveryColumns = `n.id, a.name, n.created, n.expires, n.gone, n.read, n.read_at, n.title,
	(SELECT COUNT(*) FROM receipts WHERE notification = n.id),
	(SELECT COALESCE(MIN(delivered), 0) FROM receipts WHERE notification = n.id),
	(SELECT COUNT(*) FROM receipts WHERE notification = n.id AND shown <> 0),
	(SELECT COALESCE(MIN(shown), 0) FROM receipts WHERE notification = n.id AND shown <> 0)`

// scanDelivery reads them, as they are at a time.
func scanDelivery(scan scan, now int64, more ...any) (d api.Delivery, created int64, err error) {
	var (
		expires, gone, readAt, delivered, shown int64
		read                                    bool
	)
	err = scan(append([]any{
		&d.ID, &d.To, &created, &expires, &gone, &read, &readAt, &d.Title, &d.DeliveredTo, &delivered, &d.ShownOn, &shown,
	}, more...)...)
	d.CreatedAt, d.Delivered, d.Shown = toTime(created), timeOrNil(delivered), timeOrNil(shown)
	if d.Gone = gone != 0 || expires != 0 && expires <= now; d.Gone {
		d.Title = "" // also of what the clean-up has not come to yet
	}
	switch {
	case read:
		d.State, d.Read = api.StageRead, timeOrNil(readAt)
	case d.ShownOn > 0:
		d.State = api.StageShown
	case d.DeliveredTo > 0:
		d.State = api.StageDelivered
	default:
		d.State = api.StageSent
	}
	return d, created, err
}

func timeOrNil(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	at := toTime(ms)
	return &at
}

// Status tells how far a notification has come, gone or not, whoever sent it and the person it is for; that person also
// on which devices. who is the ID of an account or a sender key. ErrNotFound: unknown, or neither sent nor received by who.
func (s *Store) Status(ctx context.Context, who string, id api.ID) (d api.Delivery, err error) {
	if who == "" {
		return d, ErrNotFound
	}
	var account, readOn string
	err = s.queryRow(ctx, ErrNotFound, func(scan scan) (err error) {
		d, _, err = scanDelivery(scan, s.now(), &account, &readOn)
		return err
	}, `SELECT `+deliveryColumns+`, n.account, n.read_on FROM notifications n JOIN accounts a ON a.id = n.account
		WHERE n.id = ? AND (n.account = ? OR n.sent_by = ?)`, id, who, who)
	if err != nil || account != who {
		return d, err
	}
	return d, s.addDevices(ctx, &d, account, readOn)
}

// addDevices tells what each device of a person has had.
func (s *Store) addDevices(ctx context.Context, d *api.Delivery, account, readOn string) error {
	devices, err := s.Installations(ctx, account)
	if err != nil {
		return err
	}
	place := make(map[string]int, len(devices))
	for i, in := range devices {
		place[in.InstallationID] = i
		d.Devices = append(d.Devices, api.DeviceDelivery{Name: in.Name})
		if in.InstallationID == readOn {
			d.ReadOn = in.Name
		}
	}
	return s.query(ctx, func(scan scan) error {
		var (
			id               string
			delivered, shown int64
		)
		err := scan(&id, &delivered, &shown)
		i, there := place[id]
		if !there {
			i = len(d.Devices)
			d.Devices = append(d.Devices, api.DeviceDelivery{})
		}
		d.Devices[i].Delivered, d.Devices[i].Shown = timeOrNil(delivered), timeOrNil(shown)
		return err
	}, `SELECT installation, delivered, shown FROM receipts WHERE notification = ?`, d.ID)
}

// SentBy returns a run of what an account or sender key has sent, newest first, before a cursor; an empty one is the end. A
// limit of 0 counts as 50, more than [PageMax] as that. ErrBadCursor.
func (s *Store) SentBy(ctx context.Context, sender string, before api.Cursor, limit int) (api.SentPage, error) {
	created, id, err := parseSentCursor(before)
	if err != nil {
		return api.SentPage{}, err
	}
	limit = min(cmp.Or(max(limit, 0), 50), PageMax)
	page := api.SentPage{Items: []api.Delivery{}, Next: before}
	now := s.now()
	err = s.query(ctx, func(scan scan) error {
		d, created, err := scanDelivery(scan, now)
		switch {
		case err != nil:
			return err
		case len(page.Items) == limit:
			page.More = true
			return errEnough
		}
		page.Items, page.Next = append(page.Items, d), sentCursor(created, d.ID)
		return nil
	}, `SELECT `+deliveryColumns+` FROM notifications n JOIN accounts a ON a.id = n.account
		WHERE n.sent_by = ? AND n.sent_by <> '' AND (n.created, n.id) < (?, ?) ORDER BY n.created DESC, n.id DESC LIMIT ?`,
		sender, created, id, limit+1)
	if err != nil {
		return api.SentPage{}, err
	}
	return page, nil
}

// A place in what somebody has sent is the time and the ID of the last item before it.

func sentCursor(created int64, id api.ID) api.Cursor {
	return api.Cursor(strconv.FormatInt(created, 10) + "-" + string(id))
}

func parseSentCursor(c api.Cursor) (created int64, id api.ID, err error) {
	if c == "" {
		return math.MaxInt64, "", nil
	}
	text, rest, _ := strings.Cut(string(c), "-")
	if created, err = strconv.ParseInt(text, 10, 64); err != nil {
		return 0, "", ErrBadCursor
	}
	if id, err = api.ParseID(rest); err != nil || sentCursor(created, id) != c {
		return 0, "", ErrBadCursor
	}
	return created, id, nil
}
