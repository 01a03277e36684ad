"""The index of the site's search box: title, path and text of every page, as one script."""

from __future__ import annotations

import json
from collections.abc import Sequence

from warehouse.release.site.page import Page


def search_index(pages: Sequence[Page]) -> str:
    """A script that sets `SITE_PAGES`: browsers load no JSON from the file system, but scripts."""
    entries = [
        {"p": page.path, "t": page.title, "l": page.lead, "x": " ".join(page.search_text.split())} for page in pages
    ]
    return f"window.SITE_PAGES={json.dumps(entries, ensure_ascii=False, separators=(',', ':'))};\n"
