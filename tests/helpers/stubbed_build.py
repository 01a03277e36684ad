"""A run whose build is stubbed: publishers are fetched and loaded, no model is built, the current release stays."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from warehouse.release.publish import Publication
from warehouse.release.store import current_release
from warehouse.settings import Settings
from warehouse.storage.last_build import end_build
from warehouse.transform.dbt import NodeResult, models_to_build
from warehouse.transform.manifest import read_manifest


@contextmanager
def stubbed_build(settings: Settings) -> Iterator[None]:
    """While the block lasts, runs in this process have no dbt, no gate 2 and no new release."""
    manifest = read_manifest(settings)
    in_order = list(TopologicalSorter(manifest["parent_map"]).static_order())

    def built(of: Settings, changed: Collection[str] | None) -> list[NodeResult]:
        chosen = models_to_build(of, changed)
        return [NodeResult(name, "success", 0.0, None, None) for name in in_order if name in chosen]

    def unchanged(of: Settings, build_id: str) -> Publication:
        release = current_release(of)
        assert release is not None
        end_build(of, build_id, "unchanged", release.version)
        return Publication(release, is_new=False, changes=())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orchestration.assets.models.create_candidate", lambda *_: None)
        patch.setattr("orchestration.assets.models.run_dbt", built)
        patch.setattr("orchestration.assets.models.row_counts", lambda _: {})
        patch.setattr("orchestration.assets.release.export_parquet", lambda *_: Path())
        patch.setattr("orchestration.assets.release.judge_candidate", lambda *_: [])
        patch.setattr("orchestration.assets.release.audit", lambda *_: None)
        patch.setattr("orchestration.assets.release.publish", unchanged)
        yield
