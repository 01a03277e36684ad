"""Fake publishers: HTTP servers on loopback, with faults."""
