"""One address for many people: the HTTP server of the command `host`, its settings, metrics and demonstration."""
