"""Files on disk: landing, journal, work file, writer lock."""
