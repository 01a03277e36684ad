{# Derived figures: how they are rounded before they are published, and how two of them are compared. Python has the same
   in warehouse/figures.py; a test compares the two numbers. #}

{# Rounded to significant digits. The last digits of a logarithm or a mean depend on the processor; without them a release
   does not. Rounding keeps order: what lay between two bounds lies between them still. #}
{% macro settled(expression) -%}
    (cast(printf('%.{{ var("significant_digits") - 1 }}e', cast({{ expression }} as double)) as double) + 0.0)
{%- endmacro %}

{# A sum that does not depend on the order of rows: of whole millionths (of US$, kg, t), or of finer parts for shares. #}
{% macro exact_sum(expression, where=none, over=none, scale=6) -%}
    cast(
        sum(cast({{ expression }} as decimal(38, {{ scale }})))
        {%- if where %} filter (where {{ where }}){% endif %}
        {%- if over %} over {{ over }}{% endif %} as double
    )
{%- endmacro %}

{# Such a sum, null where one of its terms is not known. #}
{% macro complete_sum(expression, scale=6) -%}
    case when count({{ expression }}) = count(*) then {{ exact_sum(expression, scale=scale) }} end
{%- endmacro %}

{# A mean made of such a sum. #}
{% macro exact_mean(expression, where=none, scale=6) -%}
    {{ exact_sum(expression, where, scale=scale) }} / nullif(count({{ expression }})
    {%- if where %} filter (where {{ where }}){% endif %}, 0)
{%- endmacro %}

{# Whether two figures are more than the tolerance apart; null where either is null. The tolerance is a share of the
   larger of both, or of `of`: of the terms, where the figures are differences of terms that nearly cancel. #}
{% macro differs(left, right, of=none) -%}
    (
        abs(({{ left }}) - ({{ right }}))
        > {{ var("relative_tolerance") }} * {% if of %}({{ of }}){% else %}greatest(abs({{ left }}), abs({{ right }})){% endif %}
    )
{%- endmacro %}

{# Whether the left figure is larger than the right by more than the tolerance; null where either is null. #}
{% macro exceeds(left, right) -%}
    (({{ left }}) - ({{ right }}) > {{ var("relative_tolerance") }} * greatest(abs({{ left }}), abs({{ right }})))
{%- endmacro %}

{# One row's share of the sum of its window. #}
{% macro share_of_sum(expression, over) -%}
    {{ expression }} / nullif({{ exact_sum(expression, over=over) }}, 0)
{%- endmacro %}

{# Herfindahl–Hirschman index of shares between 0 and 1: from 0 (many suppliers) to 10,000 (one). #}
{% macro hhi(share) -%}
    10000 * {{ exact_sum(share ~ ' * ' ~ share, scale=15) }}
{%- endmacro %}

{# Pearson's correlation, of exact sums. #}
{% macro exact_corr(left, right) -%}
    (count(*) * {{ exact_sum(left ~ ' * ' ~ right) }} - {{ exact_sum(left) }} * {{ exact_sum(right) }})
    / nullif(
        sqrt(count(*) * {{ exact_sum(left ~ ' * ' ~ left) }} - {{ exact_sum(left) }} * {{ exact_sum(left) }})
        * sqrt(count(*) * {{ exact_sum(right ~ ' * ' ~ right) }} - {{ exact_sum(right) }} * {{ exact_sum(right) }}),
        0
    )
{%- endmacro %}

{# A figure in words: 1234567.8 as 1,234,568, and as 1234567.80. Null stays null. #}
{% macro thousands(expression) -%}
    format('{:,}', cast(round({{ expression }}) as bigint))
{%- endmacro %}

{% macro two_decimals(expression) -%}
    printf('%.2f', cast({{ expression }} as double))
{%- endmacro %}
