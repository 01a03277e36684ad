"""The bundled snapshot of publishers' figures: its files, their provenance, its reader, and how it was made."""
