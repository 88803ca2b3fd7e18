package backend

import (
	"strings"
	"time"

	"securepush/api"
)

// signIns slows down the guessing of passwords: per account, so that many addresses do not help, and per address, so that
// many accounts do not. Only failures count in the end: a sign-in that succeeds gets its tokens back.
type signIns struct {
	accounts  *buckets
	addresses *buckets
}

// addressFactor is how many more failures an address may have than an account: people share addresses.
const addressFactor = 6

func newSignIns(l api.Limits, now func() time.Time) *signIns {
	n := float64(l.SignInsPerMinute)
	return &signIns{
		accounts:  newBuckets(n/60, n, now),
		addresses: newBuckets(addressFactor*n/60, addressFactor*n, now),
	}
}

// attempt counts an attempt, or says how long to wait before the next one. succeeded takes it back.
func (s *signIns) attempt(name, address string) (succeeded func(), wait time.Duration) {
	account := strings.ToLower(clip(name, 64))
	if wait := s.addresses.take(address); wait > 0 {
		return nil, wait
	}
	if wait := s.accounts.take(account); wait > 0 {
		return nil, wait // the address pays too: it goes on trying
	}
	return func() {
		s.accounts.give(account)
		s.addresses.give(address)
	}, 0
}
