package installation

import (
	"maps"
	"slices"
	"time"

	"securepush/backend/hub/record"
)

// Document is a device with all it wants: where it is reached, its tags, its templates. It is always valid and never changes;
// any number of goroutines may use it.
type Document struct {
	id        string
	userID    string
	platform  record.Platform
	expires   time.Time
	variables map[string]string
	app       target
	tiles     map[string]*target
}

// target is what can be sent to: the application, or with Windows one of its secondary tiles.
type target struct {
	channel   channel
	tags      []string
	templates map[string]*form
}

// channel is where pushes go. Its fields depend on the platform.
type channel struct {
	record.Handle
	baiduUser string
	text      bool // of a browser: written as a string that holds JSON, as .NET and Java do
}

// form is a template without its name.
type form struct {
	body    string
	headers map[string]string
	expiry  string
	tags    []string // without the template's own name
}

// Error says why a document or a PATCH is refused.
type Error struct {
	Words string // for the client, without a full stop
}

// Error gives the words.
func (e *Error) Error() string { return "installation: " + e.Words }

// ID is the installation's ID.
func (d *Document) ID() string { return d.id }

// UserID is whose device it is; it may be empty.
func (d *Document) UserID() string { return d.userID }

// Platform is the kind of push service that reaches the device.
func (d *Document) Platform() record.Platform { return d.platform }

// Channel is where the device is reached, in the form of the registrations that follow.
func (d *Document) Channel() record.Handle { return d.app.channel.Handle }

// Tags are those of the installation as a whole. [Document.AllTags] has those of templates and tiles, too.
func (d *Document) Tags() []string { return slices.Clone(d.app.tags) }

// AllTags are all tags that the client has chosen: whoever checks what a client may ask for has to check each of them. They
// include the templates' names, which are tags as well. Some may come twice.
func (d *Document) AllTags() []string {
	tags := d.app.allTags(nil)
	for _, name := range slices.Sorted(maps.Keys(d.tiles)) {
		tags = d.tiles[name].allTags(tags)
	}
	return tags
}

func (t *target) allTags(tags []string) []string {
	tags = append(tags, t.tags...)
	for _, name := range slices.Sorted(maps.Keys(t.templates)) {
		tags = append(append(tags, t.templates[name].tags...), name)
	}
	return tags
}

// SameChannel says whether both documents lead to the same device, in whichever form its channel was written. With a new
// channel an installation is no longer expired.
func (d *Document) SameChannel(other *Document) bool {
	mine, others := d.app.channel, other.app.channel
	mine.text, others.text = false, false
	return d.platform == other.platform && mine == others
}

// WithUser returns the document with another user and other tags of the installation as a whole. The error is of type *Error.
func (d *Document) WithUser(userID string, tags []string) (*Document, error) {
	changed := d.clone()
	changed.userID, changed.app.tags = userID, nil
	if err := addTags(&changed.app.tags, "tags", tags); err != nil {
		return nil, err
	}
	return checked(changed)
}

// Record returns what the database keeps. What the database sets itself is left empty: Expired and Version.
func (d *Document) Record(now time.Time) record.Installation {
	return record.Installation{ID: d.id, Document: d.Encode(false), Expires: d.expires, Updated: now}
}

// FromRecord reads what [Document.Record] made. The error is of type *Error.
func FromRecord(in record.Installation) (*Document, error) { return Decode(in.ID, in.Document) }

// clone copies whatever a change could touch.
func (d *Document) clone() *Document {
	c := *d
	c.app = *d.app.clone()
	c.tiles = make(map[string]*target, len(d.tiles))
	for name, t := range d.tiles {
		c.tiles[name] = t.clone()
	}
	return &c
}

func (t *target) clone() *target {
	c := &target{channel: t.channel, tags: slices.Clone(t.tags), templates: make(map[string]*form, len(t.templates))}
	for name, f := range t.templates {
		copied := *f
		copied.tags = slices.Clone(f.tags)
		c.templates[name] = &copied
	}
	return c
}
