"""Writes docs/llms.txt, the page for assistants: `python -m warehouse.docs.llms_page`."""

from __future__ import annotations

import sys
from pathlib import Path

from warehouse.release.catalogue import described_tables
from warehouse.release.llms import llms_txt
from warehouse.settings import Settings

PAGE = Path("docs", "llms.txt")


def llms_page(settings: Settings) -> str:
    """The page of the repository, with links to its Markdown."""
    return llms_txt(described_tables(settings), pages="{}.md")


def main() -> None:
    """Write docs/llms.txt of the checkout that is the current folder."""
    if not PAGE.parent.is_dir():
        sys.exit(f"There is no folder {PAGE.parent} here: run this at the top of a checkout.")
    PAGE.write_text(llms_page(Settings()), encoding="utf-8")
    sys.stdout.write(f"{PAGE} written\n")


if __name__ == "__main__":
    main()
