from __future__ import annotations

import dataclasses

import pytest
import yaml

from sources.model.feeds import CLOSED_LISTS, FEEDS
from sources.registry import sources
from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none
from warehouse.closed_lists import closed_lists
from warehouse.transform.generate import STAGING, generated_files, write_generated

DBT = PROJECT / "dbt_project"


def test_the_generated_files_are_what_feeds_and_publishers_give():
    """Renew them with `python -m warehouse.transform.generate`."""
    expected = generated_files(sources())
    assert_none(
        f"{path} differs"
        for path, text in expected.items()
        if not (DBT / path).exists() or (DBT / path).read_text(encoding="utf-8") != text
    )
    assert {path.name for path in (DBT / STAGING).iterdir()} == {p.name for p in expected if p.parent == STAGING}


def test_a_column_that_a_feed_gains_reaches_dbt(monkeypatch):
    monkeypatch.setitem(FEEDS, "quotas", FEEDS["quotas"] | {"gazette": FEEDS["quotas"]["page_url"]})
    assert any('"gazette"' in text for text in generated_files(sources()).values())


def test_a_publisher_that_goes_leaves_no_staging_model(tmp_path):
    write_generated(tmp_path, sources())
    left = {code: source for code, source in sources().items() if code != "india_amd"}
    write_generated(tmp_path, left)
    assert not (tmp_path / STAGING / "stg_india_amd__resources.sql").exists()
    assert "india_amd" not in (tmp_path / STAGING / "_sources.yml").read_text(encoding="utf-8")


def test_a_raw_table_without_a_description_is_named():
    source = sources()["usgs_myb"]
    undescribed = dataclasses.replace(source, about={**source.about, "tables": {}})
    with pytest.raises(KeyError, match="usgs_myb__world"):
        generated_files({"usgs_myb": undescribed})


def test_a_closed_list_is_of_a_column_that_some_feed_has():
    columns = {column for feed in FEEDS.values() for column in feed}
    assert set(CLOSED_LISTS) - columns == {"known_basis"}


def test_a_closed_list_stands_once():
    """In the feeds or in the vars of dbt, and a column that shares a list names it."""
    declared = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    own, shared = declared["closed_lists"], declared["closed_lists_as"]
    assert not set(own) & set(CLOSED_LISTS)
    assert not set(shared) & {*own, *CLOSED_LISTS}
    assert set(shared.values()) <= {*own, *CLOSED_LISTS}
    assert closed_lists()["reserves_status"] == CLOSED_LISTS["value_status"]
    assert set(closed_lists()) == {*own, *shared, *CLOSED_LISTS}
