"""The local service: an open project over HTTP on this machine's loopback, for engine plugins."""
