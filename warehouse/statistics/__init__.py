"""Statistics of the mirror and of events: numpy and Polars only."""
