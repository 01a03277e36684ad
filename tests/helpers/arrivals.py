"""The first part of a build: what arrives and loads, without models."""

from __future__ import annotations

from typing import Any

from warehouse.settings import Settings


def load(settings: Settings) -> Any:
    """The same job up to the raw tables: nothing is modelled or released."""
    from orchestration.definitions import defs
    from orchestration.instance import open_instance, prepare_instance
    from orchestration.jobs import REFRESH_WAREHOUSE
    from orchestration.partitions import every_year
    from orchestration.run import _outcome

    prepare_instance(settings)
    job = defs().resolve_job_def(REFRESH_WAREHOUSE)
    arrivals = [key for key in job.asset_layer.executable_asset_keys if key.path[0] in ("landing", "raw")]
    with open_instance(settings) as instance:
        return _outcome(
            job.execute_in_process(instance=instance, tags=every_year(), raise_on_error=False, asset_selection=arrivals)
        )
