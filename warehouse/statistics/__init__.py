"""Statistics of the mirror and of policy events, on numpy and Polars only."""
