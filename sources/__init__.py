"""Publishers: how their bytes are read into typed frames.

Belongs here: one package a publisher, and the few modules they share (`contract`, `cells`, `vocabulary`,
`corrections`, `snapshot`). Does not belong here: DuckDB, Dagster, Great Expectations, or anything that
knows where the warehouse keeps its files.
"""
