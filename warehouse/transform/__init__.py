"""How dbt is run."""
