package postgis_test

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// startPooler starts a proxy that gives a client another connection to the
// server for each transaction, as pgbouncer does with pool_mode = transaction,
// and returns its address.
func startPooler(t *testing.T, server string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go poolOne(client, server)
		}
	}()
	return listener.Addr().String()
}

// poolOne serves one client with two connections in turn, until either side
// has had enough.
func poolOne(client net.Conn, server string) {
	defer client.Close()
	startup := make([]byte, 4)
	if _, err := io.ReadFull(client, startup); err != nil {
		return
	}
	startup = append(startup, make([]byte, binary.BigEndian.Uint32(startup)-4)...)
	if _, err := io.ReadFull(client, startup[4:]); err != nil {
		return
	}
	var backends [2]net.Conn
	for i, to := range []io.Writer{client, io.Discard} {
		backend, err := net.Dial("tcp", server)
		if err != nil {
			return
		}
		defer backend.Close()
		backends[i] = backend
		if _, err := backend.Write(startup); err != nil {
			return
		}
		if _, err := answer(to, backend); err != nil {
			return
		}
	}
	for turn := 0; ; {
		kind, message, err := message(client)
		if err != nil {
			return
		}
		if _, err := backends[turn].Write(message); err != nil {
			return
		}
		if kind != 'Q' && kind != 'S' { // only Query and Sync are answered to the end
			continue
		}
		idle, err := answer(client, backends[turn])
		if err != nil {
			return
		}
		if idle {
			turn = 1 - turn
		}
	}
}

// answer passes messages on up to ReadyForQuery, and says whether that ends a
// transaction.
func answer(to io.Writer, from io.Reader) (idle bool, err error) {
	for {
		kind, message, err := message(from)
		if err != nil {
			return false, err
		}
		if _, err := to.Write(message); err != nil {
			return false, err
		}
		if kind == 'Z' {
			return message[5] == 'I', nil
		}
	}
}

// message reads one message: its kind, its length and the rest.
func message(from io.Reader) (kind byte, whole []byte, err error) {
	whole = make([]byte, 5)
	if _, err := io.ReadFull(from, whole); err != nil {
		return 0, nil, err
	}
	whole = append(whole, make([]byte, binary.BigEndian.Uint32(whole[1:])-4)...)
	_, err = io.ReadFull(from, whole[5:])
	return whole[0], whole, err
}

func TestInspectFindsAPoolerThatChangesConnections(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	openClosed(t, url, postgis.Options{})
	pooled := strings.Replace(url, server.Address(), startPooler(t, server.Address()), 1)
	wantFinding(t, inspect(t, pooled), "pooling", postgis.Problem, "another connection")
}
