"""Grain: one study × measure: the estimate of `event_study`, with the verdicts that hold and may be claimed."""

STUDY = "event_date, source_code, reporter_code, partner_code, flow, product_key, has_unaffected, does_bear"


def model(dbt, session):
    """Hand the months, the studies and the shipments to the statistics."""
    from warehouse.statistics.event_claim import claimed
    from warehouse.statistics.event_partners import among_partners
    from warehouse.statistics.event_study import effects
    from warehouse.statistics.event_verdict import upheld

    dbt.config(materialized="table")
    months = dbt.ref("int_event__months").pl()
    shipments = dbt.ref("int_event__shipments").pl()
    found = effects(months, dbt.ref("int_event__studies").select(STUDY).pl())
    found = upheld(among_partners(found, shipments), shipments)
    return claimed(found, months).drop("has_unaffected", "does_bear").to_arrow()
