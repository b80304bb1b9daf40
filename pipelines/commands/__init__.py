"""The command line, one module per command; each imports only what it needs, to start fast."""
