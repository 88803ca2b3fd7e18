package store

import (
	"context"
	"encoding/json"

	"securepush/backend/hub/record"
)

const jobColumns = `id, type, status, progress, container, file, failure, output, created, updated`

func scanJob(scan scan) (j record.Job, err error) {
	var (
		output           string
		created, updated int64
	)
	err = scan(&j.ID, &j.Type, &j.Status, &j.Progress, &j.OutputContainer, &j.ImportFile, &j.Failure, &output, &created, &updated)
	if err != nil {
		return j, err
	}
	j.Created, j.Updated = toTime(created), toTime(updated)
	return j, json.Unmarshal([]byte(output), &j.OutputProperties)
}

// PutJob creates a job or replaces the one of its ID; the times are set here. A job that is not put for 30 days is forgotten.
func (s *Store) PutJob(ctx context.Context, j record.Job) error {
	output, err := json.Marshal(j.OutputProperties)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		now := s.now()
		return t.exec(`INSERT INTO hub_jobs (`+jobColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET type = excluded.type, status = excluded.status, progress = excluded.progress,
				container = excluded.container, file = excluded.file, failure = excluded.failure, output = excluded.output,
				updated = excluded.updated`,
			j.ID, j.Type, j.Status, j.Progress, j.OutputContainer, j.ImportFile, j.Failure, string(output), now, now)
	})
}

// Job returns one, or [record.ErrNotFound].
func (s *Store) Job(ctx context.Context, id string) (j record.Job, err error) {
	err = s.queryRow(ctx, record.ErrNotFound, func(scan scan) (err error) {
		j, err = scanJob(scan)
		return err
	}, `SELECT `+jobColumns+` FROM hub_jobs WHERE id = ?`, id)
	return j, err
}

// Jobs returns all jobs, the oldest first.
func (s *Store) Jobs(ctx context.Context) ([]record.Job, error) {
	var all []record.Job
	err := s.query(ctx, func(scan scan) error {
		j, err := scanJob(scan)
		all = append(all, j)
		return err
	}, `SELECT `+jobColumns+` FROM hub_jobs ORDER BY created, id`)
	return all, err
}
