"""Each difference between DuckDB's SQL and Spark's, by its name."""

from __future__ import annotations

import pytest

from warehouse.spark.dialect import UntranslatableError, spark_literal, spark_type, to_spark

COLUMNS = {"raw.t": ("a", "b", "c"), "core.u": ("c", "a")}


def spark(query: str) -> str:
    """The query in Spark's SQL, on one line, without quotes around names."""
    return " ".join(to_spark(query, COLUMNS)[0].replace("`", "").split())


def projected(expression: str) -> str:
    """An expression over `raw.t` in Spark's SQL."""
    return spark(f"select {expression} as x from raw.t").removeprefix("SELECT ").partition(" AS x FROM raw.t")[0]


def test_stars_are_written_out_and_named() -> None:
    text, names = to_spark("select * exclude (b) replace (a + 1 as a) from raw.t", COLUMNS)
    assert names == ("a", "c")
    assert " ".join(text.replace("`", "").split()) == "SELECT t.a + 1 AS a, t.c AS c FROM raw.t AS t"


def test_a_catalog_is_left_out() -> None:
    assert "FROM raw.t AS t" in spark('select a from "work"."raw"."t"')


def test_a_column_comes_before_an_alias_of_the_same_name() -> None:
    assert spark("select a + 1 as b from raw.t where b > 3").endswith("WHERE t.b > 3")


def test_unions_by_name_are_put_in_order() -> None:
    assert spark("select a, c from raw.t union all by name select * from core.u") == (
        "SELECT t.a AS a, t.c AS c FROM raw.t AS t UNION ALL SELECT u.a AS a, u.c AS c FROM core.u AS u"
    )


def test_a_column_that_a_union_by_name_lacks_is_null() -> None:
    query = "select a from raw.t union all by name select a, c from core.u union all by name select b from raw.t"
    assert spark(query) == (
        "SELECT t.a AS a, NULL AS c, NULL AS b FROM raw.t AS t"
        " UNION ALL SELECT u.a AS a, u.c AS c, NULL AS b FROM core.u AS u"
        " UNION ALL SELECT NULL AS a, NULL AS c, t.b AS b FROM raw.t AS t"
    )


def test_nulls_are_last_as_in_duckdb() -> None:
    assert "ORDER BY t.b NULLS LAST" in projected("row_number() over (partition by a order by b)")


def test_qualify_becomes_a_condition_on_a_subquery() -> None:
    text = spark("select * from raw.t qualify row_number() over (partition by a order by b) = 1")
    assert "QUALIFY" not in text
    assert text.endswith("WHERE _w = 1")


def test_a_column_beside_a_window_in_qualify_has_no_table() -> None:
    text = spark("select a, b from raw.t qualify b >= min(a) over (partition by c)")
    assert "MIN(t.a) OVER (PARTITION BY t.c) AS _w" in text
    assert text.endswith("WHERE b >= _w")


def test_nested_unnests_become_lateral_views() -> None:
    assert spark("select make_date(a, unnest(generate_series(1, 12)), 1) as d from raw.t") == (
        "SELECT MAKE_DATE(t.a, unnested_1.element, 1) AS d FROM raw.t AS t"
        " LATERAL VIEW EXPLODE(SEQUENCE(1, 12)) unnested_1 AS element"
    )


def test_joined_texts_come_from_a_sorted_list() -> None:
    assert projected("string_agg(distinct a, '; ' order by a) filter (where b)") == (
        "CASE WHEN COUNT_IF(t.b AND NOT t.a IS NULL) > 0 THEN ARRAY_JOIN(ARRAY_SORT(COLLECT_SET("
        "CASE WHEN t.b AND NOT t.a IS NULL THEN NAMED_STRUCT('k0', t.a, 'v', t.a) END)).v, '; ') END"
    )
    assert "REVERSE(ARRAY_SORT(COLLECT_LIST(" in projected("string_agg(a, ', ' order by b desc)")


@pytest.mark.parametrize("order", ["b, c desc", "a desc, c"])
def test_joined_texts_of_a_mixed_order_are_refused(order: str) -> None:
    with pytest.raises(UntranslatableError, match="order"):
        projected(f"string_agg(a, ', ' order by {order})")


def test_chosen_columns_are_those_that_the_table_has() -> None:
    text, names = to_spark("select b as x, columns('^(z|c|a)$') from raw.t", COLUMNS)
    assert names == ("x", "a", "c")
    assert "lambda" not in text.lower()


def test_a_filtered_window_counts_a_case() -> None:
    assert projected("count(*) filter (where a) over (partition by b)") == (
        "COUNT(CASE WHEN t.a THEN 1 END) OVER (PARTITION BY t.b)"
    )
    assert projected("sum(c) filter (where a) over (partition by b)") == (
        "SUM(CASE WHEN t.a THEN t.c END) OVER (PARTITION BY t.b)"
    )
    assert projected("count(*) filter (where a)") == "COUNT(*) FILTER(WHERE t.a)"


def test_a_moving_median_comes_from_a_sorted_list() -> None:
    moving = projected("median(a) over (partition by b order by c rows between 3 preceding and 3 following)")
    assert "ARRAY_SORT(COLLECT_LIST(t.a) OVER (PARTITION BY t.b ORDER BY t.c NULLS LAST ROWS BETWEEN" in moving.replace(
        "rows", "ROWS"
    )
    assert "MEDIAN" not in moving
    assert projected("median(a) over (partition by b)") == "MEDIAN(t.a) OVER (PARTITION BY t.b)"


def test_a_division_is_one_of_doubles() -> None:
    assert projected("a / b") == "CAST(t.a AS DOUBLE) / t.b"
    assert projected("cast(a as double) / b") == "CAST(t.a AS DOUBLE) / t.b"


def test_a_printed_number_is_rounded_from_its_exact_value() -> None:
    assert projected("printf('%.8e', a)") == "FORMAT_NUMBER(t.a, '0.00000000E0')"
    assert projected("printf('%.2f', a)") == "FORMAT_NUMBER(t.a, '0.00')"
    assert projected("format('{:,}', a)") == "FORMAT_NUMBER(t.a, '#,##0')"


@pytest.mark.parametrize("printed", ["format('{}', a)", "printf('%d', a)", "printf('%.2f %.2f', a, b)"])
def test_a_printed_number_of_another_kind_is_refused(printed: str) -> None:
    with pytest.raises(UntranslatableError):
        projected(printed)


def test_a_concatenation_leaves_nulls_out_and_its_parts_are_translated() -> None:
    assert projected("concat('x', printf('%.2f', b))") == (
        "CONCAT_WS('', CAST('x' AS STRING), CAST(FORMAT_NUMBER(t.b, '0.00') AS STRING))"
    )
    assert projected("concat_ws('-', 'x', 'y')") == "CONCAT_WS('-', CAST('x' AS STRING), CAST('y' AS STRING))"
    assert projected("a || b") == "t.a || t.b"


def test_a_column_that_is_concatenated_is_written_as_duckdb_does() -> None:
    text = projected("concat_ws('-', a, b)")
    assert "TRY_CAST(t.a AS DOUBLE)" not in text  # Spark refuses it where the column is a date
    assert text.startswith("CONCAT_WS('-', CASE WHEN TYPEOF(t.a) <> 'double' THEN CAST(t.a AS STRING) WHEN")
    assert r"'(\\.\\d+?)0+$', '$1')" in text
    assert "?" not in text.replace("+?", "")


def test_an_interval_of_a_computed_length() -> None:
    assert projected("a - to_months(6)") == "t.a - MAKE_YM_INTERVAL(0, CAST(6 AS INT))"
    assert projected("a - to_years(1)") == "t.a - MAKE_YM_INTERVAL(CAST(1 AS INT))"
    assert projected("a + to_days(b)") == "t.a + MAKE_DT_INTERVAL(CAST(t.b AS INT))"


def test_months_between_are_ends_of_months() -> None:
    assert projected("date_diff('month', a, b)") == (
        "(((YEAR(t.b) * 12) + MONTH(t.b)) - ((YEAR(t.a) * 12) + MONTH(t.a)))"
    )


def test_a_distinct_list_is_a_set() -> None:
    assert projected("list(distinct a)") == "COLLECT_SET(t.a)"


def test_holds_all_of_another_list() -> None:
    assert projected("list_has_all(a, b)") == "(SIZE(ARRAY_EXCEPT(t.b, t.a)) = 0)"


def test_an_element_of_a_computed_position_counts_from_one() -> None:
    assert projected("a[cast(b as int) + 1]") == "TRY_ELEMENT_AT(t.a, (CAST(t.b AS INT) + 0) + 1)"
    assert projected("a[1]") == "t.a[0]"


def test_the_length_of_a_list_is_its_size() -> None:
    assert projected("len(list_filter(a, lambda x: x > 1))") == "SIZE(FILTER(t.a, x -> x > 1))"
    assert "SIZE(s.d)" in spark(
        "select len(s.d) as n from (select list_filter(a, lambda x: x > 1) as d from raw.t) as s"
    )
    assert projected("length(a)") == "LENGTH(t.a)"


def test_a_quantile_interpolates() -> None:
    assert projected("quantile_cont(a, 0.9)") == "PERCENTILE(t.a, 0.9)"


def test_hashes_have_as_many_bits() -> None:
    assert projected("hash(a, b)") == "XXHASH64(t.a, t.b)"
    assert projected("md5_number(a)") == "MD5(t.a)"


def test_a_pattern_keeps_its_backslash() -> None:
    assert projected(r"regexp_replace(a, '\.?0+$', '')") == r"REGEXP_REPLACE(t.a, '\\.?0+$', '')"


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(UntranslatableError, match=r"raw\.missing"):
        spark("select * from raw.missing")
    with pytest.raises(UntranslatableError, match="missing"):
        spark("select missing from raw.t")
    with pytest.raises(UntranslatableError, match="no select"):
        spark("drop table raw.t")


def test_types_have_their_counterparts() -> None:
    assert spark_type("varchar") == "STRING"
    assert spark_type("VARCHAR[]") == "ARRAY<STRING>"
    assert spark_type("TIMESTAMP WITH TIME ZONE") == "TIMESTAMP"
    assert spark_type("double") == "DOUBLE"


def test_a_literal_keeps_its_quotes_and_backslashes() -> None:
    assert spark_literal("it's") == r"'it\'s'"
    assert spark_literal("a\\b") == r"'a\\b'"
