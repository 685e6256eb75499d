package post

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func serve(t *testing.T, f http.HandlerFunc) string {
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL
}

func poster(t *testing.T, target string, header http.Header, auth Auth) *Poster {
	t.Helper()
	p, err := New(nil, time.Minute, target, header, auth)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRequest(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, r.Method, r.Host, r.Header.Get("X-A"), r.Header.Get("X-B"), r.Header.Get("Authorization"), string(body))
	})
	p := poster(t, url, http.Header{"X-A": {"a"}, "X-B": {"b"}, "Host": {"other"}}, Auth{BearerToken: "t"})
	a, err := p.Do(t.Context(), "PUT", http.Header{"X-B": {"c"}}, []byte("body"))
	if err != nil || a.Err() != nil || a.Status != 202 || a.Text != "PUTotheracBearer tbody" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestAuth(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		fmt.Fprint(w, user, ":", password)
	})
	within := strings.Replace(url, "://", "://u:p@", 1)
	for _, p := range []*Poster{poster(t, url, nil, Auth{Username: "u", Password: "p"}), poster(t, within, nil, Auth{})} {
		if a, err := p.Do(t.Context(), "POST", nil, nil); err != nil || a.Text != "u:p" {
			t.Errorf("%+v, %v", a, err)
		}
	}
	if _, err := New(nil, 0, url, nil, Auth{Username: "u", BearerToken: "t"}); err == nil {
		t.Error("two kinds of authorization")
	}
}

// A PUT that becomes a GET on its way has pushed nothing, however well it is answered.
func TestRedirects(t *testing.T) {
	for status, followed := range map[int]bool{301: false, 302: false, 303: false, 307: true, 308: true} {
		for _, method := range []string{"PUT", "POST", "DELETE"} {
			var arrived string
			end := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				arrived = r.Method + string(body)
			})
			url := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, end, status) })
			a, err := poster(t, url, nil, Auth{}).Do(t.Context(), method, nil, []byte("body"))
			switch {
			case followed && (err != nil || a.Status != 200 || arrived != method+"body"):
				t.Errorf("%d %s: %v %v, arrived as %q", status, method, a, err, arrived)
			case !followed && (err == nil || arrived != ""):
				t.Errorf("%d %s: %v, arrived as %q", status, method, a, arrived)
			}
		}
	}
}

func TestRedirectForever(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusPermanentRedirect) })
	if _, err := poster(t, url, nil, Auth{}).Do(t.Context(), "PUT", nil, nil); err == nil || !strings.Contains(err.Error(), "10 redirects") {
		t.Error(err)
	}
	own := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	p, err := New(own, 0, url, nil, Auth{})
	if err != nil {
		t.Fatal(err)
	}
	if a, err := p.Do(t.Context(), "PUT", nil, nil); err != nil || a.Status != 308 {
		t.Errorf("the client's own policy is not asked: %v %v", a, err)
	}
}

func TestErrors(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(418)
		fmt.Fprint(w, strings.Repeat("é", 4<<20))
	})
	a, err := poster(t, url, nil, Auth{}).Do(t.Context(), "POST", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("418 I'm a teapot: %q", strings.Repeat("é", 256)); a.Err().Error() != want {
		t.Error(a.Err())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := poster(t, url, nil, Auth{}).Do(ctx, "POST", nil, nil); err != context.Canceled {
		t.Error(err)
	}
}

func TestURLs(t *testing.T) {
	for _, url := range []string{"", "host:9091", "ftp://x", "http://", "://", "http://u:secret@h:x", "u:secret@host"} {
		if _, err := New(nil, 0, url, nil, Auth{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
	if got := poster(t, "http://u:secret@h/x", nil, Auth{}).URL(); got != "http://u:xxxxx@h/x" {
		t.Error(got)
	}
}

func TestWhole(t *testing.T) {
	for text, want := range map[string]string{"a\xc3": "a", "a\xf0\x9f\x98": "a", "é": "é", "": "", "\x80\x80\x80\x80\x80": "\x80\x80\x80\x80\x80"} {
		if got := string(whole([]byte(text))); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
