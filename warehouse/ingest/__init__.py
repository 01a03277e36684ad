"""From a publisher to raw tables: fetching, the inbox, the snapshot, landing, gate 1, loading."""
