package org_test

import (
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// cable is the network between one node and its database; cut ends every
// connection and lets none through any more, as when a machine dies.
type cable struct {
	url string

	mu    sync.Mutex
	dead  bool
	conns []net.Conn
}

func newCable(t testing.TB, database string) *cable {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	network, address := "tcp", u.Host
	q := u.Query()
	if dir := q.Get("host"); dir != "" {
		port := q.Get("port")
		if port == "" {
			port = "5432"
		}
		network, address = "unix", dir+"/.s.PGSQL."+port
		if !strings.HasPrefix(dir, "/") {
			network, address = "tcp", net.JoinHostPort(dir, port)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	q.Del("host")
	q.Del("port")
	q.Set("sslmode", "disable")
	u.Host, u.RawQuery = l.Addr().String(), q.Encode()
	c := &cable{url: u.String()}
	var carrying sync.WaitGroup
	t.Cleanup(func() {
		c.cut()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		carrying.Wait()
	})
	carrying.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return // closed at the end of the test
			}
			far, err := net.Dial(network, address)
			if err != nil {
				t.Error(err)
				_ = near.Close() // the error is reported
				return
			}
			if !c.holds(near, far) {
				continue
			}
			for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
				carrying.Go(func() {
					_, _ = io.Copy(pair[0], pair[1])        // ends when either side does
					_, _ = pair[0].Close(), pair[1].Close() // whoever comes second finds them closed
				})
			}
		}
	})
	return c
}

// holds remembers a connection, or closes it when the cable is cut.
func (c *cable) holds(pair ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns = append(c.conns, pair...)
	if c.dead {
		c.drop()
	}
	return !c.dead
}

func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = true
	c.drop()
}

// mend lets connections through again.
func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = false
}

func (c *cable) drop() {
	for _, conn := range c.conns {
		_ = conn.Close() // it may be closed already
	}
	c.conns = nil
}
