{# The facts that mart_why explains: the columns by which a person names a row, and the figures in it. #}
{% macro explained_facts() -%}
    {%- set trade = ['source_code', 'reporter_code', 'partner_code', 'flow', 'product_key', 'period_type', 'period_start'] -%}
    {%- set pair = ['exporter_code', 'importer_code', 'product_key', 'period_type', 'period_start'] -%}
    {{ return({
        'fct_production': {'key': ['source_code', 'edition', 'country_code', 'year', 'series'],
            'figures': ['production_t_reo', 'production_t_gross']},
        'fct_reserves': {'key': ['source_code', 'edition', 'country_code', 'as_of_year'], 'figures': ['reserves_t_reo']},
        'fct_world_total': {'key': ['source_code', 'edition', 'measure', 'scope', 'year', 'series'],
            'figures': ['total_t_reo']},
        'fct_quota': {'key': ['source_code', 'country_code', 'quota_type', 'year', 'batch', 'earths'],
            'figures': ['quota_t_reo']},
        'fct_resources': {'key': ['source_code', 'country_code', 'region_name', 'deposit', 'substance', 'as_of_start'],
            'figures': ['resources_t_monazite', 'resources_t_reo']},
        'fct_published_share': {'key': trade + ['share_measure'], 'figures': ['share']},
        'fct_trade_flow': {'key': trade + ['stated_in'], 'figures': ['value_usd', 'value_local', 'net_weight_kg']},
        'fct_trade_total': {'key': trade + ['stated_in'], 'figures': ['value_usd', 'value_local', 'net_weight_kg']},
        'fct_trade_rollup': {'key': trade + ['stated_in'], 'figures': ['value_usd', 'value_local', 'net_weight_kg']},
        'fct_trade_reference': {'key': ['source_code'] + pair, 'figures': ['value_usd', 'net_weight_kg']},
        'fct_trade_mirror': {'key': pair,
            'figures': ['value_usd', 'value_low_usd', 'value_high_usd', 'x_fob_usd', 'm_cif_usd', 'cif_ratio',
                'w_exporter_value', 'weight_kg', 'weight_low_kg', 'weight_high_kg', 'x_weight_kg', 'm_weight_kg',
                'w_exporter_weight']},
    }) }}
{%- endmacro %}

{# A number as text, without an exponent or digits that mean nothing. #}
{% macro figure_text(column) -%}
    regexp_replace(cast(cast({{ column }} as decimal(28, 4)) as varchar), '\.?0+$', '')
{%- endmacro %}
