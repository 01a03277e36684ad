"""Dagster and the front door: what runs, in what order, when, and how a person starts it.

Belongs here: assets, checks, jobs, schedules, resources, definitions, and the command line `ree`. Does not belong
here: any work on figures; steps call `sources` and `warehouse`.
"""
