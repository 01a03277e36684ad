"""The international codes the warehouse follows."""

from __future__ import annotations

HS_CODES = (
    "253090",
    "261220",
    "261790",
    "2805",
    "280530",
    "2846",
    "284610",
    "284690",
    "360690",
    "720299",
    "850511",
    "850519",
)
"""The codes the warehouse follows: rare earths from ore to magnet."""
