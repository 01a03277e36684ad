"""Official figures, the queries that find ours, and how they are compared."""
