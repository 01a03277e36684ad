"""Rules that all raw tables of one feed share."""
