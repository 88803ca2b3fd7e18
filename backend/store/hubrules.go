package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"securepush/api"
	"securepush/backend/hub/record"
)

const ruleColumns = `name, rights, primary_key, secondary_key, created, modified`

func scanRule(scan scan) (r record.Rule, err error) {
	var (
		rights, primary, secondary string
		created, modified          int64
	)
	err = scan(&r.Name, &rights, &primary, &secondary, &created, &modified)
	for _, name := range strings.Fields(rights) {
		right, _ := record.ParseRight(name) // one that this version does not know gives nothing
		r.Rights |= right
	}
	r.Primary, r.Secondary = api.NewSecret(primary), api.NewSecret(secondary)
	r.Created, r.Modified = toTime(created), toTime(modified)
	return r, err
}

func rightsText(r record.Rights) string { return strings.ReplaceAll(r.String(), ",", " ") }

// fillRules draws the keys of the rules that a new hub has. They are drawn once: of two processes the first wins, and a rule
// that was removed is not made again.
func fillRules(ctx context.Context, db *sql.DB, now time.Time) error {
	var empty int
	err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM hub_rules WHERE primary_key = ''`).Scan(&empty)
	if err != nil || empty == 0 {
		return err
	}
	for _, name := range []string{record.DefaultListenRule, record.DefaultFullRule} {
		_, err := db.ExecContext(ctx, `UPDATE hub_rules SET primary_key = ?, secondary_key = ?, created = ?, modified = ?
			WHERE folded = ? AND primary_key = ''`,
			record.NewRuleKey().Reveal(), record.NewRuleKey().Reveal(), now.UnixMilli(), now.UnixMilli(), record.Fold(name))
		if err != nil {
			return err
		}
	}
	return nil
}

// HubRule returns the rule of a name, whatever its case, or [record.ErrNotFound].
func (s *Store) HubRule(ctx context.Context, name string) (r record.Rule, err error) {
	err = s.queryRow(ctx, record.ErrNotFound, func(scan scan) (err error) {
		r, err = scanRule(scan)
		return err
	}, `SELECT `+ruleColumns+` FROM hub_rules WHERE folded = ?`, record.Fold(name))
	return r, err
}

// HubRules returns all rules in order of name.
func (s *Store) HubRules(ctx context.Context) ([]record.Rule, error) {
	var all []record.Rule
	err := s.query(ctx, func(scan scan) error {
		r, err := scanRule(scan)
		all = append(all, r)
		return err
	}, `SELECT `+ruleColumns+` FROM hub_rules ORDER BY folded`)
	return all, err
}

// errNoKey refuses a rule with an empty key, with which anybody could sign.
var errNoKey = errors.New("store: a rule needs a name and both keys")

func checkRule(r record.Rule) error {
	if r.Name == "" || r.Primary.Empty() || r.Secondary.Empty() {
		return errNoKey
	}
	return nil
}

// AddHubRule makes a rule; the times are set here. [record.ErrExists]: the name is taken (names differ in more than case).
func (s *Store) AddHubRule(ctx context.Context, r record.Rule) error {
	if err := checkRule(r); err != nil {
		return err
	}
	now := s.now()
	return s.write(ctx, func(t *tx) error {
		err := t.exec(`INSERT INTO hub_rules (folded, name, rights, primary_key, secondary_key, created, modified)
			VALUES (?, ?, ?, ?, ?, ?, ?)`,
			record.Fold(r.Name), r.Name, rightsText(r.Rights), r.Primary.Reveal(), r.Secondary.Reveal(), now, now)
		if isUnique(err) {
			return record.ErrExists
		}
		return err
	})
}

// SetHubRule replaces rights and keys of the rule of that name, whatever its case. [record.ErrNotFound].
func (s *Store) SetHubRule(ctx context.Context, r record.Rule) error {
	if err := checkRule(r); err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		return t.changeOr(record.ErrNotFound,
			`UPDATE hub_rules SET rights = ?, primary_key = ?, secondary_key = ?, modified = ? WHERE folded = ?`,
			rightsText(r.Rights), r.Primary.Reveal(), r.Secondary.Reveal(), s.now(), record.Fold(r.Name))
	})
}

// RotateHubRule gives the rule of that name, whatever its case, a new primary or secondary key, and returns it with the other
// one as it is then. [record.ErrNotFound].
func (s *Store) RotateHubRule(ctx context.Context, name string, secondary bool, key api.Secret) (r record.Rule, err error) {
	if key.Empty() {
		return r, errNoKey
	}
	text := `UPDATE hub_rules SET primary_key = ?, modified = ? WHERE folded = ? RETURNING ` + ruleColumns
	if secondary {
		text = `UPDATE hub_rules SET secondary_key = ?, modified = ? WHERE folded = ? RETURNING ` + ruleColumns
	}
	err = s.write(ctx, func(t *tx) error {
		return t.queryRow(record.ErrNotFound, func(scan scan) (err error) {
			r, err = scanRule(scan)
			return err
		}, text, key.Reveal(), s.now(), record.Fold(name))
	})
	return r, err
}

// DeleteHubRule removes a rule by name, whatever its case. [record.ErrNotFound].
func (s *Store) DeleteHubRule(ctx context.Context, name string) error {
	return s.write(ctx, func(t *tx) error {
		return t.changeOr(record.ErrNotFound, `DELETE FROM hub_rules WHERE folded = ?`, record.Fold(name))
	})
}
