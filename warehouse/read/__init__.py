"""Reading a release: queries, as-of, why, doctor."""
