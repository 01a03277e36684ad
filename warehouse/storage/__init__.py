"""What a home keeps: landed bytes, their ledger and journal, the work file, the lock."""
