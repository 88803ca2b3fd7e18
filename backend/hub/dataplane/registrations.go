package hub

// installationPattern is the path of one installation.
const installationPattern = "installations/{id}"

// accountOperations are the rows of the table that keep registrations and installations.
func accountOperations() []operation { return nil }
