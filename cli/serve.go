package cli

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"

	"github.com/spf13/cobra"

	"securepush/api"
	"securepush/backend"
	"securepush/backend/store"
)

// readyPrefix begins the line that serve prints when it accepts connections; scripts wait for it.
const readyPrefix = "Listening on "

func (p *program) serve() *cobra.Command {
	var o backend.ServeOptions
	var publicURL, pushService, hub, tags, config string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the back end: accounts, notifications, hub and push service in one process",
		Long: "Run the back end. Everything it knows is in one folder. Plain HTTP is for this machine only; for others give it a\n" +
			"certificate, or put it behind a proxy that does TLS and name the address with --public-url.\n\n" +
			"Every flag can also be given in the environment (SECUREPUSH_LISTEN for --listen) or in a TOML file (listen = \"…\").",
		Example: "  securepush serve --data /var/lib/securepush --listen :443 --tls-cert cert.pem --tls-key key.pem\n" +
			"  securepush serve --data /var/lib/securepush --public-url https://push.example.org   # behind a proxy",
		Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			onCommandLine := cmd.Flags().Changed("hub")
			if err := fillFlags(cmd.LocalFlags(), p.Getenv, config); err != nil {
				return err
			}
			var err error
			if o.Config.PublicURL, err = serverURL("public-url", publicURL); err != nil {
				return err
			}
			if o.Config.PushService, err = serverURL("push-service", pushService); err != nil {
				return err
			}
			o.Config.Hub = api.NewSecret(hub)
			if tags != "" {
				if o.Config.Tags, err = regexp.Compile(tags); err != nil {
					return usage("--tags is not a regular expression: %v", err)
				}
			}
			o.Config.Version, o.Config.Logger = p.Version, p.logger("info")
			if onCommandLine {
				o.Config.Logger.Warn("the hub's key stands on the command line, where every user of this machine can read it; use SECUREPUSH_HUB or the TOML file")
			}
			o.Ready = func(r backend.Ready) {
				_ = p.write(map[string]string{"listening": r.Addr.String(), "url": r.PublicURL.String()}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "%s%s\n", readyPrefix, r.PublicURL)
					return err
				})
			}
			return operatorWords(backend.Serve(cmd.Context(), o))
		},
	}
	f := c.Flags()
	f.StringVar(&o.Listen, "listen", backend.DefaultListen, "address to listen on")
	f.StringVar(&publicURL, "public-url", "", "address under which devices and senders reach the server")
	f.StringVar(&pushService, "push-service", "", "another push service for the devices (default: the one in this process)")
	f.StringVar(&hub, "hub", "", "connection string of another notification hub, such as Azure's; it holds a key, so give it in the\n"+
		"environment or the TOML file, where other users of this machine do not see it (default: the one in this process)")
	f.StringVar(&o.Config.HubName, "hub-name", "", "name of the notification hub; the embedded one is at this path (default: securepush)")
	f.StringVar(&o.Config.DataDir, "data", "", "folder of the data")
	f.StringVar(&o.Config.Database, "database", "", "database, as sqlite:PATH (default: in the folder of the data)")
	f.StringVar(&o.Config.Name, "name", "", "name of the organisation, shown to people (default: SecurePush)")
	f.StringVar(&tags, "tags", "", "regular expression of the tags that a device may ask for (default: ^topic:); whoever may\n"+
		"ask for a tag gets what is sent to it")
	f.StringVar(&o.TLSCert, "tls-cert", "", "certificate with its chain, PEM; read again when it changes")
	f.StringVar(&o.TLSKey, "tls-key", "", "key of the certificate, PEM")
	f.StringVar(&config, "config", "", "TOML file with these settings")
	return c
}

// serverURL reads an address that may be missing. WebSocket schemes count as their HTTP ones.
func serverURL(flag, s string) (*url.URL, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // an address that was not given is no error
	}
	plain := s
	for from, to := range map[string]string{"wss://": "https://", "ws://": "http://"} {
		if len(s) > len(from) && s[:len(from)] == from {
			plain = to + s[len(from):]
		}
	}
	if _, err := api.ParseServer(plain); err != nil {
		return nil, usage("--%s: %s", flag, api.Words(err))
	}
	return url.Parse(s)
}

// operatorWords gives the failures of the storage the sentence for whoever runs the server.
func operatorWords(err error) error {
	if f, ok := errors.AsType[*store.Failure](err); ok {
		return api.NewProblem(api.CodeUnavailable, f.Words).Because(err)
	}
	return err
}
