package jobs_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/jobs"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/sample"
)

const base = "https://maps.example.org"

// callers are who the header field X-Test-Caller names.
var callers = map[string]api.Caller{
	"ada":   {ID: "key:ada", Role: api.Planner},
	"bob":   {ID: "key:bob", Role: api.Planner},
	"rita":  {ID: "key:rita", Role: api.Reader},
	"chief": {ID: "key:chief", Role: api.Admin},
	"east":  {ID: "key:east", Role: api.Planner, Scope: api.Scope{"459902"}},
}

// A house is a service of processes and imports, and its store.
type house struct {
	http.Handler
	store  data.Store
	runner *jobs.Runner
}

// present is the time of these tests: after the year of the sample city.
func present() time.Time { return time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC) }

// open opens a service over a store. Its jobs have to end with the test.
func open(t testing.TB, store data.Store, change func(*jobs.Options)) house {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(func(c *gin.Context) {
		caller := callers[c.GetHeader("X-Test-Caller")]
		c.Request = c.Request.WithContext(api.WithCaller(c.Request.Context(), caller))
	})
	runner := jobs.NewRunner(jobs.Limits{}, time.Now, nil)
	o := jobs.Options{
		Engine: engine.New(store, engine.Options{Now: present, Public: true}), Analyses: engine.Analyses(), Store: store,
		Base: func(*http.Request) string { return base }, Version: "1.2.3", Now: present,
		Upload: jobs.UploadLimits{Folder: t.TempDir()},
	}
	if change != nil {
		change(&o)
	}
	jobs.Register(router, runner, o)
	t.Cleanup(func() {
		if err := runner.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return house{router, store, runner}
}

// city returns a store with the districts and streets of the sample city and what
// its portal received. It is made once, and is not written to.
var city = sync.OnceValue(func() data.Store {
	store := memory.New()
	for _, f := range sample.New(1).Files() {
		var err error
		in := ingest.Bytes(f.Name, f.Bytes())
		switch f.Name {
		case "district.geojson", "street.geojson":
			_, err = ingest.Boundaries(context.Background(), store, in, ingest.BoundaryOptions{Level: f.Level, Now: present()}, nil)
		case "311-requests.csv":
			_, err = ingest.Import(context.Background(), store, in, ingest.Options{
				Dataset: data.Incidents, Now: present(), Mapping: ingest.Mapping{Source: f.Source, Zone: f.Zone, Map: f.Mapping},
			}, nil)
		}
		if err != nil {
			panic(err)
		}
	}
	return store
})

// answer is what tests look at in a response.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask makes a request as a caller; header fields come as name and value.
func (h house) ask(caller, method, target, body string, fields ...string) answer {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("X-Test-Caller", caller)
	for i := 0; i+1 < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	got, _ := io.ReadAll(w.Result().Body)
	return answer{w.Code, w.Result().Header, string(got)}
}

// read reads the JSON of an answer that must have a status.
func read[T any](t testing.TB, a answer, status int) T {
	t.Helper()
	var v T
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	return v
}

// jobDoc is a job as it is told.
type jobDoc struct {
	ProcessID, Type, JobID, Status, Message string
	Progress                                int
	Created, Started, Finished, Updated     time.Time
	Links                                   []api.Link
}

func (j jobDoc) link(rel string) string { return linkOf(j.Links, rel) }

func linkOf(links []api.Link, rel string) string {
	for _, l := range links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

// end waits for the end of a job.
func (h house) end(t testing.TB, caller, id string) jobDoc {
	t.Helper()
	for range 30_000 {
		j := read[jobDoc](t, h.ask(caller, "GET", "/jobs/"+id, ""), 200)
		if j.Status != "accepted" && j.Status != "running" {
			return j
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("the job does not end")
	return jobDoc{}
}

// problem is a problem as it is told.
type problem struct {
	Type, Title, Detail string
	Status              int
	Errors              []api.Fault
}

// slow is an engine that computes until it is told to stop.
type slow struct{ begun chan struct{} }

func (s slow) Params(context.Context, analytics.Analysis) ([]analytics.Param, error) { return nil, nil }

func (s slow) Run(ctx context.Context, _ string, _ map[string]string) (*analytics.Layer, error) {
	s.begun <- struct{}{}
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestARunTellsItsProgressAndEndsWhenDismissed: of the real engine, which leaves no
// goroutine behind.
func TestARunTellsItsProgressAndEndsWhenDismissed(t *testing.T) {
	h := open(t, city(), nil)
	before := runtime.NumGoroutine()
	j := read[jobDoc](t, h.ask("ada", "POST", "/processes/clusters/execution", `{"inputs": {"simulations": 99999, "res": 8}}`, "Prefer", "respond-async"), 201)
	for j.Progress == 0 {
		if j.Status != "accepted" && j.Status != "running" {
			t.Fatalf("the job is %+v before it told any progress", j)
		}
		time.Sleep(time.Millisecond)
		j = read[jobDoc](t, h.ask("ada", "GET", "/jobs/"+j.JobID, ""), 200)
	}
	if j.Message == "" || j.Progress > 99 {
		t.Errorf("the job under way: %+v", j)
	}
	h.ask("ada", "DELETE", "/jobs/"+j.JobID, "")
	began := time.Now()
	for runtime.NumGoroutine() > before {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("%d goroutines, %d before the job", runtime.NumGoroutine(), before)
		}
		time.Sleep(time.Millisecond)
	}
}
