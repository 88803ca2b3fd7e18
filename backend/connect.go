package backend

import (
	"context"
	"errors"
	"net/http"
	"time"

	"securepush/api"
	"securepush/backend/hub"
	"securepush/backend/hub/delivery"
	"securepush/backend/hub/record"
	"securepush/backend/hub/sas"
	"securepush/backend/hubclient"
)

// connectHub makes the client of the hub, and the hub itself unless there is another. Either is used in the same way.
func (s *Server) connectHub(ctx context.Context) error {
	connection, transport, err := s.hubConnection(ctx)
	if err != nil {
		return err
	}
	client, err := hubclient.New(hubclient.Options{Connection: connection, Hub: s.cfg.HubName, HTTP: transport, Logger: s.log, Now: s.cfg.Now})
	if err != nil {
		return err
	}
	s.registrar = newRegistrar(s.store, client, s.log)
	if s.pusher, err = newPusher(client, s.log, s.metrics.registry); err != nil {
		return err
	}
	if s.embedded == nil {
		if err := s.probeHub(ctx, client); err != nil {
			return err
		}
	}
	for name, value := range map[string]string{settingPublicURL: s.cfg.PublicURL.String(), settingHubName: s.cfg.HubName} {
		if err := s.store.SetSetting(ctx, name, value); err != nil {
			return err
		}
	}
	identity := "embedded" // whatever the address is now: it has what it had, and of some devices more than the directory knows
	if s.embedded == nil {
		identity = connection.Endpoint.Host + "/" + s.cfg.HubName
	}
	return s.store.SetHub(ctx, identity)
}

// hubConnection is how the hub is reached: by the connection string given, or within the process.
func (s *Server) hubConnection(ctx context.Context) (c sas.ConnectionString, transport http.RoundTripper, err error) {
	if !s.cfg.Hub.Empty() {
		c, err = sas.ParseConnectionString(s.cfg.Hub)
		if err != nil {
			return c, nil, invalid("hub", "The connection string is not one of a notification hub: Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=….").Because(err)
		}
		return c, s.cfg.HubTransport, nil
	}
	own := record.Rule{Name: ownRule, Rights: record.Listen | record.Send | record.Manage, Primary: record.NewRuleKey(), Secondary: record.NewRuleKey()}
	if s.listenKey, err = s.deviceKey(ctx); err != nil {
		return c, nil, err
	}
	s.embedded, err = hub.New(hub.Options{
		Name: s.cfg.HubName, PublicURL: s.cfg.PublicURL, Store: s.store, Sender: s.checks, HTTP: delivery.NewTransport(), Own: &own,
		Device: &hub.Device{
			Rule:  record.Rule{Name: deviceRule, Rights: record.Listen, Primary: s.listenKey, Secondary: s.listenKey},
			Allow: s.allowDevice, Admit: s.admitDevice,
		},
		Logger: s.log, Registry: s.metrics.registry, Now: s.cfg.Now,
	})
	if err != nil {
		return c, nil, err
	}
	c = sas.ConnectionString{Endpoint: s.cfg.PublicURL, Rule: own.Name, Key: own.Primary}
	return c, s.embedded.Transport(nil), nil
}

// probeTime bounds the question whether the hub lets us in.
const probeTime = 10 * time.Second

// probeHub asks the hub for a device that is not there, so that a wrong connection string is told at the start and not by pushes
// that do not arrive. A hub that is away may come back.
func (s *Server) probeHub(ctx context.Context, client *hubclient.Client) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	_, err := client.Installation(ctx, "securepush-probe")
	answer, _ := errors.AsType[*hubclient.Error](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, hubclient.ErrNotFound) && answer.Detail != "":
		return nil
	case errors.Is(err, hubclient.ErrNotFound): // not in a hub's words
		return api.NewProblem(api.CodeForbidden, "There is no notification hub of this name at the address of the connection string.").Because(err)
	case errors.Is(err, hubclient.ErrRefused):
		return api.NewProblem(api.CodeForbidden, "The notification hub refuses the connection string. Its rule needs the rights Listen and Send, "+
			"and --hub-name has to be the name of the hub in its namespace.").Because(err)
	}
	s.log.WarnContext(ctx, "notification hub cannot be reached yet", "err", err)
	return nil
}
