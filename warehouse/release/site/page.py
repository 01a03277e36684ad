"""A page of the site, and the navigation it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from warehouse.release.site.chart import Chart
from warehouse.release.site.section import Section


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its path in the site, title, one sentence of description, template and what that shows."""

    path: str
    title: str
    lead: str
    template: str
    content: Mapping[str, Any] = field(default_factory=dict)
    search_text: str = ""

    @property
    def root(self) -> str:
        """The way from the page to the site's folder: empty, or `../` for a page in a folder."""
        return "../" * self.path.count("/")

    def charts(self) -> Iterator[Chart]:
        """Every chart in its content, also in lists and sections."""
        yield from _charts(self.content)


def _charts(content: Any) -> Iterator[Chart]:
    if isinstance(content, Chart):
        yield content
    elif isinstance(content, Section):
        yield from content.charts
    elif isinstance(content, Mapping):
        for value in content.values():
            yield from _charts(value)
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for value in content:
            yield from _charts(value)


NAVIGATION: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Trade", (("corridor.html", "Corridor"), ("magnets.html", "Magnets"), ("india.html", "India's balance"))),
    (
        "Supply",
        (
            ("production.html", "Production and reserves"),
            ("processing.html", "Processing and quotas"),
            ("prices.html", "Prices"),
        ),
    ),
    (
        "How sure",
        (
            ("revisions.html", "Revisions"),
            ("reconciliation.html", "Reconciliation"),
            ("events.html", "Policy steps"),
            ("coverage.html", "Coverage"),
        ),
    ),
    (
        "Data",
        (
            ("figures/index.html", "Figures"),
            ("explorer.html", "Explorer"),
            ("dictionary.html", "Dictionary"),
            ("docs/index.html", "Documentation"),
        ),
    ),
)
"""The menus, each with the paths and names of its pages. Home and the chain stand beside them."""
