"""What is kept and promised: storage, quality gates, transformation, release. Uses DuckDB, dbt and Great Expectations."""
