"""Eurostat Comext: monthly trade of each member state of the European Union by eight-digit line and partner."""
