"""Stub."""
def documents(): return []
