"""What is stored and published: quality gates, transformation, releases. Uses DuckDB, dbt and Great Expectations."""
