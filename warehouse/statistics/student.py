"""Student's t for a whole number of degrees of freedom: its distribution and its quantiles."""

from __future__ import annotations

import math


def student_cdf(t: float, df: int) -> float:
    """Probability that Student's t with `df` degrees of freedom (a whole number) is at most `t`.

    Abramowitz and Stegun 26.7.3 and 26.7.4. `student_cdf(2.776, 4)` is 0.975.
    """
    theta = math.atan(abs(t) / math.sqrt(df))
    cos, sin = math.cos(theta), math.sin(theta)
    if df % 2:
        term, total = cos, cos if df > 1 else 0.0
        for k in range(3, df - 1, 2):
            term *= cos * cos * (k - 1) / k
            total += term
        inside = 2 / math.pi * (theta + sin * total)
    else:
        term, total = 1.0, 1.0
        for k in range(2, df - 1, 2):
            term *= cos * cos * (k - 1) / k
            total += term
        inside = sin * total
    return 0.5 + math.copysign(inside / 2, t)


def student_quantile(probability: float, df: int) -> float:
    """Quantile of Student's t with `df` degrees of freedom, by bisection: `student_quantile(0.975, 4)` is 2.776."""
    low, high = 0.0, 1e6
    while high - low > 1e-12 * max(1.0, high):
        middle = (low + high) / 2
        low, high = (middle, high) if student_cdf(middle, df) < probability else (low, middle)
    return (low + high) / 2
