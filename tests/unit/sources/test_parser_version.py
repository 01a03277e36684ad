"""The cache keys of the registered publishers, on copies of the package `sources`."""

from __future__ import annotations

import ast
import dataclasses
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sources as package
from sources.http import client
from sources.model import artifact, feeds, products
from sources.model import source as source_model
from sources.parser_version import Module, ParserCode, entries_of, parser_version
from sources.reading import (
    cells,
    columns,
    corrections,
    delimited,
    layouts,
    mineral_statistics,
    tables,
    vocabulary,
    workbooks,
)
from sources.registry import fetchers, receivers, sources
from sources.snapshot.reader import Snapshot

pytestmark = pytest.mark.thorough

SOURCES = Path(package.__file__).parent
ALL = set(sources())
WITH_LABELS = {code for code, source in sources().items() if (source.package / "labels.csv").exists()}

Keys = dict[str, str]
RUNNING: Keys = {code: parser_version(source) for code, source in sources().items()}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package, without the bundled figures, so that a test may change its files."""
    copy = tmp_path / "sources"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("__pycache__", "files"))
    return copy


def place_of(tree: Path, code: str) -> Path:
    """A publisher's folder in the copy."""
    return tree / sources()[code].package.relative_to(SOURCES)


def file_of(tree: Path, module: str) -> Path:
    """A module's file in the copy."""
    return tree / Path(str(sys.modules[module].__file__)).relative_to(SOURCES)


def keys(tree: Path, code: ParserCode | None = None) -> Keys:
    """The key of each publisher in the copy; `code` holds its modules where only data were edited."""
    code = code or ParserCode(tree)
    return {name: code.version(place_of(tree, name), *entries_of(source)) for name, source in sources().items()}


class Reread(ParserCode):
    """The package as it is now, each time; of files whose bytes are those of the time before, the syntax is kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._kept: dict[str, tuple[bytes, Module]] = {}

    def _module(self, name: str) -> Module:
        path = self._path(name)
        assert path is not None
        content = path.read_bytes()
        if self._kept.get(name, (None,))[0] != content:
            self._kept[name] = content, self._read(name, path)
        return self._kept[name][1]


def edit(path: Path) -> None:
    """Add a statement, which TOML and CSV take for an entry or a row."""
    path.write_text(path.read_text(encoding="utf-8") + "\nadded = 1\n", encoding="utf-8")


def differing(one: Keys, other: Keys) -> set[str]:
    return {code for code in one if one[code] != other[code]}


def modules_of(code: str) -> dict[str, Path]:
    found = ParserCode(SOURCES).modules(*entries_of(sources()[code]))
    return {name: module.path for name, module in found.items()}


def fetching_modules() -> set[str]:
    """The modules that ask publishers or take in dropped files, and the client they ask with."""
    asking = {fetcher.fetch.__module__ for fetcher in fetchers().values()}
    return {client.__name__, *asking, *(receive.__module__ for receive in receivers().values())}


def move(tree: Path, old: str, new: str) -> None:
    """Move a module of the copy to another dotted name, and update the imports of the modules that use it."""
    target = tree.joinpath(*new.split(".")[1:]).with_suffix(".py")
    target.parent.mkdir(parents=True, exist_ok=True)
    if not (target.parent / "__init__.py").exists():
        (target.parent / "__init__.py").write_text('"""What publishers share."""\n', encoding="utf-8")
    file_of(tree, old).rename(target)
    for path in tree.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f"from {old} import", f"from {new} import"), encoding="utf-8")


def test_an_untouched_copy_has_the_keys_of_the_package_that_runs(tree):
    assert keys(tree) == RUNNING


def test_each_publisher_has_a_key_of_its_own():
    assert len(set(RUNNING.values())) == len(ALL)


@pytest.mark.parametrize(
    ("module", "users"),
    [
        (cells, ALL),
        (artifact, ALL),
        (source_model, ALL),
        (tables, ALL),
        (corrections, ALL),
        (feeds, ALL),
        (layouts, ALL),
        (vocabulary, ALL),
        (columns, ALL - {"usgs_mcs"}),
        (delimited, ALL - {"usgs_myb", "usgs_ds140", "iea", "us_census"}),
        (workbooks, {"usgs_myb", "usgs_ds140", "usitc_dataweb"}),
        (mineral_statistics, {"usgs_myb", "usgs_ds140"}),
        (products, {"un_comtrade", "india_tradestat", "cepii_baci", "pib_india"}),
    ],
    ids=lambda value: value.__name__ if hasattr(value, "__name__") else "",
)
def test_an_edited_shared_module_changes_the_keys_of_those_who_use_it(tree, module, users):
    assert {code for code in ALL if module.__name__ in modules_of(code)} == users
    edit(file_of(tree, module.__name__))
    assert differing(RUNNING, keys(tree)) == users


def test_an_edited_parser_changes_its_own_key_alone(tree):
    now, before = Reread(tree), RUNNING
    for code, source in sources().items():
        edit(file_of(tree, source.parse.__module__))
        after = keys(tree, now)
        assert differing(before, after) == {code}
        before = after


def test_a_module_that_a_parser_imports_from_its_own_folder_changes_its_key(tree):
    """All of them are edited, one of each publisher at a time; a parser without any keeps its key."""
    own = {
        code: [
            p
            for p in modules_of(code).values()
            if p.is_relative_to(source.package) and p != modules_of(code)[source.parse.__module__]
        ]
        for code, source in sources().items()
    }
    assert {path.name for path in own["un_comtrade"]} == {
        "__init__.py",
        "extracts.py",
        "partition.py",
        "records.py",
        "shaping.py",
        "via.py",
    }
    now, before = Reread(tree), RUNNING
    for turn in range(max(map(len, own.values()))):
        edited = {code: paths[turn] for code, paths in own.items() if turn < len(paths)}
        for path in edited.values():
            edit(tree / path.relative_to(SOURCES))
        after = keys(tree, now)
        assert differing(before, after) == set(edited)
        before = after


@pytest.mark.parametrize(("file", "codes"), [("layouts.toml", ALL), ("labels.csv", WITH_LABELS)])
def test_edited_data_change_the_key_of_their_publisher_alone(tree, file, codes):
    code, before = ParserCode(tree), RUNNING
    for name in sorted(codes):
        edit(place_of(tree, name) / file)
        after = keys(tree, code)
        assert differing(before, after) == {name}
        before = after


def test_corrections_change_the_key_when_they_are_added_and_when_they_are_edited(tree):
    code = ParserCode(tree)
    path = place_of(tree, "un_comtrade") / "corrections.toml"
    path.write_text("correction = []\n", encoding="utf-8")
    added = keys(tree, code)
    edit(path)
    assert differing(RUNNING, added) == differing(added, keys(tree, code)) == {"un_comtrade"}


def test_a_data_file_of_a_name_never_seen_counts(tree):
    (place_of(tree, "usgs_mcs") / "lists").mkdir()
    (place_of(tree, "usgs_mcs") / "lists" / "units.json").write_text("{}", encoding="utf-8")
    assert differing(RUNNING, keys(tree)) == {"usgs_mcs"}


def test_how_bytes_are_fetched_is_in_no_key(tree):
    """Every file that no parser needs may change, the fetchers, the HTTP client and source.toml among them."""
    covered = {path for code in ALL for path in modules_of(code).values()}
    code = ParserCode(SOURCES)
    for source in sources().values():
        covered |= set(code.data_files(source.package, code.modules(*entries_of(source)).values()))
    free = [path for path in tree.rglob("*.*") if path.is_file() and SOURCES / path.relative_to(tree) not in covered]
    assert {file_of(tree, module) for module in fetching_modules()} <= set(free)
    assert {path.name for path in free if path.suffix == ".toml"} == {"source.toml", "form.toml"}
    for path in free:
        edit(path)
    assert keys(tree) == RUNNING


@pytest.mark.parametrize("code", sources())
def test_a_parser_reaches_nothing_that_fetches(code):
    assert not fetching_modules() & set(modules_of(code))


@pytest.mark.parametrize("code", sources())
def test_a_parser_imports_nothing_by_a_computed_name(code):
    """Such an import could not be followed."""
    for path in modules_of(code).values():
        named = {ast.unparse(n.func) for n in ast.walk(ast.parse(path.read_bytes())) if isinstance(n, ast.Call)}
        assert not {name for name in named if name.split(".")[-1] in {"import_module", "__import__"}}, path


@pytest.mark.parametrize(
    "module", [cells, artifact, source_model, tables, corrections, columns, workbooks], ids=lambda m: m.__name__
)
def test_a_shared_module_that_moves_unchanged_keeps_every_key(tree, module):
    new = "sources.elsewhere.renamed"
    move(tree, module.__name__, new)
    code = ParserCode(tree)
    for name, source in sources().items():
        entries = [new if entry == module.__name__ else entry for entry in entries_of(source)]
        assert code.version(place_of(tree, name), *entries) == RUNNING[name]


def test_a_publisher_whose_folder_moves_keeps_its_key(tree):
    entries = entries_of(sources()["un_comtrade"])
    old, new = entries[0].rpartition(".")[0], "sources.moved.comtrade"
    (tree / "moved").mkdir()
    (tree / "moved" / "__init__.py").write_text('"""Publishers."""\n', encoding="utf-8")
    place_of(tree, "un_comtrade").rename(tree / "moved" / "comtrade")
    for path in tree.rglob("*.py"):
        path.write_text(path.read_text(encoding="utf-8").replace(f"from {old}.", f"from {new}."), encoding="utf-8")
    code = ParserCode(tree)
    moved = [entry.replace(old, new) for entry in entries]
    assert moved[0] in code.modules(*moved)
    assert code.version(tree / "moved" / "comtrade", *moved) == RUNNING["un_comtrade"]


PARSE_ALONE = """
import pickle, sys
from importlib import import_module

for folder, entry, contract, artifacts in pickle.load(sys.stdin.buffer):
    for name in [name for name in sys.modules if name.partition(".")[0] == "sources"]:
        del sys.modules[name]
    sys.path.insert(0, folder)
    parse = import_module(entry).parse
    assert sys.modules[entry].__file__.startswith(folder), sys.modules[entry].__file__
    for artifact in artifacts:
        tables = parse(import_module(contract).Artifact(**artifact))
        print(artifact["name"], *(table.content_sha256() for table in tables))
"""


def test_a_parser_runs_with_nothing_but_the_files_of_its_key(tmp_path):
    """One artifact of each layout is read to the same rows where all other files of the package are missing."""
    asked, expected = [], []
    code = ParserCode(SOURCES)
    for name, source in sources().items():
        modules = code.modules(*entries_of(source)).values()
        for path in [*(module.path for module in modules), *code.data_files(source.package, modules)]:
            copy = tmp_path / name / "sources" / path.relative_to(SOURCES)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        artifacts = {artifact.layout: artifact for artifact in Snapshot().offers(name)}.values()
        fields = [{f.name: getattr(a, f.name) for f in dataclasses.fields(a)} for a in artifacts]
        asked.append((str(tmp_path / name), source.parse.__module__, artifact.__name__, fields))
        expected += [" ".join([a.name, *(t.content_sha256() for t in source.parse(a))]) for a in artifacts]
    run = subprocess.run(
        [sys.executable, "-c", PARSE_ALONE], input=pickle.dumps(asked), capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr.decode()
    assert len(expected) > len(ALL)
    assert run.stdout.decode().splitlines() == expected
