package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// childOf names the variable that turns this program into a server to be
// measured: a peer, or ourselves, in a process whose CPU time is its own.
const childOf = "AUGENMASS_BENCH_CHILD"

// children lists the servers. Each makes its handler from its arguments; what
// it returns besides is closed at the end.
var children = map[string]func(ctx context.Context, args []string) (http.Handler, io.Closer, error){
	"authzen": authzenServer,
	"keeper":  keeperServer,
	"library": libraryChild,
	"model":   modelServer,
	"node":    nodeServer,
	"noop":    noopServer,
	"opa":     opaServer,
	"soak":    soakCompany,
}

// child is a running server. It lives until its input closes, so that none
// outlives the benchmark that started it.
type child struct {
	url string
	pid int
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// startChild starts a server of the list and waits until it listens.
func startChild(ctx context.Context, name string, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), childOf+"="+name)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{pid: cmd.Process.Pid, cmd: cmd, in: in, out: bufio.NewScanner(out)}
	if c.url, err = c.line(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s did not start: %w", name, err), c.stop())
	}
	return c, nil
}

func (c *child) line() (string, error) {
	if !c.out.Scan() {
		return "", errors.Join(io.ErrUnexpectedEOF, c.out.Err())
	}
	return c.out.Text(), nil
}

// cpu is the CPU time the server has used so far.
func (c *child) cpu() (time.Duration, error) {
	if _, err := io.WriteString(c.in, "cpu\n"); err != nil {
		return 0, err
	}
	text, err := c.line()
	if err != nil {
		return 0, err
	}
	ns, err := strconv.ParseInt(text, 10, 64)
	return time.Duration(ns), err
}

// stop ends the server and waits for it.
func (c *child) stop() error { return errors.Join(c.in.Close(), c.cmd.Wait()) }

// serveChild is the other side: it listens on a free port of the loopback
// interface, prints the address, and answers questions until its input closes.
func serveChild(name string, args []string) (err error) {
	build, ok := children[name]
	if !ok {
		return errors.New("no such server")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	handler, closer, err := build(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	fmt.Println("http://" + l.Addr().String())
	asked := bufio.NewScanner(os.Stdin)
	var cpu profiling
	for asked.Scan() {
		answer, err := cpu.order(strings.TrimSpace(asked.Text()))
		if err != nil {
			return err
		}
		fmt.Println(answer)
	}
	err = srv.Close()
	if serr := <-ended; !errors.Is(serr, http.ErrServerClosed) {
		err = errors.Join(err, serr)
	}
	return errors.Join(err, asked.Err())
}
