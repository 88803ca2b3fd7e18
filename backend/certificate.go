package backend

import (
	"context"
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateCheck is how often, at the most, the files are looked at.
const certificateCheck = time.Second

// certificate is a TLS certificate that is read again when its files change. It is safe for concurrent use.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	stamp   [2]fileStamp
	checked time.Time
}

// fileStamp tells whether a file is the one that was read.
type fileStamp struct {
	size int64
	time time.Time
}

func loadCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	if err := c.load(); err != nil {
		return nil, invalid("tls-cert", "The certificate or its key cannot be used: "+err.Error()+".").Because(err)
	}
	return c, nil
}

// get is for tls.Config. Files that cannot be used, such as halves of a renewal, leave the last certificate in place.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.checked) >= certificateCheck {
		if err := c.load(); err != nil {
			c.log.LogAttrs(context.Background(), slog.LevelError, "certificate not renewed", slog.Any("err", err))
		}
	}
	return c.current, nil
}

// load reads the files if they are others than before. The stamps are taken first: files that change meanwhile are read
// again the next time.
func (c *certificate) load() error {
	c.checked = time.Now()
	var stamp [2]fileStamp
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		stamp[i] = fileStamp{info.Size(), info.ModTime()}
	}
	if c.current != nil && stamp == c.stamp {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.current, c.stamp = &pair, stamp
	return nil
}
