package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	dir  string
	next int64
}

func newAuthority(t *testing.T) *authority {
	a := &authority{dir: t.TempDir()}
	a.cert, a.key = a.sign(t, "authority", nil)
	return a
}

// sign makes name.crt and name.key in the authority's folder.
func (a *authority) sign(t *testing.T, name string, by *authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.next++
	cert := &x509.Certificate{SerialNumber: big.NewInt(a.next), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true, IsCA: by == nil}
	parent, signer := cert, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	a.write(t, name+".crt", "CERTIFICATE", der)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	a.write(t, name+".key", "PRIVATE KEY", private)
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return parsed, key
}

func (a *authority) write(t *testing.T, name, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(a.file(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// client returns one that trusts the authority, with a certificate if name is not blank.
func (a *authority) client(t *testing.T, name string, version uint16) *http.Client {
	t.Helper()
	c := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: version, MaxVersion: version}
	c.RootCAs.AddCert(a.cert)
	if name != "" {
		pair, err := tls.LoadX509KeyPair(a.file(name+".crt"), a.file(name+".key"))
		if err != nil {
			t.Fatal(err)
		}
		// In any case, not only when the server names its authority.
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}}
}

var quiet = log.New(io.Discard, "", 0)

func TestTLS(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	a.sign(t, "server", a)
	a.sign(t, "scraper", a)
	stranger.sign(t, "scraper", stranger)
	for _, c := range []struct {
		name    string
		tls     TLS
		client  *http.Client
		refused bool
	}{
		{"plain", TLS{}, a.client(t, "", 0), false},
		{"who is not asked may show one", TLS{}, a.client(t, "scraper", 0), false},
		{"a server that is not trusted", TLS{}, stranger.client(t, "", 0), true},
		{"a client that must have one", TLS{ClientCAFile: "authority.crt"}, a.client(t, "scraper", 0), false},
		{"and has none", TLS{ClientCAFile: "authority.crt"}, a.client(t, "", 0), true},
		{"optional", TLS{ClientCAFile: "authority.crt", ClientCertOptional: true}, a.client(t, "", 0), false},
		{"TLS 1.1", TLS{}, a.client(t, "", tls.VersionTLS11), true},
		{"TLS 1.2", TLS{}, a.client(t, "", tls.VersionTLS12), false},
		{"TLS 1.3", TLS{}, a.client(t, "", tls.VersionTLS13), false},
		{"from 1.3", TLS{MinVersion: tls.VersionTLS13}, a.client(t, "", tls.VersionTLS12), true},
		{"up to 1.2", TLS{MaxVersion: tls.VersionTLS12}, a.client(t, "", tls.VersionTLS13), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.tls.CertFile, c.tls.KeyFile = a.file("server.crt"), a.file("server.key")
			if c.tls.ClientCAFile != "" {
				c.tls.ClientCAFile = a.file(c.tls.ClientCAFile)
			}
			s := start(t, hello, Options{TLS: &c.tls, ErrorLog: quiet})
			if !strings.HasPrefix(s.URL(), "https://") {
				t.Error(s.URL())
			}
			answer, err := c.client.Get(s.URL())
			if (err != nil) != c.refused {
				t.Fatalf("%v", err)
			}
			if err == nil {
				answer.Body.Close()
			}
		})
	}
}

// A certificate by somebody else is refused, also where none is needed.
func TestStrangersCertificate(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	a.sign(t, "server", a)
	cert, key := stranger.sign(t, "scraper", stranger)
	for _, optional := range []bool{false, true} {
		s := start(t, hello, Options{ErrorLog: quiet, TLS: &TLS{CertFile: a.file("server.crt"), KeyFile: a.file("server.key"),
			ClientCAFile: a.file("authority.crt"), ClientCertOptional: optional}})
		client := a.client(t, "", 0)
		pair := tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
		client.Transport.(*http.Transport).TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
		if _, err := client.Get(s.URL()); err == nil {
			t.Errorf("optional %v: let in", optional)
		}
	}
}

// A renewed certificate is served without a restart, and a broken one not at all.
func TestRenewal(t *testing.T) {
	a := newAuthority(t)
	first, _ := a.sign(t, "server", a)
	s := start(t, hello, Options{ErrorLog: quiet, TLS: &TLS{CertFile: a.file("server.crt"), KeyFile: a.file("server.key")}})
	served := func() *big.Int {
		t.Helper()
		answer, err := a.client(t, "", 0).Get(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.TLS.PeerCertificates[0].SerialNumber
	}
	later := time.Now()
	touch := func() { // file times are coarse
		later = later.Add(time.Minute)
		if err := os.Chtimes(a.file("server.crt"), later, later); err != nil {
			t.Fatal(err)
		}
	}
	if served().Cmp(first.SerialNumber) != 0 {
		t.Error("not the first")
	}
	second, _ := a.sign(t, "server", a)
	touch()
	if served().Cmp(second.SerialNumber) != 0 {
		t.Error("not the second")
	}
	for _, damage := range []func() error{
		func() error { return os.WriteFile(a.file("server.crt"), []byte("torn"), 0o600) },
		func() error { return os.Remove(a.file("server.crt")) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if served().Cmp(second.SerialNumber) != 0 {
			t.Error("the last good one is not kept")
		}
	}
}

func TestBadTLS(t *testing.T) {
	a := newAuthority(t)
	a.sign(t, "server", a)
	a.sign(t, "other", a)
	good := TLS{CertFile: a.file("server.crt"), KeyFile: a.file("server.key")}
	for says, change := range map[string]func(*TLS){
		"no such file":        func(t *TLS) { t.CertFile = a.file("none.crt") },
		"private key":         func(t *TLS) { t.KeyFile = a.file("other.key") },
		"there is no certif":  func(t *TLS) { t.ClientCAFile = a.file("server.key") },
		"none.pem":            func(t *TLS) { t.ClientCAFile = a.file("none.pem") },
		"from TLS 1.3 to TLS": func(t *TLS) { t.MinVersion, t.MaxVersion = tls.VersionTLS13, tls.VersionTLS12 },
		"ClientCAFile":        func(t *TLS) { t.ClientCertOptional = true },
	} {
		bad := good
		change(&bad)
		if _, err := Listen("127.0.0.1:0", hello, Options{TLS: &bad}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want something on %q", err, says)
		}
	}
}
