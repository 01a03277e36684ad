"""Colours of the site, light and dark: one accent, and data colours that colour-blind readers can tell apart.

The hues follow Okabe and Ito (2008, Color Universal Design), darkened or lightened until text in them has a contrast of
4.5 with its background (WCAG 2.2, 1.4.3). Charts use names (`var(--china)`), so that one SVG serves both modes.
"""

from __future__ import annotations

LIGHT = {
    "bg": "#ffffff",
    "surface": "#f5f4f0",
    "ink": "#15202b",
    "muted": "#566270",
    "rule": "#d8dbdd",
    "grid": "#e6e7e6",
    "accent": "#0b5d8a",
    "china": "#b84300",
    "india": "#0063a3",
    "reference": "#00735a",
    "third": "#8d3f6c",
    "fourth": "#7a5b00",
    "other": "#5f6a75",
    "soft": "#c9ced2",
    "held": "#0b5d8a",
    "partly": "#8fbcd6",
    "quarantined": "#c9a227",
    "gap": "#eceae4",
    "good": "#00735a",
    "warn": "#8a5a00",
}
DARK = {
    "bg": "#10171e",
    "surface": "#19232d",
    "ink": "#e9edf1",
    "muted": "#a4b0bc",
    "rule": "#31404e",
    "grid": "#263340",
    "accent": "#74bdec",
    "china": "#ff9457",
    "india": "#6fb9ee",
    "reference": "#52c9a6",
    "third": "#e19cc5",
    "fourth": "#e2b84d",
    "other": "#9caab6",
    "soft": "#46545f",
    "held": "#5aa9dc",
    "partly": "#2f5d7c",
    "quarantined": "#d3ab33",
    "gap": "#222d37",
    "good": "#52c9a6",
    "warn": "#e2b84d",
}
TEXT = ("ink", "muted", "accent", "china", "india", "reference", "third", "fourth", "other", "good", "warn")
"""Colours that text is set in: each reaches 4.5 on `bg` and on `surface`."""


def contrast(first: str, second: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance): `#000000` and `#ffffff` have 21."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def css() -> str:
    """The colours as CSS variables: light, dark by the system's setting, and either by the reader's choice."""
    light, dark = (";".join(f"--{name}:{value}" for name, value in mode.items()) for mode in (LIGHT, DARK))
    return (
        f":root{{color-scheme:light;{light}}}\n@media screen and "
        f"(prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}\n@media "
        f"screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}\n"
    )
