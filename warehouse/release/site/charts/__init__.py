"""Static charts: Vega-Lite specifications, rendered to SVG when the site is built, once wide and once for a phone."""
