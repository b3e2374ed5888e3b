package jobs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/jobs"
	"github.com/civgrid/civgrid/data/memory"
)

// listen serves a house on a connection whose requests have to arrive within 300 ms
// unless their handler says otherwise.
func listen(t *testing.T, h house) net.Conn {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ReadTimeout = 300 * time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return connection
}

func head(path string, length int) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nX-Test-Caller: ada\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n", path, length)
}

// status reads the answer to a request.
func status(t *testing.T, c net.Conn) int {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestAFileMayTakeLongerThanOtherRequests(t *testing.T) {
	h := open(t, memory.New(), nil)
	c := listen(t, h)
	fmt.Fprint(c, head("/imports?dataset=incidents&source=x&dry-run=true", len(few)))
	for piece := range strings.SplitAfterSeq(few, "\n") {
		time.Sleep(150 * time.Millisecond)
		fmt.Fprint(c, piece)
	}
	if got := status(t, c); got != 201 {
		t.Errorf("a file that comes in 600 ms: %d", got)
	}
}

func TestAFileThatDoesNotComeIsGivenUp(t *testing.T) {
	h := open(t, memory.New(), func(o *jobs.Options) { o.Upload.Patience = 200 * time.Millisecond })
	c := listen(t, h)
	fmt.Fprint(c, head("/imports?dataset=incidents&source=x", len(few)), few[:20])
	began := time.Now()
	if got := status(t, c); got != 400 || time.Since(began) > 5*time.Second {
		t.Errorf("half a file: %d after %v, want 400 soon", got, time.Since(began))
	}
}

// naps is an engine that takes a while.
type naps struct{ ended chan error }

func (n naps) Params(context.Context, analytics.Analysis) ([]analytics.Param, error) { return nil, nil }

func (n naps) Run(ctx context.Context, _ string, _ map[string]string) (*analytics.Layer, error) {
	select {
	case <-time.After(900 * time.Millisecond):
		n.ended <- nil
		return nil, api.NewProblem("conflict", "That is all.")
	case <-ctx.Done():
		n.ended <- ctx.Err()
		return nil, ctx.Err()
	}
}

func TestAnExecutionMayTakeLongerThanItsRequest(t *testing.T) {
	engine := naps{make(chan error, 1)}
	h := open(t, memory.New(), func(o *jobs.Options) { o.Engine = engine })
	c := listen(t, h)
	fmt.Fprint(c, strings.Replace(head("/processes/density/execution", 2), "text/csv", "application/json", 1), "{}")
	if got, err := status(t, c), <-engine.ended; got != 409 || err != nil {
		t.Errorf("an execution of 900 ms: %d, %v", got, err)
	}
}

// TestWorkEndsWithItsClient: whoever waits for the answer and goes away wants it no
// more.
func TestWorkEndsWithItsClient(t *testing.T) {
	engine := slow{make(chan struct{}, 1)}
	h := open(t, memory.New(), func(o *jobs.Options) { o.Engine = engine })
	c := listen(t, h)
	fmt.Fprint(c, strings.Replace(head("/processes/density/execution", 2), "text/csv", "application/json", 1), "{}")
	<-engine.begun
	c.Close()
	grace, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := h.runner.Close(grace); errors.Is(err, context.DeadlineExceeded) {
		t.Error("the work goes on without its client")
	}
}
