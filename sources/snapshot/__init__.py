"""The bundled snapshot of publishers' figures: its files, their provenance, its reader, and how it was made."""

from pathlib import Path

BUNDLED = Path(__file__).parent / "files"
"""The folder of the bundled files."""
