"""Grain: one study × measure: what `warehouse.event_study` finds. The mart that says it in words has the contract."""

STUDY = "event_date, source_code, reporter_code, partner_code, flow, product_key, has_unaffected"


def model(dbt, session):
    """Hand the months and the studies to the statistics."""
    from warehouse.event_study import effects

    dbt.config(materialized="table")
    return effects(dbt.ref("int_event__months").pl(), dbt.ref("int_event__studies").select(STUDY).pl()).to_arrow()
