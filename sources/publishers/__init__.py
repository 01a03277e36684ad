"""One package a publisher: what it is, how its bytes are had, and how they are read."""
