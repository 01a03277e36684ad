"""From a publisher to raw tables: fetching, inbox, snapshot, landing, gate 1, loading."""
