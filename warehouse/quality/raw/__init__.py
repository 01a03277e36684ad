"""Suites of the raw tables: one module a table, gate 1."""
