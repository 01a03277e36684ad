"""Suites of the raw tables at gate 1, one module per table."""
