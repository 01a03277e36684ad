"""Dagster assets, checks, jobs, schedules and sensors, and the command line `ree`."""
