"""Where Dagster's servers find the definitions, and how a run of the command line is shown among theirs."""

from __future__ import annotations

from functools import partial

import dagster as dg
from dagster._core.remote_origin import RemoteJobOrigin, RemoteRepositoryOrigin  # runs are shown by it; not public
from dagster._core.workspace.load import location_origin_from_module_name

DEFINITIONS = "orchestration.definitions"
"""The module that the servers load, and the name of the code location they show."""
_REPOSITORY = "__repository__"
"""Dagster's name for the definitions of a module."""


def show_with(instance: dg.DagsterInstance, job_name: str) -> dg.DagsterInstance:
    """Make runs that this instance creates in this process belong to a job of the code location.

    Dagster gives an origin to runs of its servers only. Without one a run has no job page and is not on the timeline.
    """
    location = location_origin_from_module_name(DEFINITIONS, attribute=None, working_directory=None)
    origin = RemoteJobOrigin(RemoteRepositoryOrigin(location, _REPOSITORY), job_name)
    instance.create_run_for_job = partial(  # type: ignore[method-assign]
        instance.create_run_for_job, remote_job_origin=origin
    )
    return instance
