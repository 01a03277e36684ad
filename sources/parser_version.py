"""The cache key of a parser: a hash over the code and the data files that decide how bytes become rows.

Contents count, paths do not: a module that is moved or renamed keeps the key of every parser that imports it.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sources
from sources.model.source import Source
from sources.reading.corrections import apply_corrections
from sources.reading.vocabulary import own_labels

_NO_DATA = {".py", ".pyi", ".pyc", ".md"}
_DESCRIPTION = "source.toml"
"""Read by the registry, never by a parser: who the publisher is, and how it is fetched."""


@dataclass(frozen=True, slots=True)
class _Import:
    """One name that a module imports from another module of the package."""

    module: str
    name: str
    bound_to: str


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the package: its file, the hash of its own statements, and what it imports from the package."""

    path: Path
    content: str
    is_empty: bool
    imports: tuple[_Import, ...]


class ParserCode:
    """The modules of one top-level package in the folder `folder`, read from their files and never executed.

    A file is read once: an instance does not see later changes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._modules: dict[str, Module] = {}

    def modules(self, *entries: str) -> dict[str, Module]:
        """The modules named `entries` and all they import from their own package, by dotted name.

        Imports inside functions count, and so do the `__init__.py` of the packages on the way.

        Raises:
            ImportError: a module that the package does not hold.
        """
        found: dict[str, Module] = {}
        waiting = list(entries)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self._module(name)
                waiting += [i.module for i in found[name].imports]
                waiting += [package for package in _packages_of(name) if self._path(package)]
        return found

    def data_files(self, package: Path, modules: Iterable[Module]) -> list[Path]:
        """The data files that code made of `modules` may read: those in `package` and beside each module.

        Left out are the description of a publisher, and a TOML file with the name of a module next to it that is
        not one of `modules`.
        """
        code = {module.path for module in modules}
        beside = {path for module in code for path in module.parent.iterdir()}
        return sorted(
            path
            for path in {*package.rglob("*"), *beside}
            if path.is_file()
            and path.suffix not in _NO_DATA
            and not path.name.startswith(".")
            and path.name != _DESCRIPTION
            and (path.with_suffix(".py") in code or not path.with_suffix(".py").exists())
        )

    def version(self, package: Path, *entries: str) -> str:
        """Hash of the modules that `entries` reach and of the data files they may read (16 hexadecimal digits).

        Raises:
            ImportError: as `modules`.
        """
        modules = self.modules(*entries)
        code = sorted(self._digest(module) for module in modules.values() if not module.is_empty)
        data = sorted(_sha256(path.read_bytes()) for path in self.data_files(package, modules.values()))
        return _sha256("\n".join([*code, "--", *data]).encode())[:16]

    def _digest(self, module: Module) -> str:
        """Hash of a module; what it imports from the package counts by the content of the module it comes from."""
        imports = {f"{self._module(i.module).content} {i.name} {i.bound_to}" for i in module.imports}
        return _sha256("\n".join([module.content, *sorted(imports)]).encode())

    def _module(self, name: str) -> Module:
        if name not in self._modules:
            path = self._path(name)
            if path is None:
                msg = f"{name} is not a module of {self._folder}. Remedy: fix the import, or install the project again."
                raise ImportError(msg, name=name)
            self._modules[name] = self._read(name, path)
        return self._modules[name]

    def _path(self, name: str) -> Path | None:
        place = self._folder.parent.joinpath(*name.split("."))
        candidates = (place / "__init__.py", place.with_suffix(".py"))
        return next((path for path in candidates if path.is_file()), None)

    def _read(self, name: str, path: Path) -> Module:
        tree = ast.parse(path.read_bytes(), filename=str(path))
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        imports: list[_Import] = []
        statements: list[str] = []
        self._write(tree, package, statements, imports)
        is_empty = not imports and all(self._is_left_out(statement) for statement in tree.body)
        return Module(path, _sha256("".join(statements).encode()), is_empty, tuple(imports))

    def _imports(self, node: object, package: str) -> Iterator[_Import]:
        """What a statement imports from the package, seen from a module of `package`."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                if self._is_ours(alias.name):
                    yield _Import(alias.name, "", alias.asname or alias.name)
        elif isinstance(node, ast.ImportFrom):
            origin = _absolute(node, package)
            for alias in node.names if self._is_ours(origin) else ():
                bound_to, submodule = alias.asname or alias.name, f"{origin}.{alias.name}"
                is_module = self._path(submodule) is not None
                yield _Import(submodule, "", bound_to) if is_module else _Import(origin, alias.name, bound_to)

    def _is_ours(self, name: str) -> bool:
        return name.partition(".")[0] == self._folder.name

    def _write(self, value: object, package: str, out: list[str], imports: list[_Import]) -> None:
        """Append a syntax tree as text, without docstrings, comments and what is imported from the package.

        What it imports, seen from a module of `package`, is appended to `imports`: statements stand in lists.
        Unlike `ast.dump` the text is the same in every version of Python: fields that newer versions add are empty.
        """
        if isinstance(value, ast.AST):
            out.append(type(value).__name__ + "(")
            for field in value._fields:
                content = getattr(value, field, None)
                if isinstance(content, list):
                    for item in content:
                        imports += self._imports(item, package)
                    content = [item for item in content if not self._is_left_out(item)]
                if content is not None and content != []:
                    out.append(field + "=")
                    self._write(content, package, out, imports)
            out.append(")")
        elif isinstance(value, list):
            for item in value:
                self._write(item, package, out, imports)
                out.append(",")
        else:
            out.append(repr(value))

    def _is_left_out(self, item: object) -> bool:
        if isinstance(item, ast.Expr):
            return isinstance(item.value, ast.Constant)
        if isinstance(item, ast.Import):
            return all(self._is_ours(alias.name) for alias in item.names)
        return isinstance(item, ast.ImportFrom) and (item.level > 0 or self._is_ours(str(item.module)))


def parser_version(source: Source) -> str:
    """The cache key of a publisher's parser: when it changes, what landed of the publisher is loaded again.

    It covers what `parse` imports, the code that applies recorded corrections to its rows, and the publisher's data
    files, and the user's own labels of the publisher where there are any. How bytes are fetched does not count.
    """
    version, own = _installed_version(source.package, *entries_of(source)), own_labels().of(source.code)
    return _sha256(f"{version} {own}".encode())[:16] if own else version


def entries_of(source: Source) -> tuple[str, str]:
    """The modules whose code turns a publisher's bytes into rows: its parser's, and that of the corrections."""
    return source.parse.__module__, apply_corrections.__module__


@cache
def _installed() -> ParserCode:
    """The package that this process runs."""
    return ParserCode(Path(sources.__file__).parent)


@cache
def _installed_version(package: Path, *entries: str) -> str:
    return _installed().version(package, *entries)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """The dotted name of the module that a statement imports from."""
    parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    return ".".join([*parents, *([node.module] if node.module else [])])


def _packages_of(name: str) -> Iterator[str]:
    while name := name.rpartition(".")[0]:
        yield name


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
