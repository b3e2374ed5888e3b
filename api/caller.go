package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// A Role says what a caller may do.
type Role string

// The roles. Whoever says nothing about themselves is Anonymous.
const (
	Anonymous Role = ""          // sees what is public
	Reader    Role = "reader"    // sees incidents and inspections as well, without personal data
	Inspector Role = "inspector" // sees them whole, and records them
	Planner   Role = "planner"   // sees them whole, runs long computations, imports files
	Admin     Role = "admin"     // may do all of this
)

// Roles returns the roles that can be given to somebody.
func Roles() []Role { return []Role{Reader, Inspector, Planner, Admin} }

// ParseRole reads a role by its name.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	return Anonymous, fmt.Errorf("role %q: want reader, inspector, planner or admin", s)
}

// A Right is one thing that a role lets a caller do.
type Right string

// The rights.
const (
	ReadFacts    Right = "read incidents and inspections"
	ReadPersonal Right = "read personal data"
	WriteFacts   Right = "record incidents and inspections"
	RunProcesses Right = "run processes"
	ImportFiles  Right = "import files"
)

// May reports whether the role has a right.
func (r Role) May(right Right) bool {
	switch right {
	case ReadFacts:
		return r != Anonymous
	case ReadPersonal:
		return r == Inspector || r == Planner || r == Admin
	case WriteFacts:
		return r == Inspector || r == Admin
	case RunProcesses, ImportFiles:
		return r == Planner || r == Admin
	}
	panic("BUG: no right to " + string(right))
}

// Denied says that a role has none of some rights, and which roles have one.
func Denied(role Role, rights ...Right) *Problem {
	var deeds, roles []string
	for _, right := range rights {
		deeds = append(deeds, string(right))
	}
	for _, r := range Roles() {
		if slices.ContainsFunc(rights, r.May) {
			roles = append(roles, string(r))
		}
	}
	deed, who := strings.Join(deeds, " or "), strings.Join(roles, " or ")
	if role == Anonymous {
		return NewProblem("unauthorized", "To "+deed+" show a key or token of the role "+who+".")
	}
	return NewProblem("forbidden", "To "+deed+" takes the role "+who+"; yours is "+string(role)+".")
}

// A Scope is the part of the city that a caller may see: the communities of these
// codes with all that lies in them. The empty Scope is the whole city. Codes are
// ascending and there is each once.
type Scope []string

// ScopeOf returns the scope of some communities, in any order; none means the whole
// city.
func ScopeOf(communities []string) Scope {
	codes := slices.Clone(communities)
	slices.Sort(codes)
	return slices.Compact(codes)
}

// String returns the codes with commas between them.
func (s Scope) String() string { return strings.Join(s, ",") }

// A Caller is who asks. The zero Caller is anonymous and sees what is public of the
// whole city.
type Caller struct {
	// ID tells one caller from another, such as "key:3f9a" or "oidc:https://id.example/#42".
	ID string
	// Name is what people call them, "" for unknown.
	Name  string
	Role  Role
	Scope Scope
}

type callerKey struct{}

// WithCaller returns a context of a request that the caller makes.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf returns who makes the request of a context: the anonymous caller where
// nobody said.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}
