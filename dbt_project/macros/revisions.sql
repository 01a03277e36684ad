{# The facts whose figures publishers restate: what tells one measured thing from another beside its source and period,
   and the measured columns with their units; none is the currency of the row. #}
{% macro revised_facts() -%}
    {{ return({
        'fct_production': {
            'figures': {'production_t_reo': 't_reo', 'production_t_gross': 't_gross'},
            'country': 'country_code', 'year': 'year', 'detail': ['series'],
        },
        'fct_reserves': {'figures': {'reserves_t_reo': 't_reo'}, 'country': 'country_code', 'year': 'as_of_year', 'detail': []},
        'fct_world_total': {
            'figures': {'total_t_reo': 't_reo'}, 'country': none, 'year': 'year', 'detail': ['measure', 'scope', 'series'],
        },
        'fct_quota': {
            'figures': {'quota_t_reo': 't_reo'}, 'country': 'country_code', 'year': 'year',
            'detail': ['quota_type', 'batch', 'earths'],
        },
        'fct_resources': {
            'figures': {'resources_t_monazite': 't_monazite', 'resources_t_reo': 't_reo'}, 'country': 'country_code',
            'year': none, 'from': 'as_of_start', 'to': 'as_of_end', 'detail': ['region_name', 'deposit', 'substance', 'as_of_start'],
        },
        'fct_published_share': {'figures': {'share': 'ratio'}, 'trade': true, 'detail': ['share_measure']},
        'fct_trade_flow': {'figures': trade_figures(), 'trade': true, 'detail': ['stated_in']},
        'fct_trade_total': {'figures': trade_figures(), 'trade': true, 'detail': ['stated_in']},
        'fct_trade_rollup': {'figures': trade_figures(), 'trade': true, 'detail': ['stated_in']},
        'fct_trade_reference': {
            'figures': {'value_usd': 'usd', 'net_weight_kg': 'kg'}, 'pair': true, 'detail': [],
        },
    }) }}
{%- endmacro %}

{% macro trade_figures() -%}
    {{ return({'value_usd': 'usd', 'value_local': none, 'net_weight_kg': 'kg'}) }}
{%- endmacro %}
