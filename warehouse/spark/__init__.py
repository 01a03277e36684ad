"""The same dbt models on Spark: compiled for DuckDB, transpiled, run in a Spark session. docs/spark.md says how."""
