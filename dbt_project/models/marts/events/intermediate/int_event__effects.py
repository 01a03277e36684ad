"""Grain: one study × measure: the estimate of `event_study` with the verdict of `event_verdict`."""

STUDY = "event_date, source_code, reporter_code, partner_code, flow, product_key, has_unaffected, does_bear"


def model(dbt, session):
    """Hand the months, the studies and the shipments to the statistics."""
    from warehouse.statistics.event_study import effects
    from warehouse.statistics.event_verdict import upheld

    dbt.config(materialized="table")
    found = effects(dbt.ref("int_event__months").pl(), dbt.ref("int_event__studies").select(STUDY).pl())
    return upheld(found, dbt.ref("int_event__shipments").pl()).to_arrow()
