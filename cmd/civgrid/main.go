// Command civgrid turns complaints, inspections and resources of a city into
// compliance, hot spot and response time layers by hexagon and by community.
//
// Run civgrid demo for a city to look at, and civgrid help for the rest.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones on machines without a zone database
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := newProgram(os.Stdout, os.Stderr)
	os.Exit(p.run(ctx, os.Args[1:]))
}
