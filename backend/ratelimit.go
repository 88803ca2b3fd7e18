package backend

import (
	"sync"
	"time"
)

// maxBuckets bounds the memory of a limiter: about 100 bytes each.
const maxBuckets = 50_000

// buckets is a set of token buckets by key. It is safe for concurrent use.
type buckets struct {
	rate  float64 // tokens per second
	burst float64
	now   func() time.Time

	mu   sync.Mutex
	each map[string]*bucket
}

// bucket is full again when it has been left alone for burst/rate seconds, and can then be forgotten.
type bucket struct {
	tokens float64
	last   time.Time
}

func newBuckets(rate, burst float64, now func() time.Time) *buckets {
	return &buckets{rate: rate, burst: burst, now: now, each: map[string]*bucket{}}
}

// take takes a token. When there is none it takes nothing and says how long to wait for one.
func (b *buckets) take(key string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	k := b.at(key, now)
	if k.tokens >= 1 {
		k.tokens--
		return 0
	}
	return time.Duration((1 - k.tokens) / b.rate * float64(time.Second))
}

// give returns a token that was taken for something that turned out to be harmless.
func (b *buckets) give(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.at(key, b.now())
	k.tokens = min(k.tokens+1, b.burst)
}

// at is the key's bucket, filled up to now.
func (b *buckets) at(key string, now time.Time) *bucket {
	k := b.each[key]
	if k == nil {
		if len(b.each) >= maxBuckets {
			b.forget(now)
		}
		k = &bucket{tokens: b.burst, last: now}
		b.each[key] = k
		return k
	}
	if d := now.Sub(k.last).Seconds(); d > 0 {
		k.tokens = min(k.tokens+d*b.rate, b.burst)
	}
	k.last = now
	return k
}

// forget drops the full buckets and, when somebody comes from more addresses than there is room for, half of the others,
// whichever the map gives first.
func (b *buckets) forget(now time.Time) {
	full := time.Duration(b.burst / b.rate * float64(time.Second))
	for key, k := range b.each {
		if now.Sub(k.last) >= full {
			delete(b.each, key)
		}
	}
	for key := range b.each {
		if len(b.each) < maxBuckets/2 {
			return
		}
		delete(b.each, key)
	}
}
