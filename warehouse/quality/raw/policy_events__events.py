"""Gate 1 of the list of policy steps."""

from __future__ import annotations

from sources.publishers.policy_events.parse import ELEMENT_GROUPS
from sources.reading.layouts import declared
from sources.registry import sources
from warehouse.quality.expectations.rules import Suite, no_rows
from warehouse.quality.feeds import policy_events

_LAYOUTS = declared(sources()["policy_events"].package)
_ELEMENTS = ", ".join(f"'{token}'" for token in (*_LAYOUTS["lists"]["symbols"], *ELEMENT_GROUPS))
_WHOLE = _LAYOUTS["whole_list"]["partition"]

SUITE = Suite(
    table="policy_events__events",
    gate=1,
    rules=(
        *policy_events.RULES,
        no_rows(
            "elements_are_symbols_or_named_groups",
            "select * from (select event_id, unnest(string_split(elements, ';')) as element from {batch})"
            f" where element <> '' and element not in ({_ELEMENTS})",
            "an element of another spelling joins to nothing",
        ),
        no_rows(
            "ids_begin_with_the_actor_and_the_day",
            "select * from {batch} where not starts_with(event_id, lower(actor) || '-'"
            " || left(date_raw, case date_precision when 'day' then 10 when 'month' then 7 else 4 end) || '-')",
            "an id moved to another step would re-write history",
        ),
        no_rows(
            "the_licences_of_april_2025_are_there",
            f"select * from partitions where partition_name = '{_WHOLE}'"
            " and partition_name not in (select partition_name from {batch}"
            " where actor = 'CN' and event_date = date '2025-04-04' and elements = 'Sm;Gd;Tb;Dy;Lu;Sc;Y')",
            "a well-known step in the middle of the list: without it the list is incomplete",
        ),
    ),
)
