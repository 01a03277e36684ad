"""Sensors that start a run: a file in the inbox, a new release of a publisher, an unfinished fetch run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeAlias

import dagster as dg

from orchestration.partitions import every_year
from sources.model.artifact import SourceError
from sources.registry import fetchers, receivers, sources
from warehouse.ingest.fetch_plan import unfinished
from warehouse.ingest.fetch_run import newest_release
from warehouse.ingest.inbox import is_waiting
from warehouse.settings import Settings

_INBOX_EVERY_S = 30
_FEED_EVERY_S = 6 * 3600
_UNFINISHED_EVERY_S = 3 * 3600
Jobs: TypeAlias = "dict[str, dg.UnresolvedAssetJobDefinition]"


def arrival_sensors(jobs: Jobs, settings: Settings) -> list[dg.SensorDefinition]:
    """The inbox sensors are always on; those that send requests are on if publishers are live."""
    live = dg.DefaultSensorStatus.RUNNING if settings.sources == "live" else dg.DefaultSensorStatus.STOPPED
    watched = [code for code, source in sources().items() if source.about.get("live", {}).get("has_feed")]
    return [
        *(_inbox_sensor(code, jobs[code]) for code in receivers()),
        *(_feed_sensor(code, jobs[code], live) for code in watched),
        _unfinished_sensor({code: jobs[code] for code in fetchers()}, live),
    ]


def _inbox_sensor(code: str, job: dg.UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    @dg.sensor(
        name=f"inbox_{code}",
        job=job,
        minimum_interval_seconds=_INBOX_EVERY_S,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"A run when a file of {code} has been dropped into its inbox and completely copied.",
    )
    def inbox(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        if _is_under_way(context, job.name):
            yield dg.SkipReason("a run that lands it is under way")
        elif is_waiting(Settings(), sources()[code]):
            # a file that no run can land (permissions, a full disk) starts a run every ten minutes at most
            ten_minutes = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M")[:-1]
            yield dg.RunRequest(run_key=f"{code} {ten_minutes}", tags=every_year())
        else:
            yield dg.SkipReason("the inbox is empty, or a file is still being copied")

    return inbox


def _feed_sensor(
    code: str, job: dg.UnresolvedAssetJobDefinition, status: dg.DefaultSensorStatus
) -> dg.SensorDefinition:
    @dg.sensor(
        name=f"releases_{code}",
        job=job,
        minimum_interval_seconds=_FEED_EVERY_S,
        default_status=status,
        description=f"A run when {code} announces a release that the warehouse has not seen.",
    )
    def releases(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        try:
            newest = newest_release(Settings(), sources()[code])
        except SourceError as error:
            yield dg.SkipReason(f"the release feed did not answer: {error}")
            return
        if newest == context.cursor:
            yield dg.SkipReason(f"nothing new since {newest}")
            return
        context.update_cursor(newest)
        yield dg.RunRequest(run_key=newest, tags=every_year())

    return releases


def _unfinished_sensor(jobs: Jobs, status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    @dg.sensor(
        name="unfinished_fetch_runs",
        jobs=list(jobs.values()),
        minimum_interval_seconds=_UNFINISHED_EVERY_S,
        default_status=status,
        description="A run for each publisher whose last fetch run failed in part or stopped at the daily quota.",
    )
    def unfinished_fetch_runs(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        waiting = [code for code in unfinished(Settings()) if not _is_under_way(context, jobs[code].name)]
        if not waiting:
            yield dg.SkipReason("every fetch run is complete")
        for code in waiting:
            hour = datetime.now(UTC).strftime("%Y-%m-%dT%H")
            yield dg.RunRequest(run_key=f"{code} {hour}", job_name=jobs[code].name, tags=every_year())

    return unfinished_fetch_runs


def _is_under_way(context: dg.SensorEvaluationContext, job_name: str) -> bool:
    waiting = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
    return bool(context.instance.get_runs(dg.RunsFilter(job_name=job_name, statuses=waiting), limit=1))
