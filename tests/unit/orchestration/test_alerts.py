"""Contents of an alert, and what it must never contain."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime

import pytest

from orchestration import alerts
from orchestration.alerts import Alert, is_on, payload, send
from sources.http.errors import FetchError
from warehouse.secrets import secrets_of
from warehouse.settings import Settings

AT = datetime(2026, 11, 24, 6, 15, tzinfo=UTC)
ALERT = Alert("run_failed", "refresh_usgs_mcs failed", "It broke.", AT, "0123-run", "2026.11.23.1", "team:desk")
HOOK = "https://hooks.example/services/T0KEN/abcDEF123456"


def test_no_alert_goes_anywhere_unless_a_place_is_configured() -> None:
    assert not is_on(Settings())
    assert send(Settings(), ALERT) == []
    assert is_on(Settings(alert_webhook=HOOK))
    assert is_on(Settings(alert_email_to="me@example.org"))
    assert not is_on(Settings(alert_email_to=" "))


def test_a_hook_gets_a_text_for_people_and_fields_for_programs() -> None:
    assert payload(ALERT) == {
        "text": "*refresh_usgs_mcs failed*\nIt broke.",
        "kind": "run_failed",
        "title": "refresh_usgs_mcs failed",
        "message": "It broke.",
        "at": "2026-11-24T06:15:00+00:00",
        "run_id": "0123-run",
        "release": "2026.11.23.1",
        "owner": "team:desk",
    }


def test_the_settings_secrets_are_struck_out_of_an_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict] = []
    monkeypatch.setattr(alerts, "post_json", lambda _, message, **__: sent.append(message))
    settings = Settings(
        alert_webhook=HOOK,
        publishers={"un_comtrade": {"key": "0123456789abcdef"}},
        smtp_url="smtp://me:p%40ss-of-mail@mail.example",
        postgres_url="postgresql://ree:pg-password@db/dagster",
    )
    secrets = ("0123456789abcdef", "p@ss-of-mail", "p%40ss-of-mail", "pg-password", HOOK)
    alert = Alert("run_failed", f"failed with {secrets[0]}\nonce", " and ".join(secrets) + "!", AT)
    assert send(settings, alert) == ["webhook"]
    assert sent[0]["title"] == "failed with ••• once"
    assert sent[0]["message"] == "••• and ••• and ••• and ••• and •••!"
    assert not any(secret in str(sent) for secret in secrets)


def test_a_long_text_is_cut_after_its_secrets_were_struck_out(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict] = []
    monkeypatch.setattr(alerts, "post_json", lambda _, message, **__: sent.append(message))
    settings = Settings(alert_webhook=HOOK, publishers={"un_comtrade": {"key": "0123456789abcdef"}})
    send(settings, Alert("run_failed", "t", "x" * 2990 + "0123456789abcdef" + "y" * 5000, AT))
    assert sent[0]["message"] == "x" * 2990 + "•••" + "y" * 7 + " …"


@pytest.mark.parametrize(
    "error",
    [
        FetchError("hook", f"{HOOK} is down.", "wait."),
        OSError("off"),
        ValueError(f"no port in {HOOK}"),
        smtplib.SMTPResponseException(535, b"you sent T0KEN"),
        smtplib.SMTPRecipientsRefused({"T0KEN": (550, b"T0KEN")}),
    ],
)
def test_a_hook_that_fails_is_logged_without_its_address_and_fails_nothing(monkeypatch, caplog, error) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(alerts, "post_json", fail)
    assert send(Settings(alert_webhook=HOOK), ALERT) == []
    assert "the alert 'refresh_usgs_mcs failed' was not sent by webhook" in caplog.text
    assert "T0KEN" not in caplog.text


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (None, "set REE_SMTP_URL"),
        ("http://mail.example", "not of the form"),
        ("smtp://", "not of the form"),
        ("smtp://me:secret-word@mail.example:port", "not of the form"),
    ],
)
def test_a_mail_server_that_is_not_set_right_is_logged(caplog, url, says) -> None:
    assert send(Settings(alert_email_to="me@example.org", smtp_url=url), ALERT) == []
    assert says in caplog.text
    assert "secret-word" not in caplog.text


def test_the_settings_show_no_secret_themselves() -> None:
    settings = Settings(alert_webhook=HOOK, smtp_url="smtp://me:secret-word@mail.example")
    assert "T0KEN" not in repr(settings)
    assert "secret-word" not in repr(settings)
    assert secrets_of(settings).redact("secret-word") == "•••"
