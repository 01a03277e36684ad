"""The international codes the warehouse follows.

Belongs here: which codes are kept of a file that holds all of them. Does not belong here: what the codes mean, which is
a seed of the models.
"""

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
