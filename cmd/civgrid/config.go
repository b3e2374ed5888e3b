package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/civgrid/civgrid/api/server"
)

// envPrefix begins the names of environment variables: CIVGRID_STORE and so on.
const envPrefix = "CIVGRID_"

// A setting is a value and where it came from.
type setting struct {
	value, origin string
}

// A config holds the settings of a run: flag before environment before file
// before default.
type config map[string]setting

func (c config) get(name string) string { return c[name].value }

// show returns a value as it may be printed: no secret, an address without its
// password, and that of a webhook, which may be all there is to know, without its
// path.
func (c config) show(name string) string {
	value := c[name].value
	switch name {
	case "webhook-secret":
		return strings.Repeat("…", min(len(value), 1))
	case "webhook":
		if to, err := url.Parse(value); err == nil && to.Host != "" {
			return addressOf(to) + "/…"
		}
		return strings.Repeat("…", min(len(value), 1))
	}
	if !strings.Contains(value, "://") {
		if prefix := addressPrefix(value); prefix != "" {
			return prefix + "…"
		}
		return value
	}
	address, err := url.Parse(value)
	if err != nil {
		return value[:strings.Index(value, "://")+3] + "…"
	}
	query := address.Query()
	for _, name := range []string{"password", "sslpassword"} {
		if query.Has(name) {
			query.Set(name, "xxxxx")
			address.RawQuery = query.Encode()
		}
	}
	return address.Redacted()
}

// settable are the settings that a file or the environment can give.
func settable() []string {
	return []string{
		"addr", "audit", "base-url", "columns", "external-links", "log-format", "log-level", "max-connections", "min-count", "oidc-audience",
		"oidc-communities-claim", "oidc-issuer", "oidc-role-claim", "ops", "photos", "private", "progress", "query-keys", "rate", "secret-file",
		"store", "tls", "trust-proxy", "webhook", "webhook-secret", "webhook-secret-file", "write",
	}
}

// configure reads the settings for a command.
func (p *program) configure(cmd *cobra.Command) error {
	p.config = config{}
	files, err := readSettings(cmd.Flags())
	if err != nil {
		return usageError(err)
	}
	for _, name := range settable() {
		flag := cmd.Flags().Lookup(name)
		env := envPrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		switch {
		case flag != nil && flag.Changed:
			p.config[name] = setting{flag.Value.String(), "flag --" + name}
		case os.Getenv(env) != "":
			p.config[name] = setting{os.Getenv(env), "environment " + env}
		default:
			p.config[name] = settled(name, flag, files)
		}
		if known := choices()[name]; known != nil && !slices.Contains(known, p.config.get(name)) {
			return usageError(fmt.Errorf("%s %q (%s): want one of %s", name, p.config.get(name), p.config[name].origin, strings.Join(known, ", ")))
		}
	}
	if _, err := parseConnections(p.config.get("max-connections")); err != nil {
		return usageError(fmt.Errorf("%w (%s)", err, p.config["max-connections"].origin))
	}
	if _, err := server.ParseRate(p.config.get("rate")); err != nil {
		return usageError(fmt.Errorf("%w (%s)", err, p.config["rate"].origin))
	}
	if _, err := parseMinCount(p.config.get("min-count")); err != nil {
		return usageError(fmt.Errorf("%w (%s)", err, p.config["min-count"].origin))
	}
	return nil
}

// choices are the values of settings that take one of a few.
func choices() map[string][]string {
	return map[string][]string{
		"external-links": {"true", "false"},
		"log-format":     {"text", "json"},
		"log-level":      {"debug", "info", "warn", "error"},
		"progress":       {"auto", "bar", "plain", "json", "none"},
		"private":        {"true", "false"},
		"query-keys":     {"true", "false"},
		"trust-proxy":    {"true", "false"},
		"write":          {"true", "false"},
	}
}

// defaults of settings that are flags of some commands only.
func defaults() map[string]string {
	return map[string]string{
		"addr": defaultAddr, "external-links": "true", "max-connections": defaultConnections, "private": "false", "query-keys": "false", "trust-proxy": "false", "write": "false",
		"oidc-role-claim": defaultRoleClaim, "oidc-communities-claim": defaultCommunitiesClaim,
	}
}

// settled returns a setting that neither a flag nor the environment gives: that
// of the first file that does, else the default.
func settled(name string, flag *pflag.Flag, files []settingsFile) setting {
	for _, f := range files {
		if f.values.Exists(name) {
			return setting{f.values.String(name), "file " + f.path}
		}
	}
	if flag != nil {
		return setting{flag.DefValue, "default"}
	}
	return setting{defaults()[name], "default"}
}

// settingsName is the name of settings files.
const settingsName = "civgrid.yaml"

// A settingsFile is a file of settings that was read.
type settingsFile struct {
	path   string
	values *koanf.Koanf
}

// readSettings reads the files of settings that there are: the one of --config,
// which has to be there, the one in this folder, and the user's. What stands in
// an earlier one counts. Names that do not exist are errors.
func readSettings(flags *pflag.FlagSet) ([]settingsFile, error) {
	asked, err := flags.GetString("config")
	if err != nil {
		return nil, err
	}
	var files []settingsFile
	for i, path := range []string{asked, settingsName, userSettings()} {
		if path == "" {
			continue
		}
		values := koanf.New("\x00") // names hold no separator
		err := values.Load(file.Provider(path), yaml.Parser())
		if errors.Is(err, fs.ErrNotExist) && i > 0 {
			continue
		}
		if err == nil {
			err = checkSettings(values)
		}
		if err != nil {
			return nil, fmt.Errorf("settings %s: %w", path, err)
		}
		files = append(files, settingsFile{path, values})
	}
	return files, nil
}

// userSettings returns the path of the user's own settings, "" where users have
// no folder for them.
func userSettings() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "civgrid", settingsName)
}

func checkSettings(values *koanf.Koanf) error {
	for _, name := range values.Keys() {
		if !slices.Contains(settable(), name) {
			hint := didYouMean(name, settable())
			if hint == "" {
				hint = "; there are " + strings.Join(settable(), ", ")
			}
			return fmt.Errorf("%q is no setting%s", name, hint)
		}
	}
	return nil
}

func (p *program) configCommand() *cobra.Command {
	cmd := p.group(&cobra.Command{
		Use: "config", Short: "Show the settings, and where each comes from",
		Example: "  civgrid config show --origin\n" +
			"  civgrid config show --config town.yaml",
	})
	var origin bool
	show := &cobra.Command{
		Use: "show", Short: "Print the settings in force", Args: noArgs,
		Long: "What comes first counts:\n\n" +
			"  a flag             --store city.gpkg\n" +
			"  the environment    CIVGRID_STORE=city.gpkg\n" +
			"  the file of        --config town.yaml\n" +
			"  this folder's      civgrid.yaml\n" +
			"  the user's         civgrid/civgrid.yaml in the folder of users' settings\n" +
			"  the default\n\n" +
			"Secrets are read from the environment or a file and have no flag, since other\n" +
			"users see those; they are not shown. civgrid init writes a file that says what\n" +
			"each setting means.",
		Example: "  civgrid config show --origin     each with where it comes from\n" +
			"  civgrid config show --json",
		RunE: func(*cobra.Command, []string) error {
			p.showConfig(origin)
			return nil
		},
	}
	show.Flags().BoolVar(&origin, "origin", false, "tell where each comes from")
	cmd.AddCommand(show)
	return cmd
}

func (p *program) showConfig(origin bool) {
	names := make([]string, 0, len(p.config))
	for name := range p.config {
		names = append(names, name)
	}
	sort.Strings(names)
	if p.json {
		shown := map[string]map[string]string{}
		for _, name := range names {
			shown[name] = map[string]string{"value": p.config.show(name), "origin": p.config[name].origin}
		}
		p.answer(shown)
		return
	}
	for _, name := range names {
		line := fmt.Sprintf("%-22s %s", name, p.config.show(name))
		if origin {
			line = fmt.Sprintf("%-52s # %s", line, p.config[name].origin)
		}
		p.say("%s", strings.TrimRight(line, " "))
	}
}
