package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	mrand "math/rand/v2"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/demo"
	"augenmass/internal/org"
	"augenmass/internal/record/store/sequence"
)

// keeperOrigin is the name of the control's journal.
const keeperOrigin = "example.com/keeper"

// keeperServer is the control of S1: a node that decides nothing. It asks the
// model and makes one entry durable in the database before it answers; how much
// dearer several of them are than one is the price of the machine and of the
// database, not of deciding. args are database, both keys of the journal, and
// the address of the model.
func keeperServer(ctx context.Context, args []string) (http.Handler, io.Closer, error) {
	signer, err := note.NewSigner(args[1])
	if err != nil {
		return nil, nil, err
	}
	j, err := sequence.Open(ctx, sequence.Options{Database: args[0], Schema: org.Schema(demo.Slug), Origin: keeperOrigin, Signer: signer, VerifierKey: args[2]})
	if err != nil {
		return nil, nil, err
	}
	e := entryOf(mrand.New(mrand.NewPCG(0, 0)))
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: nodeCallers}}
	answer := func(rw http.ResponseWriter, r *http.Request) error {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		res, err := c.Post(args[3]+strings.TrimPrefix(r.URL.Path, "/"+demo.Slug), "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		defer res.Body.Close() //nolint:errcheck // read to its end
		said, err := io.ReadAll(res.Body)
		if err != nil {
			return err
		}
		kept, err := j.Append(r.Context(), e)
		if err != nil {
			return err
		}
		rw.Header().Set("Augenmass-Index", strconv.FormatUint(kept.Index, 10))
		rw.WriteHeader(res.StatusCode)
		_, err = rw.Write(said)
		return err
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if err := answer(rw, r); err != nil {
			http.Error(rw, err.Error(), http.StatusInternalServerError)
		}
	}), j, nil
}

// newKeepers starts a database and so many nodes that decide nothing.
func newKeepers(ctx context.Context, s settings, n int) (p *plantOfNodes, err error) {
	if p, err = newPlant(ctx, s); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if _, p.tok.Model, err = millModel(); err != nil {
		return p, err
	}
	signing, verifying, err := note.GenerateKey(rand.Reader, keeperOrigin)
	if err != nil {
		return p, err
	}
	for range n {
		c, err := startChild(ctx, "keeper", p.pg.URL(), signing, verifying, p.model.url)
		if err != nil {
			return p, err
		}
		p.nodes = append(p.nodes, c)
	}
	return p, nil
}

// keepersOnce measures so many nodes that decide nothing, as nodesOnce does.
func keepersOnce(ctx context.Context, s settings, r *rounds, n int) (err error) {
	p, err := newKeepers(ctx, s, n)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	return p.measure(ctx, r, "keep "+strconv.Itoa(n), nodesLong(s))
}
