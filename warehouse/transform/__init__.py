"""Running dbt."""
