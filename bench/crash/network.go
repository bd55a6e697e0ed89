package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"time"

	"augenmass/bench/cluster"
)

// network is a network namespace with one cable to the machine's own.
type network struct{ name, near, far string }

const (
	nearAddress = "10.199.7.1"
	farAddress  = "10.199.7.2"
)

func newNetwork() (*network, error) {
	id := os.Getpid() % 100_000
	n := &network{name: fmt.Sprintf("agm%d", id), near: fmt.Sprintf("agmn%d", id), far: fmt.Sprintf("agmf%d", id)}
	steps := [][]string{
		{"netns", "add", n.name},
		{"link", "add", n.near, "type", "veth", "peer", "name", n.far, "netns", n.name},
		{"addr", "add", nearAddress + "/30", "dev", n.near},
		{"link", "set", n.near, "up"},
		{"-n", n.name, "addr", "add", farAddress + "/30", "dev", n.far},
		{"-n", n.name, "link", "set", n.far, "up"},
		{"-n", n.name, "link", "set", "lo", "up"},
	}
	for _, s := range steps {
		if err := ip(s...); err != nil {
			return nil, errors.Join(err, n.end())
		}
	}
	return n, nil
}

func ip(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %v: %w: %s", args, err, out)
	}
	return nil
}

func (n *network) end() error { return ip("netns", "del", n.name) }

// farServer is a server behind a cable that can be cut.
func farServer(_ context.Context, dir string) (string, world, error) {
	n, err := newNetwork()
	if err != nil {
		return "", nil, err
	}
	c, err := cluster.New(dir, cluster.Options{Host: farAddress, Port: 54321, Namespace: n.name})
	if err != nil {
		return "", nil, errors.Join(err, n.end())
	}
	return c.URL() + "&connect_timeout=2", &servers{primary: c, network: n}, nil
}

// cutNetwork cuts the cable for up to eight seconds: shorter and longer than
// what a caller waits for. Nothing tells either side; packets vanish.
func cutNetwork(_ context.Context, w world, rnd *rand.Rand) error {
	s := w.(*servers)
	if err := ip("-n", s.network.name, "link", "set", s.network.far, "down"); err != nil {
		return err
	}
	time.Sleep(time.Duration(rnd.Int64N(int64(8 * time.Second))))
	return ip("-n", s.network.name, "link", "set", s.network.far, "up")
}
