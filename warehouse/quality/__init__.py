"""The two quality gates and their rules."""
