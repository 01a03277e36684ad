"""Alerts by webhook and by mail. They are off unless one of the two is configured."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import SecretStr

from sources.http.client import FetchError, is_loopback, post_json
from sources.http.redaction import Secrets
from warehouse.settings import Settings

log = logging.getLogger("ree.alerts")

_LONGEST = 3000
"""Characters of an alert's text: hooks refuse long messages, and the rest stands in the run's log."""
_TIMEOUT_S = 20.0
_STARTTLS, _TLS = "smtp", "smtps"
_PORTS = {_STARTTLS: 587, _TLS: 465}


class MailError(Exception):
    """A mail could not be handed over."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What a person should know. `at` is in UTC; `run_id` is Dagster's, `release` a version of the warehouse."""

    kind: Literal["run_failed", "check_failed", "overdue"]
    title: str
    text: str
    at: datetime
    run_id: str | None = None
    release: str | None = None


def is_on(settings: Settings) -> bool:
    """Whether alerts go anywhere."""
    return bool(settings.alert_webhook or settings.alert_email_to.strip())


def send(settings: Settings, alert: Alert) -> list[str]:
    """Bring an alert to every place that is configured; the names of those that took it.

    What did not take it is logged, without its address: a hook that is down never fails a run.
    """
    hidden = secrets_of(settings)
    ways = {"webhook": (settings.alert_webhook, _post), "email": (settings.alert_email_to.strip(), _mail)}
    took = []
    for name, (is_wanted, bring) in ways.items():
        if not is_wanted:
            continue
        try:
            bring(settings, _redacted(alert, hidden))
        except (FetchError, MailError, OSError, ValueError, smtplib.SMTPException) as error:
            log.error("the alert '%s' was not sent by %s: %s", alert.title, name, hidden.redact(str(error)))  # noqa: TRY400 - a traceback could show the address
        else:
            took.append(name)
    return took


def secrets_of(settings: Settings) -> Secrets:
    """All that is secret in the settings, the passwords within addresses too."""
    values = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    passwords = [urlsplit(value).password or "" for value in values if "://" in value]
    return Secrets(*values, *passwords, *map(unquote, passwords))


def _redacted(alert: Alert, hidden: Secrets) -> Alert:
    text = hidden.redact(alert.text)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
    title = " ".join(hidden.redact(alert.title).split())
    return Alert(alert.kind, title, text, alert.at, alert.run_id, alert.release)


def payload(alert: Alert) -> dict[str, Any]:
    """The message to a hook: `text` as chat services show it, and its parts for a program."""
    return {
        "text": f"*{alert.title}*\n{alert.text}",
        "kind": alert.kind,
        "title": alert.title,
        "message": alert.text,
        "at": alert.at.isoformat(timespec="seconds"),
        "run_id": alert.run_id,
        "release": alert.release,
    }


def _post(settings: Settings, alert: Alert) -> None:
    if settings.alert_webhook:
        post_json(settings.alert_webhook.get_secret_value(), payload(alert), timeout_s=_TIMEOUT_S)


def _mail(settings: Settings, alert: Alert) -> None:
    """Hand a mail to the server of `REE_SMTP_URL`.

    Raises:
        MailError: there is no such server, or it offers no TLS.
        smtplib.SMTPException, OSError: it did not take the mail.
    """
    if settings.smtp_url is None:
        msg = "REE_ALERT_EMAIL_TO is set, but no mail server: set REE_SMTP_URL"
        raise MailError(msg)
    server = urlsplit(settings.smtp_url.get_secret_value())
    if server.scheme not in _PORTS or not server.hostname:
        msg = "REE_SMTP_URL is not of the form smtp://user:password@host:587 or smtps://user:password@host:465"
        raise MailError(msg)
    mail = EmailMessage()
    mail["Subject"] = f"[rare-earth-warehouse] {alert.title}"
    mail["From"] = settings.alert_email_from or f"rare-earth-warehouse@{server.hostname}"
    mail["To"] = ", ".join(address.strip() for address in settings.alert_email_to.split(",") if address.strip())
    mail["Date"] = format_datetime(alert.at)
    mail["Message-ID"] = make_msgid(domain=server.hostname)
    about = {"kind": alert.kind, "at (UTC)": f"{alert.at:%Y-%m-%d %H:%M}"}
    about |= {"run": alert.run_id or "", "release": alert.release or ""}
    mail.set_content(alert.text + "\n\n" + "\n".join(f"{name}: {value}" for name, value in about.items() if value))
    with _connected(server) as connection:
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(mail)


@contextmanager
def _connected(server: SplitResult) -> Iterator[smtplib.SMTP]:
    """A connection under TLS; only a server on this machine may be spoken to without."""
    host, port, trust = server.hostname or "", server.port or _PORTS[server.scheme], ssl.create_default_context()
    if server.scheme == _TLS:
        with smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_S, context=trust) as connection:
            yield connection
        return
    with smtplib.SMTP(host, port, timeout=_TIMEOUT_S) as connection:
        connection.ehlo()
        if connection.has_extn("starttls"):
            connection.starttls(context=trust)
        elif not is_loopback(f"http://{host}"):
            msg = "the mail server offers no STARTTLS, and without it nothing is sent over a network"
            raise MailError(msg)
        yield connection
