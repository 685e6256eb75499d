package prometheus

// must returns m, and panics where there is an error.
func must(m Metric, err error) Metric {
	if err != nil {
		panic(err)
	}
	return m
}
