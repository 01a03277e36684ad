"""Builders that several tests share. No test stands here."""
