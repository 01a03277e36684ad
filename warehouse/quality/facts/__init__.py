"""Suites of the published facts at gate 2, one module per fact."""
