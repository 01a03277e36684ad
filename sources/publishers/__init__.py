"""One package per publisher: what it is, how its bytes are fetched, and how they are read."""
