"""The gateway over HTTP: for LMSs, for tools and for people."""
