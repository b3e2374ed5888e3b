package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/api/auth"
	"github.com/civgrid/civgrid/api/server"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/photos"
)

// The claims of tokens that say what callers may do, unless set otherwise.
const (
	defaultRoleClaim        = "civgrid_role"
	defaultCommunitiesClaim = "civgrid_communities"
)

// identityFlags are those by which callers can say who they are.
func identityFlags(cmd *cobra.Command) {
	cmd.Flags().Bool("private", false, "show nothing to those without a key or token")
	cmd.Flags().Bool("write", false, "let inspectors record incidents and inspections, and planners import files, by their keys")
	cmd.Flags().String("photos", "", "folder of the photos of inspectors (default: beside the file of the store; none for a database)")
	cmd.Flags().String("audit", "", "file to append a line of JSON to for each request of a caller with a key or token, and for each refused (default: none)")
	cmd.Flags().Bool("query-keys", false, "take keys as ?api_key= too, for programs that send nothing but addresses; logs and bookmarks keep them")
	cmd.Flags().String("oidc-issuer", "", "address of the OpenID Connect provider whose tokens are believed (default: none)")
	cmd.Flags().String("oidc-audience", "", "audience that tokens must be for")
	cmd.Flags().String("oidc-role-claim", defaultRoleClaim, "claim that holds the role: reader, inspector, planner or admin")
	cmd.Flags().String("oidc-communities-claim", defaultCommunitiesClaim, "claim that holds the codes of the communities that are shown; * for the whole city")
}

// photos returns where the photos of inspectors are kept: beside the file of a store unless
// a folder is named; nil where they are not.
func (p *program) photos() *photos.Folder {
	store, dir := p.config.get("store"), p.config.get("photos")
	if dir == "" && store != "memory:" && addressPrefix(store) == "" {
		dir = store + ".photos"
	}
	if dir == "" || p.config.get("write") != "true" {
		return nil
	}
	return photos.In(dir)
}

// doorkeeper returns what finds out who asks, by the settings.
func (p *program) doorkeeper(store data.Store) (*auth.Doorkeeper, error) {
	d, err := auth.New(auth.Options{
		Catalog: store, QueryKeys: p.config.get("query-keys") == "true", Now: p.now,
		Issuer: auth.Issuer{
			URL: p.config.get("oidc-issuer"), Audience: p.config.get("oidc-audience"),
			RoleClaim: p.config.get("oidc-role-claim"), CommunitiesClaim: p.config.get("oidc-communities-claim"),
		},
	})
	if err != nil {
		return nil, usageError(err)
	}
	return d, nil
}

// openAudit opens the audit log of the settings. Who may read it knows who asked for
// what, so a new file is for its owner alone.
func (p *program) openAudit() (*server.Audit, io.Closer, error) {
	path := p.config.get("audit")
	if path == "" {
		return nil, io.NopCloser(nil), nil
	}
	torn, err := endsTorn(path)
	if err != nil {
		return nil, nil, &codedError{code: exitFailure, err: fmt.Errorf("read the end of the audit log: %w", err)}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, &codedError{code: exitFailure, err: fmt.Errorf("open the audit log: %w", err), hint: "--audit names a file that can be appended to"}
	}
	return server.NewAudit(file, torn), file, nil
}

// endsTorn reports whether a file ends within a line, as one does that the disk had no
// room for the rest of. What is no file, or one that cannot be read, does not: a pipe is
// never opened for reading, or its writer would not hear that its reader has gone.
func endsTorn(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false, nil
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	var last [1]byte
	_, err = file.ReadAt(last[:], info.Size()-1)
	return last[0] != '\n', err
}
