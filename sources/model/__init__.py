"""What every publisher shares: artifacts, sources, tables and their columns, errors."""
