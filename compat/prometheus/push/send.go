package push

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// Push gathers and replaces the group by what was gathered (HTTP PUT). The error is the
// first since New.
func (p *Pusher) Push() error { return p.PushContext(context.Background()) }

// PushContext is Push, ended by a context.
func (p *Pusher) PushContext(ctx context.Context) error { return p.push(ctx, http.MethodPut) }

// Add gathers and replaces the metrics of the group that have the same names as those
// gathered (HTTP POST). The error is the first since New.
func (p *Pusher) Add() error { return p.AddContext(context.Background()) }

// AddContext is Add, ended by a context.
func (p *Pusher) AddContext(ctx context.Context) error { return p.push(ctx, http.MethodPost) }

// Delete removes the group (HTTP DELETE); what the Pusher would push does not matter. The
// error is the first since New.
func (p *Pusher) Delete() error {
	if p.err != nil {
		return p.err
	}
	req, err := http.NewRequest(http.MethodDelete, p.groupURL(), nil)
	if err != nil {
		return err
	}
	p.prepare(req)
	return p.do(req, "deleting", http.StatusAccepted)
}

func (p *Pusher) push(ctx context.Context, method string) error {
	if p.err != nil {
		return p.err
	}
	families, err := p.gatherers.Gather()
	if err != nil {
		return err
	}
	body, err := p.encode(families)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, p.groupURL(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	p.prepare(req)
	req.Header.Set("Content-Type", string(p.format))
	return p.do(req, "pushing to", http.StatusOK, http.StatusAccepted)
}

// encode makes the body. A metric with a label of the group's key is an error before a
// byte is sent: the gateway would refuse the whole push, or take it for another group.
func (p *Pusher) encode(families []*dto.MetricFamily) ([]byte, error) {
	var body bytes.Buffer
	enc := expfmt.NewEncoder(&body, p.format)
	for _, mf := range families {
		if err := p.check(mf); err != nil {
			return nil, err
		}
		if err := enc.Encode(mf); err != nil {
			return nil, fmt.Errorf("failed to encode metric family %s, error is %w", mf.GetName(), err)
		}
	}
	if c, ok := enc.(expfmt.Closer); ok { // OpenMetrics has an end
		if err := c.Close(); err != nil {
			return nil, err
		}
	}
	return body.Bytes(), nil
}

func (p *Pusher) check(mf *dto.MetricFamily) error {
	for _, m := range mf.GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == "job" {
				return fmt.Errorf("pushed metric %s (%s) already contains a job label", mf.GetName(), m)
			}
			if _, ok := p.grouping[l.GetName()]; ok {
				return fmt.Errorf("pushed metric %s (%s) already contains grouping label %s", mf.GetName(), m, l.GetName())
			}
		}
	}
	return nil
}

// do sends a request. Another status than those is an error with the answer's text; which
// of them a gateway uses depends on its release and settings.
func (p *Pusher) do(req *http.Request, what string, good ...int) error {
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if slices.Contains(good, resp.StatusCode) {
		return nil
	}
	text, _ := io.ReadAll(resp.Body) // part of a message: what there is will do
	return fmt.Errorf("unexpected status code %d while %s %s: %s", resp.StatusCode, what, p.groupURL(), text)
}
