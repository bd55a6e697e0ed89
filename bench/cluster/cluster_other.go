//go:build !linux

// Package cluster runs a PostgreSQL server of our own; on Linux only.
package cluster

import (
	"errors"
	"time"
)

var errLinux = errors.New("a PostgreSQL server of our own is started on Linux only")

// Cluster is one server with its data folder.
type Cluster struct{ Port int }

// Options of a server.
type Options struct {
	Host      string
	Port      int
	Namespace string
}

// New fails: see the package on Linux.
func New(string, Options) (*Cluster, error) { return nil, errLinux }

// Standby fails: see the package on Linux.
func (*Cluster) Standby(string, Options) (*Cluster, error) { return nil, errLinux }

// Promote fails: see the package on Linux.
func (*Cluster) Promote() error { return errLinux }

// Start fails: see the package on Linux.
func (*Cluster) Start() error { return errLinux }

// Stop fails: see the package on Linux.
func (*Cluster) Stop(string) error { return errLinux }

// End fails: see the package on Linux.
func (*Cluster) End() error { return errLinux }

// Run fails: see the package on Linux.
func (*Cluster) Run(string, ...string) error { return errLinux }

// Running is false: see the package on Linux.
func (*Cluster) Running() bool { return false }

// URL is empty: see the package on Linux.
func (*Cluster) URL() string { return "" }

// Dir is empty: see the package on Linux.
func (*Cluster) Dir() string { return "" }

// CPU fails: see the package on Linux.
func (*Cluster) CPU() (time.Duration, error) { return 0, errLinux }
