-- Grain: the panel from which the reliability of one kind of figure (value, weight) is estimated: what it identifies.
select
    figure_kind,
    is_identified,
    not_identified_reason,
    cast(n_panel_pairs as integer) as n_pairs,
    cast(n_exporters as integer) as n_exporters,
    cast(n_importers as integer) as n_importers,
    cast(n_product_years as integer) as n_product_years,
    size_slope,
    usual_size,
    least_size,
    kappa_exporter,
    kappa_importer,
    cv_error,
    cv_error_all_alike,
    residual_variance,
    typical_sigma,
    bias_variance_exporter,
    bias_variance_importer,
    common_exporter_weight,
    common_weight_basis,
    common_weight_logit_sd
from {{ ref('int_mirror__reliability') }}
where reporter_role = 'panel'
