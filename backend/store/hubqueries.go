package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"securepush/backend/hub/record"
)

// pageHub is how many registrations come at once when nothing else is asked for.
const pageHub = 100

// statement is the text of a query under construction, with its parameters.
type statement struct {
	text strings.Builder
	args []any
}

func (q *statement) add(text string, args ...any) {
	q.text.WriteString(text)
	q.args = append(q.args, args...)
}

// byTag adds the walk along the key of one tag behind an ID, which is in order of ID by itself. A platform may be empty: any.
func (q *statement) byTag(columns, tag string, platform record.Platform, template bool, after string, now int64) {
	q.add(`SELECT t.registration AS id`+strings.TrimPrefix(columns, `r.id`)+
		` FROM hub_tags t CROSS JOIN hub_registrations r ON r.id = t.registration WHERE t.tag = ?`, tag)
	if platform != "" {
		q.add(` AND t.platform = ?`, platform)
	}
	q.add(` AND t.template = ? AND t.registration > ? AND `+hubLive, template, after, now)
}

// targetColumns are what a send needs of a registration. Reading a row takes time for each column.
const targetColumns = `r.id, r.platform, r.handle, r.p256dh, r.auth, r.tags, r.variables, r.form`

func scanTarget(scan scan) (r record.Registration, err error) {
	var tags, variables, template string
	if err = scan(&r.ID, &r.Platform, &r.Handle, &r.P256DH, &r.Auth, &tags, &variables, &template); err != nil {
		return r, err
	}
	return r, readLists(&r, tags, variables, template)
}

// Targets returns whom a send may concern, each once and in order of ID, with what a send needs: platform, handle, keys, tags,
// variables and template. Less than the limit (0 counts as 100) means that there are no more.
//
// With tags its cost does not grow with what else is registered: SQLite walks along the key of each and merges them.
func (s *Store) Targets(ctx context.Context, a record.Audience) ([]record.Registration, error) {
	limit := cmp.Or(max(a.Limit, 0), pageHub)
	tags := make([]string, len(a.Tags))
	for i, tag := range a.Tags {
		tags[i] = record.Fold(tag)
	}
	slices.Sort(tags)
	var q statement
	for i, tag := range slices.Compact(tags) {
		if i > 0 {
			q.add(` UNION ALL `)
		}
		q.byTag(targetColumns, tag, a.Platform, a.Template, a.After, s.now())
	}
	if len(tags) == 0 {
		q.add(`SELECT ` + targetColumns + ` FROM hub_registrations r WHERE `)
		if a.Platform != "" {
			q.add(`r.platform = ? AND `, a.Platform)
		}
		q.add(`r.template = ? AND r.id > ? AND `+hubLive, a.Template, a.After, s.now())
	}
	q.add(` ORDER BY id`)
	var found []record.Registration
	err := s.query(ctx, func(scan scan) error {
		if len(found) == limit {
			return errEnough
		}
		r, err := scanTarget(scan)
		if n := len(found); err != nil || n > 0 && found[n-1].ID == r.ID { // it has two of the tags
			return err
		}
		found = append(found, r)
		return nil
	}, q.text.String(), q.args...)
	return found, err
}

// Registrations returns those that a query asks for, in order of ID, also those that follow from installations. Less than the
// limit (0 counts as 100) means that there are no more.
func (s *Store) Registrations(ctx context.Context, want record.Query) ([]record.Registration, error) {
	var q statement
	now := s.now()
	if want.Tag != "" {
		q.byTag(registrationColumns, record.Fold(want.Tag), "", false, want.After, now)
		if err := q.filter(want); err != nil {
			return nil, err
		}
		q.add(` UNION ALL `)
		q.byTag(registrationColumns, record.Fold(want.Tag), "", true, want.After, now)
	} else {
		q.add(`SELECT ` + registrationColumns + ` FROM hub_registrations r WHERE `)
		if len(want.Handles) > 0 {
			q.add(`+`) // keeps SQLite from going through all in order of ID
		}
		q.add(`r.id > ? AND `+hubLive, want.After, now)
	}
	if err := q.filter(want); err != nil {
		return nil, err
	}
	q.add(` ORDER BY id LIMIT ? OFFSET ?`, cmp.Or(max(want.Limit, 0), pageHub), max(want.Skip, 0))
	var found []record.Registration
	err := s.query(ctx, func(scan scan) error {
		r, err := scanRegistration(scan)
		found = append(found, r)
		return err
	}, q.text.String(), q.args...)
	return found, err
}

// filter adds what a query asks for beside the tag. Of the texts that it makes each is one of few.
func (q *statement) filter(want record.Query) error {
	if len(want.Handles) > 0 {
		keys := make([]string, len(want.Handles))
		for i, handle := range want.Handles {
			keys[i] = handleKey(handle)
		}
		list, err := json.Marshal(keys)
		if err != nil {
			return err
		}
		q.add(` AND r.handle_key IN (SELECT value FROM json_each(?))`, string(list))
	}
	for _, f := range []struct{ column, value string }{
		{"p256dh", want.P256DH}, {"auth", want.Auth}, {"baidu_user", want.BaiduUserID},
	} {
		if f.value != "" {
			q.add(` AND r.`+f.column+` = ?`, f.value)
		}
	}
	return nil
}
