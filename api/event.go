package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// The timing of streams of events: they tell of a change within a look of it, and a
// heartbeat keeps proxies from taking silence for a dead connection.
const (
	LookEvery = time.Second
	Heartbeat = 15 * time.Second
)

// An Event says that something happened (CloudEvents 1.0.2, JSON event format).
type Event struct {
	SpecVersion string `json:"specversion"`
	ID          string `json:"id"`
	Source      string `json:"source"`
	Type        string `json:"type"`
	Subject     string `json:"subject,omitempty"`
	Time        string `json:"time"`
	ContentType string `json:"datacontenttype"`
	Data        any    `json:"data"`
}

// NewEvent returns an event of a type that is told at a moment.
func NewEvent(id, source, kind string, at time.Time, data any) Event {
	return Event{SpecVersion: "1.0", ID: id, Source: source, Type: kind, Time: at.UTC().Format(time.RFC3339), ContentType: string(JSON), Data: data}
}

// BeginEvents sets the header of a stream of events.
func BeginEvents(h http.Header) {
	h.Set("Content-Type", string(EventStream))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // which proxies take as a wish not to wait for more
}

// WriteEvent writes an event as a server-sent one (HTML Living Standard, section 9.2).
// The client goes on after the last id that it was given; "" gives none.
func WriteEvent(w io.Writer, id string, e Event) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if id != "" {
		id = "id: " + id + "\n"
	}
	_, err = fmt.Fprintf(w, "%sdata: %s\n\n", id, text)
	return err
}
