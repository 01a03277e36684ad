"""Grain: one annual study × measure: the estimate of `annual_study` with its verdict."""

STUDY = "product_key, target_code, comparison_product_key, year_before, year_after"


def model(dbt, session):
    """Hand the exports and the studies to the statistics."""
    from warehouse.statistics.annual_study import annual_effects

    dbt.config(materialized="table")
    studies = dbt.ref("int_event__annual_studies").select(STUDY).pl()
    return annual_effects(dbt.ref("int_event__annual_figures").pl(), studies).to_arrow()
