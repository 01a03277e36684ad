"""All Dagster definitions: assets, checks, jobs, schedules, sensors and their shared resource."""

from __future__ import annotations

import warnings

import dagster as dg

from orchestration.alert_sensors import alert_sensors
from orchestration.assets.comparison import loads_asset
from orchestration.assets.freshness import freshness_checks
from orchestration.assets.models import ledger_specs, model_assets
from orchestration.assets.publishers import publisher_assets
from orchestration.assets.release import gate_two_checks, release_asset
from orchestration.jobs import refresh_warehouse, schedules, source_jobs
from orchestration.resources import Warehouse
from orchestration.sensors import arrival_sensors
from warehouse.release.catalogue import PUBLISHED_SCHEMAS
from warehouse.settings_error import read_settings
from warehouse.transform.manifest import read_manifest


@dg.definitions
def defs() -> dg.Definitions:
    """Build the definitions without network access and without writing figures.

    The dbt project is parsed if the cache does not contain its current state.
    """
    warnings.filterwarnings("ignore", category=dg.BetaWarning)  # backfills in one run and owners of jobs
    settings = read_settings()
    models = model_assets(read_manifest(settings))
    published = [key for key in models.keys if key.path[0] in PUBLISHED_SCHEMAS]
    jobs = source_jobs(settings.owners)
    assets: list[dg.AssetsDefinition | dg.AssetSpec] = [
        *publisher_assets(),
        *ledger_specs(),
        loads_asset(),
        models,
        release_asset(sorted(published)),
    ]
    return dg.Definitions(
        assets=dg.map_asset_specs(lambda spec: spec.replace_attributes(owners=settings.owners), assets),
        asset_checks=[gate_two_checks(), freshness_checks()],
        jobs=[refresh_warehouse(settings.owners), *jobs.values()],
        schedules=schedules(jobs, settings),
        sensors=[*arrival_sensors(jobs, settings), *alert_sensors()],
        resources={"warehouse": Warehouse()},
        executor=dg.in_process_executor,
    )
