package backend

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"securepush/api"
	"securepush/backend/hub"
	"securepush/backend/hub/delivery"
	"securepush/backend/pushservice"
	"securepush/backend/store"
	"securepush/webpush"
)

// Config says what a server is. Only PublicURL and one of DataDir and Database are needed.
type Config struct {
	// PublicURL is how devices and senders reach the server; https, or http on loopback.
	PublicURL *url.URL
	// DataDir is the folder of the database. It is made when it does not exist (0700).
	DataDir string
	// Database names another database: "sqlite:PATH".
	Database string
	// PushService is the push service that devices connect to, ws(s) or http(s); nil: the embedded one.
	PushService *url.URL
	// Hub is the connection string of another notification hub, such as a namespace of Azure; empty: the embedded one.
	Hub api.Secret
	// HubName is the name of the hub, within that namespace or as the first segment of the embedded one's paths; empty:
	// "securepush".
	HubName string
	// HubTransport carries the requests to another hub; nil: TLS with the roots of the system.
	HubTransport http.RoundTripper
	// Name is what people see; empty: "SecurePush".
	Name string
	// Version is told in .well-known.
	Version string
	// Tags is which tags a device may ask for; nil: those that begin with "topic:".
	Tags *regexp.Regexp
	// Limits are the bounds of requests; the zero value takes the built-in ones.
	Limits api.Limits

	Logger *slog.Logger     // nil: silent
	Now    func() time.Time // nil: time.Now
}

// Server is the back end of one data folder. It is safe for concurrent use.
type Server struct {
	cfg    Config
	limits api.Limits
	log    *slog.Logger
	now    func() time.Time
	store  *store.Store
	push   *pushservice.Service // nil with another push service
	vapid  string               // public key
	checks *delivery.Sender     // says which endpoints devices may name; sends for the embedded hub

	embedded  *hub.Hub // nil with another hub
	listenKey api.Secret
	registrar *registrar
	pusher    *pusher

	hasher  *hasher
	clients *clients
	signIns *signIns
	ledger  *ledger
	metrics *metrics
	handler http.Handler
}

// Open opens the data folder and makes its secrets at the first start. Errors that whoever runs it can mend are an
// [*api.Problem] or a [*store.Failure].
func Open(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.setDefaults(); err != nil {
		return nil, err
	}
	st, err := openStore(ctx, cfg.DataDir, cfg.Database, cfg.Logger, cfg.Now)
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg: cfg, limits: cfg.Limits, log: cfg.Logger, now: cfg.Now, store: st,
		hasher: newHasher(), clients: newClients(cfg.Limits, cfg.Now), signIns: newSignIns(cfg.Limits, cfg.Now),
		metrics: newMetrics(),
	}
	s.ledger = newLedger(st, cfg.Logger, s.metrics)
	if err := s.connect(ctx); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	s.handler = s.newHandler()
	return s, nil
}

func (c *Config) setDefaults() error {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Name == "" {
		c.Name = "SecurePush"
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.Tags == nil {
		c.Tags = regexp.MustCompile(`^topic:`)
	}
	if c.Limits == (api.Limits{}) {
		c.Limits = defaultLimits
	}
	if c.PublicURL == nil {
		return invalid("public-url", "Say under which address devices reach the server.")
	}
	u, err := api.ParseServer(c.PublicURL.String())
	if err != nil {
		return fmt.Errorf("public URL: %w", err)
	}
	c.PublicURL = u
	c.HubName = cmp.Or(c.HubName, defaultHubName)
	return checkHubName(c.HubName)
}

// openStore finds and opens the database.
func openStore(ctx context.Context, dir, database string, log *slog.Logger, now func() time.Time) (*store.Store, error) {
	path := filepath.Join(dir, "securepush.db")
	if database != "" {
		file, ok := strings.CutPrefix(database, "sqlite:")
		if !ok || file == "" {
			return nil, invalid("database", "This version keeps its data in SQLite only: sqlite:PATH.")
		}
		path = file
	} else if dir == "" {
		return nil, invalid("data", "Say in which folder the data are.")
	}
	return store.Open(ctx, store.Options{Path: path, Logger: log, Now: now})
}

// connect builds what turns a send into pushes.
func (s *Server) connect(ctx context.Context) error {
	vapid, err := vapidKey(ctx, s.store)
	if err != nil {
		return err
	}
	s.vapid = vapid.PublicKey()
	secret, err := s.store.Secret(ctx, "push endpoints", random32)
	if err != nil {
		return err
	}
	trusted := s.cfg.PublicURL // the one push service that may be on this machine or network
	if s.cfg.PushService != nil {
		trusted = httpURL(s.cfg.PushService)
	} else if s.push, err = pushservice.New(pushservice.Options{
		Origin: s.cfg.PublicURL.String(), Secret: secret, Logger: s.log, Registry: s.metrics.registry, Now: s.cfg.Now,
	}); err != nil {
		return err
	}
	transport := http.RoundTripper(delivery.NewTransport(trusted))
	if s.push != nil {
		transport = s.push.Transport(transport)
	}
	s.checks, err = delivery.New(delivery.Options{
		Signer: webpush.NewSigner(vapid, s.cfg.PublicURL.String(), s.cfg.Now), Trusted: []*url.URL{trusted}, HTTP: transport,
		Logger: s.log, Registry: s.metrics.registry,
	})
	if err != nil {
		return err
	}
	return s.connectHub(ctx)
}

func vapidKey(ctx context.Context, st *store.Store) (*webpush.VAPIDKey, error) {
	b, err := st.Secret(ctx, "vapid key", func() ([]byte, error) {
		k, err := webpush.GenerateVAPID()
		if err != nil {
			return nil, err
		}
		text, err := k.Marshal()
		return []byte(text), err
	})
	if err != nil {
		return nil, err
	}
	return webpush.ParseVAPID(string(b))
}

func random32() ([]byte, error) {
	b := make([]byte, 32)
	_, err := rand.Read(b)
	return b, err
}

// Handler answers everything: the API, the push service and its WebSocket, metrics and health.
func (s *Server) Handler() http.Handler { return s.handler }

// Run does the background work until ctx ends and all of it has stopped: first what asks for work, then what does it.
func (s *Server) Run(ctx context.Context) error {
	stages := [][]func(context.Context) error{
		{s.store.Run, s.registrar.run, s.pusher.run, s.ledger.run},
		{s.checks.Run},
	}
	if s.embedded != nil {
		stages = slices.Insert(stages, 1, []func(context.Context) error{s.embedded.Run})
	}
	if s.push != nil {
		stages = append(stages, []func(context.Context) error{s.push.Run})
	}
	return runStages(ctx, stages)
}

// runStages runs everything at once. A stage ends when the one before it has ended, the first with ctx; a failure ends all.
func runStages(ctx context.Context, stages [][]func(context.Context) error) error {
	all, failed := errgroup.WithContext(context.WithoutCancel(ctx))
	end := ctx.Done()
	for _, stage := range stages {
		stageCtx, cancel := context.WithCancel(failed)
		ended := make(chan struct{})
		before := end
		all.Go(func() error {
			defer close(ended)
			defer cancel()
			g, broken := errgroup.WithContext(stageCtx)
			for _, run := range stage {
				g.Go(func() error { return run(stageCtx) })
			}
			select {
			case <-before:
			case <-broken.Done():
			case <-failed.Done():
			}
			cancel()
			return g.Wait()
		})
		end = ended
	}
	return all.Wait()
}

// hangUp asks the devices to connect again, elsewhere or later.
func (s *Server) hangUp(ctx context.Context) error {
	if s.push == nil {
		return nil
	}
	return s.push.Close(ctx)
}

// Close closes the database. Call it after Run has returned and no request is under way.
func (s *Server) Close() error { return s.store.Close() }
