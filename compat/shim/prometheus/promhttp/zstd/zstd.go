// Package zstd is imported for its effect alone: handlers of promhttp can compress with zstd.
package zstd

import _ "github.com/pawl-metrics/pawl/compat/prometheus/promhttp/zstd" // for its effect
