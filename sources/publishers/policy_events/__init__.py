"""Dated policy steps of China, India and the WTO on rare earths, compiled from the pages named on each."""
