"""Rules that all raw tables of one kind of statement share."""
