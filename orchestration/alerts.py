"""Alerts by webhook and by mail. They are off unless one of the two is configured."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from sources.http.config import is_loopback
from sources.http.errors import FetchError
from sources.http.exchange import post_json
from sources.http.redaction import Secrets
from warehouse.secrets import secrets_of
from warehouse.settings import Settings

log = logging.getLogger("ree.alerts")

_LONGEST = 3000
"""Characters of an alert's text: webhooks refuse long messages; the run's log has the full text."""
_TIMEOUT_S = 20.0
_STARTTLS, _TLS = "smtp", "smtps"
_PORTS = {_STARTTLS: 587, _TLS: 465}


class MailError(Exception):
    """A mail could not be sent."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `at` is in UTC, `run_id` is Dagster's, `release` is the current version, such as `2026.11.24.1`.

    `owner` is whom to call, the setting `REE_OWNER`.
    """

    kind: Literal["run_failed", "check_failed", "overdue", "over"]
    title: str
    text: str
    at: datetime
    run_id: str | None = None
    release: str | None = None
    owner: str | None = None


def is_on(settings: Settings) -> bool:
    """Whether a webhook or a mail address is configured."""
    return bool(settings.alert_webhook or settings.alert_email_to.strip())


def send(settings: Settings, alert: Alert) -> list[str]:
    """Send an alert to every configured receiver; return those that accepted it, such as `["webhook", "email"]`.

    A failure is logged without the address, and never fails a run.
    """
    hidden = secrets_of(settings)
    redacted = _redacted(alert, hidden)
    channels = {"webhook": (settings.alert_webhook, _post), "email": (settings.alert_email_to.strip(), _mail)}
    sent = []
    for name, (is_configured, send_by) in channels.items():
        if not is_configured:
            continue
        try:
            send_by(settings, redacted)
        except (FetchError, MailError, OSError, ValueError, smtplib.SMTPException) as error:
            log.error("the alert '%s' was not sent by %s: %s", redacted.title, name, _described(error, hidden))  # noqa: TRY400 - a traceback could show the address
        else:
            sent.append(name)
    return sent


def _described(error: Exception, hidden: Secrets) -> str:
    """Why an alert was not sent. What a server answered, or an address that is none, is not quoted."""
    if isinstance(error, FetchError | MailError):
        return hidden.redact(str(error))
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answers {error.smtp_code} ({type(error).__name__})"
    reason = error.strerror if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException) else None
    return f"{type(error).__name__}: {hidden.redact(reason)}" if reason else type(error).__name__


def _redacted(alert: Alert, hidden: Secrets) -> Alert:
    text = hidden.redact(alert.text)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
    title = " ".join(hidden.redact(alert.title).split())
    return Alert(alert.kind, title, text, alert.at, alert.run_id, alert.release, alert.owner)


def payload(alert: Alert) -> dict[str, Any]:
    """The JSON body for a webhook: `text` as chat services show it, and its parts for programs."""
    return {
        "text": f"*{alert.title}*\n{alert.text}",
        "kind": alert.kind,
        "title": alert.title,
        "message": alert.text,
        "at": alert.at.isoformat(timespec="seconds"),
        "run_id": alert.run_id,
        "release": alert.release,
        "owner": alert.owner,
    }


def _post(settings: Settings, alert: Alert) -> None:
    if settings.alert_webhook:
        post_json(settings.alert_webhook.get_secret_value(), payload(alert), timeout_s=_TIMEOUT_S)


def _mail(settings: Settings, alert: Alert) -> None:
    """Send a mail by the server of `REE_SMTP_URL`.

    Raises:
        MailError: no server is set, or it offers no TLS.
        smtplib.SMTPException, OSError: the server refused the mail.
    """
    if settings.smtp_url is None:
        msg = "REE_ALERT_EMAIL_TO is set, but no mail server: set REE_SMTP_URL"
        raise MailError(msg)
    server = _mail_server(settings.smtp_url.get_secret_value())
    mail = EmailMessage()
    mail["Subject"] = f"[rare-earth-warehouse] {alert.title}"
    mail["From"] = settings.alert_email_from or f"rare-earth-warehouse@{server.hostname}"
    mail["To"] = ", ".join(address.strip() for address in settings.alert_email_to.split(",") if address.strip())
    mail["Date"] = format_datetime(alert.at)
    mail["Message-ID"] = make_msgid(domain=server.hostname)
    about = {"kind": alert.kind, "at (UTC)": f"{alert.at:%Y-%m-%d %H:%M}"}
    about |= {"run": alert.run_id or "", "release": alert.release or "", "owner": alert.owner or ""}
    mail.set_content(alert.text + "\n\n" + "\n".join(f"{name}: {value}" for name, value in about.items() if value))
    with _connected(server) as connection:
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(mail)


def _mail_server(address: str) -> SplitResult:
    """The parts of a mail server's address.

    Raises:
        MailError: it has another form; the message does not show it.
    """
    with suppress(ValueError):
        server = urlsplit(address)
        if server.scheme in _PORTS and server.hostname and (server.port is None or server.port):
            return server
    msg = "REE_SMTP_URL is not of the form smtp://user:password@host:587 or smtps://user:password@host:465"
    raise MailError(msg)


@contextmanager
def _connected(server: SplitResult) -> Iterator[smtplib.SMTP]:
    """A connection with TLS; only a server on this machine may do without."""
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
            msg = "the mail server offers no STARTTLS; nothing is sent over a network without it"
            raise MailError(msg)
        yield connection
