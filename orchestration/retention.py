"""Dagster's records of old runs are deleted, so that they take a bounded space on disk."""

from __future__ import annotations

import logging
import shutil
from datetime import UTC, datetime, timedelta

import dagster as dg

from warehouse.settings import Settings

log = logging.getLogger("ree.retention")

KEPT = timedelta(days=30)
MOST_RUNS = 200
"""About 3 MB each."""
_AT_ONCE = 20
"""Runs deleted by one run, so that the first build after an upgrade is not held up."""
_FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def prune_runs(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """Delete the records of finished runs older than 30 days or beyond the newest 200, 20 at most; return their ids.

    Nothing of a release depends on them: loads, results and acceptances are in the work file and the landing.
    """
    before = datetime.now(UTC) - KEPT
    finished = instance.get_run_records(dg.RunsFilter(statuses=_FINISHED), ascending=True)
    surplus = max(0, len(finished) - MOST_RUNS)
    old = [
        record.dagster_run.run_id
        for number, record in enumerate(finished)
        if number < surplus or record.create_timestamp < before
    ][:_AT_ONCE]
    for run_id in old:
        instance.delete_run(run_id)
        for file in (settings.dagster_home / "history" / "runs").glob(f"{run_id}.db*"):
            file.unlink(missing_ok=True)
        shutil.rmtree(settings.dagster_home / "storage" / run_id, ignore_errors=True)
    if old:
        log.info("records of %d old runs deleted", len(old))
    return old
