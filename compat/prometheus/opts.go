package prometheus

// Opts are the options that all instruments have. Only Name must be set; Help should be.
type Opts struct {
	// Namespace, Subsystem and Name, with an underscore between those that are not
	// empty, are the metric's name: see [BuildFQName].
	Namespace string
	Subsystem string
	Name      string

	// Help says what the metric means. Metrics of one name have the same help.
	Help string

	// Unit is what the values are measured in, as OpenMetrics has it: seconds, bytes.
	Unit string

	// ConstLabels are labels whose values never change. Metrics of one name have const labels
	// of the same names. They are for the few cases where one program counts several
	// things of a kind; what tells processes apart is the scraper's to add.
	ConstLabels Labels
}

// BuildFQName joins the three with underscores, leaving out what is empty. Without a name
// there is nothing to join: the result is empty.
func BuildFQName(namespace, subsystem, name string) string {
	if name == "" {
		return ""
	}
	if subsystem != "" {
		name = subsystem + "_" + name
	}
	if namespace != "" {
		name = namespace + "_" + name
	}
	return name
}
