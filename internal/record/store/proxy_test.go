package store

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// proxy stands between a node and its server. Armed, it lets the next COMMIT
// through and cuts the connection instead of passing the answer on.
type proxy struct {
	url   string
	armed atomic.Bool
}

func newProxy(t *testing.T, database string) *proxy {
	t.Helper()
	c, err := pgx.ParseConfig(database)
	must(t, err)
	dir, err := os.MkdirTemp("/tmp", "agm-proxy-") // short: it holds a socket
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	network, address := "tcp", net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))
	if strings.HasPrefix(c.Host, "/") {
		network, address = "unix", filepath.Join(c.Host, ".s.PGSQL."+strconv.Itoa(int(c.Port)))
	}
	p := &proxy{}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(c.User, c.Password), Path: "/" + c.Database, RawQuery: "sslmode=disable&host=" + dir}
	p.url = u.String()
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return // closed at the end of the test
			}
			server, err := net.Dial(network, address)
			if err != nil {
				t.Error(err)
				return
			}
			go p.carry(client, server)
		}
	}()
	return p
}

// carry copies both ways until one side ends.
func (p *proxy) carry(client, server net.Conn) {
	var cut atomic.Bool
	go func() {
		defer server.Close()
		buf := make([]byte, 1<<16)
		for {
			n, err := client.Read(buf)
			if bytes.Contains(buf[:n], []byte("COMMIT")) && p.armed.CompareAndSwap(true, false) {
				cut.Store(true)
			}
			if _, wrote := server.Write(buf[:n]); err != nil || wrote != nil {
				return
			}
		}
	}()
	defer client.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := server.Read(buf)
		if cut.Load() || err != nil {
			return // the answer is here, so the server has done it
		}
		if _, err := io.Copy(client, bytes.NewReader(buf[:n])); err != nil {
			return
		}
	}
}
