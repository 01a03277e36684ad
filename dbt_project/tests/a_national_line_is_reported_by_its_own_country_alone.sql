-- The same digits mean other goods elsewhere: no country's report is under another's line, and no flow has its
-- two sides matched on a national line.
with reports as (
    select
        fact_id,
        product_key,
        reporter_code
    from {{ as_built(ref('fct_trade_flow')) }}
    union all
    select
        fact_id,
        product_key,
        reporter_code
    from {{ as_built(ref('fct_trade_total')) }}
)

select reports.fact_id
from reports
left join {{ ref('dim_national_line') }} as lines
    on
        reports.product_key = lines.product_key
        and reports.reporter_code = lines.country_code
where
    reports.product_key not like 'HS:%'
    and lines.product_key is null
union all
select fact_id
from {{ as_built(ref('fct_trade_mirror')) }}
where
    product_key not like 'HS:%'
    and exporter_fact_id is not null
    and importer_fact_id is not null
