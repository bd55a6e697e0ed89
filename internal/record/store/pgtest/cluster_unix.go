//go:build unix

package pgtest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// cluster is one running server with its folder.
type cluster struct {
	bin, dir, url string
	as            *syscall.SysProcAttr
	line          io.Closer // when it closes, the watchdog stops the server and removes the folder
	watchdog      *exec.Cmd
}

// options of the server: nothing here has to survive the machine.
const options = "-c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=150 -c shared_buffers=32MB -c autovacuum=off -c max_wal_size=256MB"

// watch waits until its input ends, which is when the test process is gone.
const watch = `read -r line; "$0/pg_ctl" -D "$1/data" -m immediate stop; rm -rf "$1"`

// begin makes a cluster and starts it.
func begin() (*cluster, error) {
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return nil, err
	}
	if len(bins) == 0 {
		return nil, errNone
	}
	slices.SortFunc(bins, func(a, b string) int { return major(a) - major(b) })
	c := &cluster{bin: bins[len(bins)-1]}
	if c.dir, err = os.MkdirTemp("/tmp", "agm-pg-"); err != nil { // short: it holds a socket
		return nil, err
	}
	c.url = "postgres://postgres@/postgres?sslmode=disable&host=" + c.dir
	if err := c.become(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	c.watchdog = c.command("/bin/sh", "-c", watch, c.bin, c.dir)
	line, err := c.watchdog.StdinPipe()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	if err := c.watchdog.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	c.line = line
	if err := c.run("initdb", "-D", c.dir+"/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", "--no-instructions", "--wal-segsize=1"); err != nil {
		return nil, errors.Join(err, c.end())
	}
	if err := c.start(); err != nil {
		return nil, errors.Join(err, c.end())
	}
	return c, nil
}

// major is the version in a path /usr/lib/postgresql/15/bin.
func major(bin string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	if err != nil {
		return 0 // not a version: taken last
	}
	return n
}

// become prepares to run as somebody else than root, as whom PostgreSQL does
// not run.
func (c *cluster) become() error {
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
	return os.Chown(c.dir, int(uid), int(gid))
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = c.as
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	return cmd
}

func (c *cluster) run(program string, args ...string) error {
	// Into a file, because the server keeps what it inherits open.
	out, err := os.OpenFile(c.dir+"/out", os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	cmd := c.command(filepath.Join(c.bin, program), args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(c.dir + "/out") //nolint: the run's error is the one that counts
		return errors.Join(fmt.Errorf("%s: %w: %s", program, err, said), out.Close())
	}
	return out.Close()
}

func (c *cluster) start() error {
	return c.run("pg_ctl", "-D", c.dir+"/data", "-l", c.dir+"/log", "-w", "-t", "30", "-o", options+" -k "+c.dir, "start")
}

func (c *cluster) stop() error {
	return c.run("pg_ctl", "-D", c.dir+"/data", "-m", "immediate", "-w", "stop")
}

// end stops the server and removes the folder.
func (c *cluster) end() error {
	err := c.line.Close()
	if waited := c.watchdog.Wait(); waited != nil {
		err = errors.Join(err, fmt.Errorf("stop PostgreSQL: %w", waited))
	}
	return err
}
