package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"
)

// fillFlags gives every flag that was not set on the command line its value from the environment (SECUREPUSH_LISTEN for
// --listen), or else from a TOML file (listen = "…").
func fillFlags(flags *pflag.FlagSet, getenv func(string) string, file string) error {
	table := map[string]any{}
	if file != "" {
		b, err := os.ReadFile(file) //nolint:gosec // the operator names the file
		if err != nil {
			return usage("the configuration cannot be read: %v", err)
		}
		if err := toml.Unmarshal(b, &table); err != nil {
			return usage("the configuration %s is not TOML: %v", file, err)
		}
		for name := range table {
			if flags.Lookup(name) == nil {
				return usage("the configuration %s has an unknown key: %s", file, name)
			}
		}
	}
	var firstErr error
	flags.VisitAll(func(f *pflag.Flag) {
		value, from := getenv(variable(f.Name)), variable(f.Name)
		if value == "" {
			if v, ok := table[f.Name]; ok {
				value, from = fmt.Sprint(v), file
			}
		}
		if f.Changed || value == "" || firstErr != nil {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			firstErr = usage("%s: %v", from, err)
		}
	})
	return firstErr
}

func variable(flag string) string {
	return "SECUREPUSH_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
