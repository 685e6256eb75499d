// Package server runs an HTTP server for metrics, apart from the service's own: with time
// limits, with TLS if wanted, and with an end.
//
//	err := server.ListenAndServe(ctx, ":9100", scrape.New(reg, scrape.Options{}), server.Options{})
//
// Metrics on a port of their own can be kept from the public by a firewall, and can be
// scraped while the service's own port is full.
//
// # Limits
//
// net/http has none by default: a client that sends one byte a minute holds its
// connection, and the memory for it, as long as it likes. Here the header of a request must arrive
// within 5 s, and all of it within 10; an answer has a minute, which is what the
// slowest of scrapers waits; a connection without requests is closed after two minutes, and a
// header has at most 64 KiB. Options can change the times.
//
// # TLS
//
// [TLS] names the files of certificate and key, and perhaps those of the authorities that
// sign the certificates of clients, which then need one. The files are read before the
// server starts, so that a wrong one is an error at once. The certificate is
// read again when a handshake finds its file changed, so that a renewed one needs no
// restart; one that cannot be read leaves the old in place.
//
// # The end
//
// When the context ends no connection is accepted any more, requests that are under way
// are answered, and after Options.Grace those that are left are cut off.
package server
