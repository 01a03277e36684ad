"""Dagster assets in the order of the flow: publishers, models, release."""
