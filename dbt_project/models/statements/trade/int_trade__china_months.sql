-- Grain: one published month of one monthly series with China on one side, headings only.
with series_months as (
    select * from {{ ref('int_trade__series_months') }}
)

select * from series_months
where 'CHN' in (reporter_code, partner_code)
