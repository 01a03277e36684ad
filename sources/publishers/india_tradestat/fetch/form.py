"""The form of a report: reading its controls and filling them. Names, patterns and values are data in `form.toml`."""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import lxml.etree
import lxml.html

from sources.model.partition import ALL
from sources.publishers.india_tradestat.partition import PagePartition
from sources.reading.cells import normalise

_TYPED = frozenset({"text", "search", "number", "tel"})
_NOT_SENT = frozenset({"submit", "button", "image", "reset", "file"})
_TOKEN = "_token"  # noqa: S105 - the name of a field, not a secret


@cache
def known() -> dict[str, Any]:
    """What `form.toml` declares."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


class NotOfferedError(Exception):
    """The form has no such month or year to choose: it is not out."""


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """One page: its bank, code, flow and measure, the partner ("all" or an area), and the last period it prints.

    `year` and `month` are those of that period; the month is 0 for a fiscal year, which has its first year's number.
    `is_probe` marks the page that shows whether its month is out at all.
    """

    bank: str
    code: str
    flow: str
    partner: str
    year: int
    month: int
    measure: str
    is_probe: bool = False

    @property
    def partition(self) -> str:
        """The name of the partition, which is the task's key too."""
        return str(self._key)

    @property
    def _key(self) -> PagePartition:
        code, partner = (None if part == ALL else part for part in (self.code, self.partner))
        return PagePartition(self.bank, code, self.flow, partner, self.year, self.month or None, self.measure)

    @property
    def period(self) -> str:
        """The last period as the partition's name has it."""
        return self._key.period

    @property
    def report(self) -> dict[str, Any]:
        """What is known of the report and its form."""
        report: dict[str, Any] = known()["report"][self.bank]
        return report

    @property
    def address(self) -> str:
        """Where the form is, and where it is sent."""
        return str(self.report["address"].format(flow=self.flow))


@dataclass(slots=True)
class Control:
    """One control of a form: what it offers (value → words) and what it holds; None is not sent."""

    name: str
    kind: str
    holds: str | None
    offers: dict[str, str] = field(default_factory=dict)

    def has_role(self, role: Mapping[str, Any]) -> bool:
        """Whether the control asks for what the role is: by what it offers, else by its name."""
        if self.kind == "hidden" or (role.get("typed") and self.kind not in _TYPED):
            return False
        fits = [re.search(role["offers"], text) for text in self.offers.values()] if "offers" in role else []
        offers_it = bool(fits) and (all(fits) if role.get("all") else any(fits))
        return offers_it or re.search(role["named"], self.name) is not None


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a report's page, and its token ("" where the page has none)."""

    controls: tuple[Control, ...]
    token: str

    def filled(self, query: ReportQuery) -> dict[str, str]:
        """Every field to send, the token left out.

        Raises:
            NotOfferedError: the form offers neither the month nor the year.
        """
        fields = {control.name: control.holds for control in self.controls if control.holds is not None}
        roles = {
            role: [c for c in self.controls if role_of(c) == role] for role in (r["role"] for r in known()["role"])
        }
        names = query.report["names"][query.flow]
        for role, controls in roles.items():
            words, value = _wanted(query, role)
            fields |= {control.name: _chosen(control, role, words, value) for control in controls if value}
            if role in query.report["fills"] and not controls:
                fields |= dict.fromkeys(names[role], value)
        return {name: text for name, text in fields.items() if name != _TOKEN}

    def repeats(self, query: ReportQuery) -> bool:
        """Whether the form of a response repeats the code and the period of the query."""
        by_role = {role_of(control): control for control in self.controls}
        roles = ["code", "year", *(["month"] if query.month else [])]
        try:
            return all(
                role in by_role and by_role[role].holds == _chosen(by_role[role], role, *_wanted(query, role))
                for role in roles
            )
        except NotOfferedError:
            return False


def role_of(control: Control) -> str | None:
    """What a control asks for; None where it is not known."""
    return next((str(role["role"]) for role in known()["role"] if control.has_role(role)), None)


def _wanted(query: ReportQuery, role: str) -> tuple[str, str]:
    """What is to be chosen for a role: a pattern of an option's words, and the value it is known by."""
    choice = known()["choice"]
    picked: Mapping[str, Any] | None = {
        "counted_by": choice["counted_by"]["calendar"],
        "scope": choice["scope"]["specific"],
        "partner": choice["partner"].get(query.partner),
        "measure": choice["measure"][query.bank][query.measure],
    }.get(role)
    if picked is not None:
        return str(picked["words"]), str(picked["value"])
    if role == "month" and query.month:
        names = [name.lower() for name in calendar.month_abbr if name]
        return rf"(?i)^{names[query.month - 1]}", str(query.month)
    plain = {"year": str(query.year), "code": query.code, "level": str(len(query.code))}
    return (rf"^{plain[role]}\b", plain[role]) if role in plain else ("", "")


def _chosen(control: Control, role: str, words: str, value: str) -> str:
    if not control.offers:
        return value
    by_words = next((v for v, text in control.offers.items() if re.search(words, text)), None)
    if by_words is not None:
        return by_words
    if value not in control.offers and role in ("month", "year"):
        raise NotOfferedError(value)
    return value


def read_form(data: bytes) -> Form | None:
    """The form of a report's page: of several the one whose controls are known best. None where there is none."""
    try:
        document = lxml.html.document_fromstring(data.decode("utf-8", "replace"))
    except (ValueError, lxml.etree.LxmlError):
        return None
    meta = document.xpath("string(//meta[@name='csrf-token']/@content)")
    found = [_controls(document, form) for form in document.iter("form")]
    controls = max(found, key=lambda each: sum(role_of(control) is not None for control in each), default=None)
    # markup that ends the form too early leaves its controls outside
    everywhere = _controls(document, document)
    if controls is None or not any(role_of(control) for control in controls):
        controls = everywhere
    tokens = [control.holds for control in [*controls, *everywhere] if control.name == _TOKEN and control.holds]
    token = str(tokens[0] if tokens else meta)
    return Form(tuple(controls), token) if token or found else None


def _controls(document: lxml.html.HtmlElement, inside: lxml.html.HtmlElement) -> list[Control]:
    controls: dict[str, Control] = {}
    for element in inside.iter("input", "select", "textarea"):
        name, kind = str(element.get("name", "")), str(element.get("type", "text")).lower()
        if not name or element.get("disabled") is not None or kind in _NOT_SENT:
            continue
        if element.tag == "select":
            controls[name] = _select(name, element)
        elif kind == "radio":
            radio = controls.setdefault(name, Control(name, "radio", None))
            radio.offers[str(element.get("value", "on"))] = _words_of(document, element)
            if element.get("checked") is not None:
                radio.holds = str(element.get("value", "on"))
        elif kind != "checkbox" or element.get("checked") is not None:
            usual = "on" if kind == "checkbox" else str(element.text or "") if element.tag == "textarea" else ""
            controls[name] = Control(name, kind, str(element.get("value", usual)))
    return list(controls.values())


def _select(name: str, element: lxml.html.HtmlElement) -> Control:
    options = list(element.iter("option"))
    offers = {_value(option): normalise(option.text_content()) for option in options}
    chosen = [option for option in options if option.get("selected") is not None] or options[:1]
    # a line that asks to choose is no offer
    return Control(name, "select", _value(chosen[0]) if chosen else None, {v: w for v, w in offers.items() if v})


def _value(option: lxml.html.HtmlElement) -> str:
    return str(option.get("value", normalise(option.text_content()))).strip()


def _words_of(document: lxml.html.HtmlElement, radio: lxml.html.HtmlElement) -> str:
    """The words beside a radio button: its label's, else what follows it."""
    labels: Iterable[Any] = document.iter("label")
    named = [label for label in labels if radio.get("id") and label.get("for") == radio.get("id")]
    around = list(radio.iterancestors("label"))
    text = named[0].text_content() if named else around[0].text_content() if around else str(radio.tail or "")
    return normalise(text) or str(radio.get("value", ""))
