"""Gate 1 of policy steps: is the list of a load believable?"""

from __future__ import annotations

from warehouse.quality.expectations.rules import Rule, in_closed_list, in_closed_list_or_null, no_rows, not_null
from warehouse.quality.feeds.loads import PARTITIONS_ARE_NAMED, REJECTS_ARE_EXPECTED, every_partition_has_rows

RULES: tuple[Rule, ...] = (
    every_partition_has_rows("a list without a row was not read"),
    not_null("event_id", "a step is known by its id"),
    not_null("event_date", "the earliest day it may have been"),
    not_null("event_date_last", "the latest day it may have been"),
    *in_closed_list("date_precision", "a month read as a day would date the step to the first of the month"),
    *in_closed_list("date_basis", "a day that only the press gives is marked"),
    *in_closed_list("direction", "what restricts and what eases are never mixed"),
    not_null("actor", "whose step it is"),
    not_null("event_type", "what kind of step it is"),
    not_null("instrument", "what it rests on"),
    not_null("title", "what happened"),
    not_null("date_raw", "the day as the list gives it is kept"),
    not_null("elements", "a step that names no element has an empty list"),
    not_null("hs_codes", "a step that names no code has an empty list"),
    no_rows(
        "days_are_as_exact_as_they_claim",
        "select * from {batch} where event_date_last <> case date_precision"
        " when 'day' then event_date when 'month' then last_day(event_date)"
        " when 'year' then make_date(year(event_date), 12, 31) end"
        " or (date_precision <> 'day' and day(event_date) <> 1)"
        " or (date_precision = 'year' and month(event_date) <> 1)",
        "a window that is no day, month or year is a misread date",
    ),
    no_rows(
        "days_of_a_step_follow_each_other",
        "select * from {batch} where ended_on < effective_from or suspended_on < announced_on"
        " or suspended_on > ended_on",
        "a step that ends before it begins has its days exchanged",
    ),
    no_rows(
        "ends_are_as_exact_as_they_claim",
        "select * from {batch} where (ended_on is null) <> (ended_on_precision is null)"
        " or (ended_on_precision = 'month' and ended_on <> last_day(ended_on))"
        " or (ended_on_precision = 'year' and (month(ended_on), day(ended_on)) <> (12, 31))",
        "an end known to the month only is no day",
    ),
    no_rows(
        "a_step_is_public_when_it_is_listed",
        "select * from {batch} where public_by > known_from or announced_on > public_by"
        " or (public_by is null) <> (public_basis is null)",
        "a notice of a day to come cannot be in a list",
    ),
    in_closed_list_or_null("ended_on_precision", "how exactly the end is known"),
    in_closed_list_or_null("affected_flow", "which flow of the actor it touches"),
    in_closed_list_or_null("subject", "goods and technology are never mixed"),
    in_closed_list_or_null("public_basis", "how the day is known"),
    no_rows(
        "a_step_repeats_another_of_its_list",
        "select * from {batch} where same_step_as is not null and partition_name || ':' || same_step_as not in"
        " (select partition_name || ':' || event_id from {batch} where same_step_as is null)",
        "a step that repeats none of the list would not be counted at all",
    ),
    no_rows(
        "days_are_those_of_the_list",
        "select * from {batch} where not starts_with(date_raw, left(cast(event_date as varchar),"
        " case date_precision when 'day' then 10 when 'month' then 7 else 4 end))",
        "a day read with its month and day exchanged",
    ),
    no_rows(
        "steps_lie_between_1990_and_ten_years_after_the_list",
        "select arriving.* from {batch} as arriving inner join partitions"
        " on arriving.partition_name = partitions.partition_name"
        " where year(event_date) not between 1990 and partitions.year + 10",
        "a step may be announced years ahead; one of a century ago, or to come, is a misprint",
    ),
    no_rows(
        "titles_are_short",
        "select * from {batch} where length(title) > 100",
        "a title is our own few words, not a sentence of the source",
    ),
    no_rows(
        "codes_are_4_to_10_digits",
        "select * from (select event_id, unnest(string_split(hs_codes, ';')) as code from {batch} where hs_codes <> '')"
        " where not regexp_full_match(code, '[0-9]+') or length(code) not between 4 and 10",
        "a code of another form joins to nothing",
    ),
    no_rows(
        "addresses_are_addresses",
        "select * from {batch} where source_url is null or not regexp_matches(source_url, '^https?://')",
        "every step can be looked up",
    ),
    PARTITIONS_ARE_NAMED,
    REJECTS_ARE_EXPECTED,
)
