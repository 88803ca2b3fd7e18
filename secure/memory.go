package secure

import (
	"context"
	"sync"

	"securepush/api"
)

// Memory is a vault that ends with the process.
type Memory struct {
	mu     sync.Mutex
	values map[string]api.Secret
}

// NewMemory makes an empty vault in memory.
func NewMemory() *Memory { return &Memory{values: map[string]api.Secret{}} }

// Get reads a value.
func (m *Memory) Get(ctx context.Context, key string) (api.Secret, error) {
	if err := m.check(ctx, key); err != nil {
		return api.Secret{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[key]
	if !ok {
		return api.Secret{}, vaultError(VaultAbsent, nil)
	}
	return v, nil
}

// Set writes a value.
func (m *Memory) Set(ctx context.Context, key string, value api.Secret) error {
	if err := m.check(ctx, key); err != nil {
		return err
	}
	if err := checkValue(value); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[key] = value
	return nil
}

// Delete removes a value.
func (m *Memory) Delete(ctx context.Context, key string) error {
	if err := m.check(ctx, key); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.values, key)
	return nil
}

func (m *Memory) check(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return vaultError(VaultTimedOut, err)
	}
	return checkKey(key)
}
