package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// TLS says how a server proves who it is, and whether clients have to. CertFile and
// KeyFile are required. All files are PEM.
type TLS struct {
	CertFile, KeyFile string // the server's certificate, with those between it and the root, and its key

	// ClientCAFile has the authorities that sign clients' certificates. If it is
	// named, clients need a certificate that one of them has signed.
	ClientCAFile string
	// ClientCertOptional lets clients in that have no certificate. One that they do
	// have must be good.
	ClientCertOptional bool

	// MinVersion and MaxVersion bound the version, such as tls.VersionTLS13. Zero is TLS
	// 1.2 and the newest there is.
	MinVersion, MaxVersion uint16
}

func (t *TLS) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: or(t.MinVersion, tls.VersionTLS12), MaxVersion: t.MaxVersion}
	if c.MaxVersion != 0 && c.MaxVersion < c.MinVersion {
		return nil, fmt.Errorf("no version of TLS is from %s to %s", tls.VersionName(c.MinVersion), tls.VersionName(c.MaxVersion))
	}
	pair := &keyPair{certFile: t.CertFile, keyFile: t.KeyFile}
	if _, err := pair.get(nil); err != nil {
		return nil, err
	}
	c.GetCertificate = pair.get
	return c, t.clients(c)
}

func (t *TLS) clients(c *tls.Config) error {
	if t.ClientCAFile == "" {
		if t.ClientCertOptional {
			return errors.New("ClientCertOptional without a ClientCAFile: no certificate would be good")
		}
		return nil
	}
	pem, err := os.ReadFile(t.ClientCAFile)
	if err != nil {
		return err
	}
	c.ClientCAs = x509.NewCertPool()
	if !c.ClientCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s: there is no certificate in it", t.ClientCAFile)
	}
	c.ClientAuth = tls.RequireAndVerifyClientCert
	if t.ClientCertOptional {
		c.ClientAuth = tls.VerifyClientCertIfGiven
	}
	return nil
}

// keyPair is a certificate that is read again when its file has changed.
//
// Ownership. pair and its stamp belong to mu.
type keyPair struct {
	certFile, keyFile string

	mu    sync.Mutex
	pair  *tls.Certificate
	stamp stamp // of the file from which pair was read
}

// stamp is by what a changed file is known.
type stamp struct {
	modified time.Time
	size     int64
}

// get returns the pair as the files have it, or the last one that was good. It is what
// tls.Config.GetCertificate wants.
func (k *keyPair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, err := stampOf(k.certFile)
	if err == nil && (k.pair == nil || now != k.stamp) {
		err = k.read(now)
	}
	if k.pair != nil {
		return k.pair, nil
	}
	return nil, err
}

// read reads the pair. If the key does not fit yet, because only the first of the two
// files is renewed, the next handshake tries again.
func (k *keyPair) read(now stamp) error {
	pair, err := tls.LoadX509KeyPair(k.certFile, k.keyFile)
	if err != nil {
		return fmt.Errorf("%s, %s: %w", k.certFile, k.keyFile, err)
	}
	k.pair, k.stamp = &pair, now
	return nil
}

func stampOf(file string) (stamp, error) {
	info, err := os.Stat(file)
	if err != nil {
		return stamp{}, err
	}
	return stamp{info.ModTime(), info.Size()}, nil
}
