"""Describes an invalid setting in one sentence: the variable, what is allowed, its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from warehouse.settings import SENTENCE, Settings

_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a JSON object of texts",
    "date": "a day, YYYY-MM-DD",
}
_BOUNDS = {"minimum": "of at least", "exclusiveMinimum": "above", "maximum": "and at most"}


class InvalidSettingError(ValueError):
    """A setting is invalid; the message is what `explain` says."""


def read_settings(**overrides: Any) -> Settings:
    """`Settings.read`, for where no command explains its errors: definitions of Dagster, its runs and sensors.

    Raises:
        InvalidSettingError: a setting is invalid.
    """
    try:
        return Settings.read(**overrides)
    except (ValidationError, SettingsError) as error:
        raise InvalidSettingError(explain(error)) from None


def explain(error: ValidationError | SettingsError) -> str:
    """One line per setting: `REE_SOURCES must be one of snapshot, live, landing, and is 'net'.` is one.

    The value of a secret, or of an unknown name, is not shown.
    """
    if isinstance(error, ValidationError):
        return "\n".join(_sentence(detail) for detail in error.errors())
    # pydantic-settings raises this for a value that is not JSON, and names the field only in its text
    names = [name for name in Settings.model_fields if f'"{name}"' in str(error)]
    return "\n".join(f"REE_{name.upper()} must be {_allowed(_schema(name))}." for name in names) or str(error)


def _sentence(detail: Mapping[str, Any]) -> str:
    if detail["type"] == SENTENCE:
        return str(detail["msg"])
    field = str(detail["loc"][0])
    if field not in Settings.model_fields:
        return f"{field.upper()} is not a setting; docs/operations.md and docs/live.md list them."
    name = "__".join(str(part) for part in detail["loc"]).upper()
    schema = _schema(field)
    value = "" if _is_secret(schema) else f", and is '{detail['input']}'"
    return f"REE_{name} must be {_allowed(schema)}{value}."


def _schema(field: str) -> dict[str, Any]:
    found: dict[str, Any] = Settings.model_json_schema()["properties"][field]
    return found


def _is_secret(schema: dict[str, Any]) -> bool:
    return any(option.get("writeOnly") for option in (schema, *schema.get("anyOf", ())))


def _allowed(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    examples = schema.get("examples", [schema["default"]] if schema.get("default") else [])
    example = f", such as {' or '.join(map(str, examples))}" if examples else ""
    if "pattern" in schema:
        return f"a size{example}"
    option = next((option for option in schema.get("anyOf", ()) if option.get("type") != "null"), schema)
    bounds = [f"{words} {option[bound]:g}" for bound, words in _BOUNDS.items() if bound in option]
    return " ".join([_TYPES.get(option.get("format") or option["type"], "text"), *bounds]) + example
