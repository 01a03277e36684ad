"""Settings that publishers declare in the `[settings]` table of their `source.toml`.

    [settings.key]
    type = "text"                 # text, boolean, integer or number
    secret = true
    header = "X-Api-Key"          # a key: sent in this header, to the publisher's own host only
    parameter = "key"             # or as this parameter of the query
    free = true                   # anyone can have such a key: `ree plan` says what it would save
    description = "Subscription key."

is read from `REE_<CODE>__KEY`, from the environment or the secrets file. A new publisher with a key needs no code here.
A publisher whose `[live]` table has `only_with = "key"` is fetched only where that setting is given, and is not false.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import SecretStr, TypeAdapter, ValidationError

from sources.registry import declared_live, declared_settings

PREFIX = "REE_"
_SEPARATOR = "__"
_TYPES: Mapping[str, tuple[TypeAdapter[Any], str]] = {
    "text": (TypeAdapter(str), "text"),
    "boolean": (TypeAdapter(bool), "true or false"),
    "integer": (TypeAdapter(int), "a whole number"),
    "number": (TypeAdapter(float), "a number"),
}
_NOT_SETTINGS = frozenset({"REE_PUBLISHER_FILES", "REE_DBT_WORK", "REE_DBT_CANDIDATE"})
"""Variables of the same prefix for the tests and for dbt's profile."""


@dataclass(frozen=True, slots=True)
class PublisherSetting:
    """One declared setting. `default` is None where there is none.

    A key has a `header` or a `parameter`, which are empty else. `is_free` says that a key costs nothing.
    """

    code: str
    name: str
    type: str
    is_secret: bool
    default: Any
    description: str
    header: str
    parameter: str
    is_free: bool

    @property
    def is_key(self) -> bool:
        """Whether it is the publisher's key."""
        return bool(self.header or self.parameter)

    @property
    def variable(self) -> str:
        """Its environment variable, `REE_UN_COMTRADE__KEY` for example."""
        return f"{PREFIX}{self.code}{_SEPARATOR}{self.name}".upper()

    def parse(self, value: Any) -> Any:
        """A value of its type; a secret as `SecretStr`.

        Raises:
            ValueError: it is of another type. A secret's value is not in the message.
        """
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        adapter, allowed = _TYPES[self.type]
        try:
            parsed = adapter.validate_python(plain)
        except ValidationError:
            shown = "" if self.is_secret else f", and is '{plain}'"
            msg = f"{self.variable} must be {allowed}{shown}."
            raise ValueError(msg) from None
        return SecretStr(parsed) if self.is_secret else parsed


def declared(code: str) -> dict[str, PublisherSetting]:
    """The settings that a publisher declares, by name."""
    return {
        name: PublisherSetting(
            code=code,
            name=name,
            type=about["type"],
            is_secret=about.get("secret", False),
            default=about.get("default"),
            description=about["description"],
            header=about.get("header", ""),
            parameter=about.get("parameter", ""),
            is_free=about.get("free", False),
        )
        for name, about in declared_settings()[code].items()
    }


def key_header_of(code: str) -> str:
    """The header in which a publisher's key is sent; empty where it takes none in a header."""
    return next((setting.header for setting in declared(code).values() if setting.header), "")


def key_parameter_of(code: str) -> str:
    """The parameter of the query as which a publisher's key is sent; empty where it takes none there."""
    return next((setting.parameter for setting in declared(code).values() if setting.parameter), "")


def key_variable_of(code: str) -> str:
    """The variable in which a publisher's key is given, `REE_UN_COMTRADE__KEY`; empty where it declares no key."""
    return next((setting.variable for setting in declared(code).values() if setting.is_key), "")


def key_of(code: str, given: Mapping[str, Any]) -> str:
    """The key among a publisher's settings; empty where none is given."""
    name = next((setting.name for setting in declared(code).values() if setting.is_key), "")
    key = given.get(name)
    return key.get_secret_value() if isinstance(key, SecretStr) else ""


def free_key_of(code: str, given: Mapping[str, Any]) -> str:
    """The variable of a free key that the publisher offers and the user has not given; empty where there is none."""
    keys = [setting.variable for setting in declared(code).values() if setting.is_key and setting.is_free]
    return keys[0] if keys and not key_of(code, given) else ""


def why_not_asked(code: str, given: Mapping[str, Any]) -> str:
    """Why a publisher is not fetched with these settings, in a sentence; empty where it is.

    `not asked without REE_US_CENSUS__KEY. Key of …`
    """
    name = declared_live()[code].get("only_with", "")
    if not name:
        return ""
    setting = declared(code)[name]
    value = given.get(name, setting.default)
    is_given = bool(value.get_secret_value().strip()) if isinstance(value, SecretStr) else bool(value)
    return "" if is_given else f"not asked without {setting.variable}. {setting.description}"


def settings_of(code: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting of a publisher that is not a secret: the given value, or its default."""
    return {name: given.get(name, each.default) for name, each in declared(code).items() if not each.is_secret}


def parse_all(given: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Values by publisher and name, parsed.

    Raises:
        ValueError: a publisher or a name is not declared, or a value is of another type; one line each.
    """
    problems: list[str] = []
    parsed: dict[str, dict[str, Any]] = {}
    for code, values in given.items():
        known = declared(code) if code in declared_settings() else {}
        for name, value in values.items():
            if name not in known:
                problems.append(unknown(f"{PREFIX}{code}{_SEPARATOR}{name}".upper(), ()))
                continue
            try:
                parsed.setdefault(code, {})[name] = known[name].parse(value)
            except ValueError as error:
                problems.append(str(error))
    if problems:
        raise ValueError("\n".join(problems))
    return parsed


def from_variables(variables: Mapping[str, str], fields: Iterable[str]) -> dict[str, dict[str, str]]:
    """The values of publishers' settings among environment variables (or lines of the secrets file).

    `fields` are the names of the warehouse's own settings.

    Raises:
        ValueError: a variable that begins with `REE_` is no setting; one line each, with the nearest name.
    """
    by_variable = {setting.variable: setting for code in declared_settings() for setting in declared(code).values()}
    own = [f"{PREFIX}{field}".upper() for field in fields]
    found: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    for name, value in variables.items():
        variable = name.upper()
        if not variable.startswith(PREFIX) or variable in _NOT_SETTINGS:
            continue
        if variable in by_variable:
            setting = by_variable[variable]
            found.setdefault(setting.code, {})[setting.name] = value
        elif not any(variable == known or variable.startswith(f"{known}{_SEPARATOR}") for known in own):
            problems.append(unknown(variable, [*own, *by_variable]))
    if problems:
        raise ValueError("\n".join(problems))
    return found


def unknown(variable: str, known: Iterable[str]) -> str:
    """The sentence about a variable that is no setting."""
    near = get_close_matches(variable, list(known) or _all_variables(), n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"{variable} is not a setting; docs/operations.md and docs/live.md list them.{hint}"


def _all_variables() -> list[str]:
    return [setting.variable for code in declared_settings() for setting in declared(code).values()]
