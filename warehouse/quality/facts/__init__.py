"""Suites of the published facts: one module a fact, gate 2."""
