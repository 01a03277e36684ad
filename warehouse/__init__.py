"""What is kept and what is promised: landing, loading, judging, building and releasing the warehouse.

Belongs here: everything that touches DuckDB, dbt and Great Expectations. Does not belong here: Dagster, or
knowledge of any one publisher.
"""
