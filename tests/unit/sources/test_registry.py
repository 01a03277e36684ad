from __future__ import annotations

import pytest

from sources.model.feeds import FEEDS
from sources.registry import fetchers, receivers, sources, table_specs
from tests.helpers.violators import assert_none
from warehouse.settings import Settings


def test_every_publisher_has_a_table_named_after_it():
    for code, source in sources().items():
        assert [spec.name.split("__")[0] for spec in source.tables] == [code] * len(source.tables)


def test_a_table_has_the_schema_of_its_feed_and_a_key_within_it():
    assert_none(
        f"{name}: key {spec.key} of feed {spec.feed}"
        for name, spec in table_specs().items()
        if spec.schema != FEEDS[spec.feed] or not set(spec.key) <= set(spec.schema) or "artifact_row" in spec.key
    )


def test_an_unreadable_value_is_a_surprise_to_every_table():
    assert_none(name for name, spec in table_specs().items() if "unreadable_value" in spec.expected_rejects)


@pytest.mark.parametrize("code", fetchers())
def test_a_publisher_that_is_asked_says_how(code):
    live = sources()[code].about["live"]
    assert live["base_url"].startswith("https://")
    assert live["pause_s"] >= 1, "one call a second at most"
    assert live["max_bytes"] > 0
    assert live["fetch_within_days"] <= sources()[code].about["fresh_for_days"]
    assert not live.get("key_header") or live["key_setting"] in Settings.model_fields
    assert bool(live.get("has_feed")) == (fetchers()[code].newest_release is not None)


def test_only_a_person_can_fetch_chinas_customs():
    assert set(receivers()) - set(fetchers()) == {"china_customs"}


def test_a_file_of_every_fetched_publisher_can_be_dropped_by_hand():
    assert set(fetchers()) <= set(receivers())


def test_a_publisher_with_a_receiver_says_what_to_drop():
    for code in receivers():
        about = sources()[code].about["inbox"]
        assert about["max_bytes"] > 0
        assert about["readme"].lstrip().startswith("Drop here: ")


def test_a_schedule_is_a_list_of_lines_of_cron_with_a_reason():
    schedules = {code: source.about["schedule"] for code, source in sources().items()}
    assert_none(
        f"{code}: {on}"
        for code, on in schedules.items()
        if not isinstance(on["cron"], list)
        or not on["cron"]
        or any(len(line.split()) != 5 for line in on["cron"])
        or not on["why"].endswith(".")
    )
