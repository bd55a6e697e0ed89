//go:build linux

// Package cluster runs a PostgreSQL server of our own for measurements and
// faults: durable (fsync on, synchronous_commit on), on a loopback port, in a
// folder of the benchmark, from Debian's programs below /usr/lib/postgresql.
// It can be stopped in every way a server stops, and have a streaming standby
// that takes over.
package cluster

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Cluster is one server with its data folder.
type Cluster struct {
	Port int
	bin  string
	dir  string // holds data/, log
	host string // address it listens on
	as   *syscall.SysProcAttr
	net  string // network namespace; empty: the machine's own
}

// Options of a server. The zero value listens on a free loopback port.
type Options struct {
	Host      string // address to listen on; default 127.0.0.1
	Port      int    // default: a free one
	Namespace string // network namespace (ip netns) in which the server runs
}

// New initialises a server in a new folder below dir and starts it.
func New(dir string, o Options) (*Cluster, error) {
	c, err := prepare(dir, o)
	if err != nil {
		return nil, err
	}
	if err := c.Run("initdb", "-D", c.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions"); err != nil {
		return nil, err
	}
	// Every machine of the benchmark is this one.
	if err := c.write("data/pg_hba.conf", "local all all trust\nhost all all all trust\nhost replication all all trust\n"); err != nil {
		return nil, err
	}
	return c, c.Start()
}

// Standby copies a running server and streams from it, synchronously when the
// primary names it ("standby").
func (c *Cluster) Standby(dir string, o Options) (*Cluster, error) {
	s, err := prepare(dir, o)
	if err != nil {
		return nil, err
	}
	from := fmt.Sprintf("host=%s port=%d user=postgres application_name=standby", c.host, c.Port)
	if err := s.Run("pg_basebackup", "-d", from, "-D", s.data(), "-R", "-X", "stream", "-c", "fast"); err != nil {
		return nil, err
	}
	return s, s.Start()
}

// Promote makes a standby the primary.
func (c *Cluster) Promote() error { return c.Run("pg_ctl", "-D", c.data(), "-w", "promote") }

func prepare(dir string, o Options) (*Cluster, error) {
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return nil, err
	}
	if len(bins) == 0 {
		return nil, errors.New("PostgreSQL is not installed (Debian: postgresql)")
	}
	slices.Sort(bins)
	c := &Cluster{bin: bins[len(bins)-1], Port: o.Port, host: o.Host, net: o.Namespace}
	if c.host == "" {
		c.host = "127.0.0.1"
	}
	if c.Port == 0 {
		if c.Port, err = freePort(); err != nil {
			return nil, err
		}
	}
	if c.dir, err = os.MkdirTemp(dir, "pg-"); err != nil {
		return nil, err
	}
	return c, c.become()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// become prepares to run as somebody else than root, as whom PostgreSQL does
// not run. The folders above must let that user pass.
func (c *Cluster) become() error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return err
		}
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return err
	}
	c.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	for dir := filepath.Dir(c.dir); dir != "/" && dir != os.TempDir(); dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if err := os.Chmod(dir, info.Mode().Perm()|0o011); err != nil {
			return err
		}
	}
	return os.Chown(c.dir, int(uid), int(gid))
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// Dir is the data folder, for whoever damages files in it.
func (c *Cluster) Dir() string { return c.data() }

func (c *Cluster) write(name, content string) error {
	path := filepath.Join(c.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return err
	}
	if c.as == nil {
		return nil
	}
	return os.Chown(path, int(c.as.Credential.Uid), int(c.as.Credential.Gid))
}

// Run runs one of PostgreSQL's programs as the server's user and waits for it.
func (c *Cluster) Run(program string, args ...string) error {
	return c.run(filepath.Join(c.bin, program), args...)
}

func (c *Cluster) run(path string, args ...string) error {
	// Into a file, because a server keeps what it inherits open.
	out, err := os.CreateTemp("", "augenmass-pg-")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) //nolint:errcheck // scratch
	if c.net != "" {
		args = append([]string{"netns", "exec", c.net, "setpriv", "--reuid", c.userName(), "--regid", c.userName(), "--clear-groups", path}, args...)
		path = "/usr/sbin/ip"
		if _, err := os.Stat(path); err != nil {
			path = "ip"
		}
	}
	cmd := exec.Command(path, args...)
	if c.net == "" {
		cmd.SysProcAttr = c.as
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.dir, out, out
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	ran := cmd.Run()
	said, readErr := os.ReadFile(out.Name())
	if ran != nil {
		ran = fmt.Errorf("%s: %w: %s", filepath.Base(path), ran, said)
	}
	return errors.Join(ran, readErr, out.Close())
}

func (c *Cluster) userName() string {
	if c.as == nil {
		return "postgres"
	}
	return strconv.Itoa(int(c.as.Credential.Uid))
}

// URL is where programs reach the server.
func (c *Cluster) URL() string {
	return fmt.Sprintf("postgres://postgres@%s:%d/postgres?sslmode=disable", c.host, c.Port)
}

// Start starts the server and waits until it answers.
func (c *Cluster) Start() error {
	settings := fmt.Sprintf("-c listen_addresses=%s -p %d -k %s -c max_connections=200 -c wal_level=replica -c max_wal_senders=4", c.host, c.Port, c.dir)
	return c.Run("pg_ctl", "-D", c.data(), "-l", filepath.Join(c.dir, "log"), "-w", "-t", "60", "-o", settings, "start")
}

// Stop stops the server: "fast" ends sessions, "immediate" is like a crash of
// the server, from which it recovers at its next start.
func (c *Cluster) Stop(mode string) error {
	return c.Run("pg_ctl", "-D", c.data(), "-m", mode, "-w", "-t", "60", "stop")
}

// End stops the server and removes its folder.
func (c *Cluster) End() error {
	err := c.Stop("immediate")
	if err != nil && !c.Running() {
		err = nil
	}
	return errors.Join(err, os.RemoveAll(c.dir))
}

// Running reports whether the postmaster is there.
func (c *Cluster) Running() bool { _, err := c.postmaster(); return err == nil }

func (c *Cluster) postmaster() (int, error) {
	raw, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	return strconv.Atoi(first)
}

// tick is the unit of CPU times in /proc (USER_HZ, 100 on every Linux
// architecture that Go supports).
const tick = 10 * time.Millisecond

// CPU is the CPU time that the server and all its processes, past and present,
// have used.
func (c *Cluster) CPU() (time.Duration, error) {
	master, err := c.postmaster()
	if err != nil {
		return 0, err
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	var ticks int64
	for _, name := range stats {
		raw, err := os.ReadFile(name)
		if err != nil {
			continue // it ended meanwhile; its parent has its time
		}
		pid, parent, own, ended, ok := readStat(string(raw))
		switch {
		case !ok:
			return 0, fmt.Errorf("%s is not understood: %s", name, raw)
		case pid == master:
			ticks += own + ended
		case parent == master:
			ticks += own
		}
	}
	return time.Duration(ticks) * tick, nil
}

// readStat reads a line of /proc/<pid>/stat (proc(5)): the process, its parent,
// its CPU time and that of its ended children in ticks. The name in brackets
// may hold anything.
func readStat(line string) (pid, parent int, own, ended int64, ok bool) {
	open, end := strings.IndexByte(line, '('), strings.LastIndexByte(line, ')')
	if open < 0 || end < open {
		return
	}
	f := strings.Fields(line[end+1:])
	if len(f) < 15 {
		return
	}
	var err error
	if pid, err = strconv.Atoi(strings.TrimSpace(line[:open])); err != nil {
		return
	}
	if parent, err = strconv.Atoi(f[1]); err != nil {
		return
	}
	var t [4]int64
	for i := range t {
		if t[i], err = strconv.ParseInt(f[11+i], 10, 64); err != nil {
			return
		}
	}
	return pid, parent, t[0] + t[1], t[2] + t[3], true
}
