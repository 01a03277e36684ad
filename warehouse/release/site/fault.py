"""The one page of a site that could not be built, and how others recognise it."""

from __future__ import annotations

import shutil
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

_FAULT_FILE = "fault.txt"


def page_of_fault(folder: Path, fault: str) -> None:
    """Write the one page into the folder of the site: it says what went wrong, and leads to the figures."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
    page = environment.get_template("fault.html.j2").render(fault=fault)
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / _FAULT_FILE).write_text(f"{fault}\n", encoding="utf-8")


def site_fault(release: Path) -> str | None:
    """Why a release has no site, such as `KeyError: 'year'`; None if it has one, or is older than the site."""
    file = release / "site" / _FAULT_FILE
    return file.read_text(encoding="utf-8").strip() if file.is_file() else None
