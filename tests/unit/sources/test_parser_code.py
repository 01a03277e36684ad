"""What is part of a parser's cache key and what is not, on small packages made for one case each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sources.parser_version import ParserCode

Write = Callable[..., str]


@pytest.fixture
def key_of(tmp_path: Path) -> Write:
    """Write a package `made` of these files, and return the key of its module `publisher.parse`."""
    count = iter(range(100))

    def write(**files: str) -> str:
        root = tmp_path / str(next(count)) / "made"
        for name in ("__init__", "publisher/__init__", *files):
            path = root / (name if "." in name else f"{name}.py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files.get(name, '"""A package."""\n'), encoding="utf-8")
        return ParserCode(root).version(root / "publisher", "made.publisher.parse")

    return write


def with_parser(text: str, **others: str) -> dict[str, str]:
    return {"publisher/parse": text, **others}


USE = "\n\ndef parse(x):\n    return f(x)\n"
F, G = "def f(x):\n    return x + 1\n", "def f(x):\n    return x + 2\n"


@pytest.mark.parametrize(
    "line",
    [
        "from made.cells import f",
        "from made.cells import *",
        "from made import cells",
        "import made.cells",
        "import made.cells as c",
        "from ..cells import f",
        "from .. import cells",
        "def g():\n    from made.cells import f",
        "def g():\n    if g:\n        import made.cells",
        "from made.middle import f",
    ],
)
def test_a_module_counts_however_it_is_imported(key_of, line):
    middle = "def f():\n    from made.cells import f\n"
    one, other = (key_of(**with_parser(line + USE, cells=text, middle=middle)) for text in (F, G))
    assert one != other


def test_a_package_counts_by_what_its_init_does(key_of):
    files = with_parser("from made.cells import f" + USE, cells=F)
    described = key_of(**files, **{"publisher/__init__": '"""Another description."""\n'})
    assert described == key_of(**files)
    assert key_of(**files, **{"publisher/__init__": "x = 1\n"}) != described
    assert key_of(**files, **{"publisher/__init__": "from made.cells import f\n"}) != described


def test_a_module_that_is_not_imported_does_not_count(key_of):
    files = with_parser("from made.cells import f" + USE, cells=F)
    assert key_of(**files, fetch="import httpx\n") == key_of(**files)


def test_modules_may_import_each_other(key_of):
    files = with_parser("from made.cells import f" + USE)
    texts = (F + "from made.tables import g\n", G + "from made.tables import g\n")
    one, other = (key_of(**files, cells=text, tables="from made.cells import f\n") for text in texts)
    assert one != other


def test_a_module_that_moves_and_is_renamed_counts_as_before(key_of):
    moved = {"reading/__init__": '"""Reading."""\n', "reading/cell_readers": F}
    before = key_of(**with_parser("from made.cells import f" + USE, cells=F))
    assert key_of(**with_parser("from made.reading.cell_readers import f" + USE, **moved)) == before
    assert key_of(**with_parser("from ..reading.cell_readers import f" + USE, **moved)) == before


def test_comments_docstrings_and_the_order_of_imports_do_not_count(key_of):
    plain = "from made.cells import f\nfrom made.tables import g" + USE
    dressed = '"""Words."""\nfrom made.tables import g\n\n# a comment\nfrom made.cells import (\n    f,\n)\n' + USE
    files = {"cells": F, "tables": "g = 1\n"}
    assert key_of(**with_parser(plain, **files)) == key_of(**with_parser(dressed, **files))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("from made.cells import f", "from made.cells import g as f"),
        ("from made.cells import f", "from made.tables import f"),
        ("from made.cells import f\nfrom math import ceil", "from made.cells import f\nfrom math import floor as ceil"),
        ("from made.cells import f\nimport math as m", "from made.cells import f\nimport cmath as m"),
        ("from made.cells import f\nX = 0", "from made.cells import f\nX = False"),
        ("from made.cells import f\nX = 1", "from made.cells import f\nX = 1.0"),
        ("from made.cells import f\nX = None", "from made.cells import f\nX = 'None'"),
        ("from made.cells import f\nX = 'a\\n\\nb'", "from made.cells import f\nX = 'a\\nb'"),
    ],
)
def test_what_a_name_stands_for_counts(key_of, one, other):
    both = "import made.cells\nimport made.tables\n"
    files = {"cells": F + "def g(x):\n    return x\n", "tables": G}
    assert key_of(**with_parser(both + one + USE, **files)) != key_of(**with_parser(both + other + USE, **files))


def test_a_data_file_counts_by_its_content_and_not_by_its_name(key_of):
    files = with_parser("from made.cells import f" + USE, cells=F)
    one = key_of(**files, **{"publisher/labels.csv": "a,b\n"})
    assert one == key_of(**files, **{"publisher/words.csv": "a,b\n"})
    assert one != key_of(**files, **{"publisher/labels.csv": "a,c\n"})
    assert one != key_of(**files)


def test_a_data_file_beside_a_shared_module_counts(key_of):
    files = with_parser("from made.reading.cells import f" + USE, **{"reading/cells": F, "reading/__init__": ""})
    assert key_of(**files) != key_of(**files, **{"reading/units.toml": "kg = 1\n"})
    assert key_of(**files) == key_of(**files, **{"fetching/units.toml": "kg = 1\n"})


def test_data_named_after_a_module_count_where_the_module_does(key_of):
    files = with_parser("from made.publisher.form import f" + USE, **{"publisher/form": F, "publisher/fetch": G})
    assert key_of(**files) == key_of(**files, **{"publisher/fetch.toml": "a = 1\n"})
    assert key_of(**files) != key_of(**files, **{"publisher/form.toml": "a = 1\n"})


def test_an_import_of_a_missing_module_is_an_error_that_names_it(key_of):
    with pytest.raises(ImportError, match=r"made\.gone is not a module of .*made\. Remedy"):
        key_of(**with_parser("from made.gone import f" + USE))
