package engine

import "context"

type progressKey struct{}

// WithProgress returns a context in which long work tells tell how far it is, in
// place of [Options].Progress: what is computed next, and how many of so many steps
// are done. So each of several runs of one engine has its own listener. It may be
// called from several goroutines at once.
func WithProgress(ctx context.Context, tell func(next string, done, of int)) context.Context {
	return context.WithValue(ctx, progressKey{}, tell)
}

// tell tells whoever listens to the work of a context how far it is.
func (e *Engine) tell(ctx context.Context, next string, done, of int) {
	listener := e.options.Progress
	if own, ok := ctx.Value(progressKey{}).(func(next string, done, of int)); ok {
		listener = own
	}
	if listener != nil {
		listener(next, done, of)
	}
}
