"""Alerts reach a webhook and a mail server on loopback once when a fault begins and once when it is over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from orchestration import alert_sensors as sensing
from orchestration.alert_sensors import alert_sensors, evaluated_checks
from orchestration.alerts import Alert, send
from tests.fakes.server import FakeServer, Fault, Reply, serving
from tests.helpers.mail import post_office
from tests.helpers.tls import self_signed
from warehouse.settings import Settings

ALERT = Alert(
    "check_failed", "USGS: nicht verfügbar", "Zeile 1\n.Zeile 2 –", datetime(2026, 11, 24, tzinfo=UTC), "run-1"
)
USER, PASSWORD = "mailer", "p@ss/word-0123"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def hook() -> Iterator[FakeServer]:
    with serving(lambda _: Reply(b"ok", "text/plain")) as server:
        yield server


def mail_settings(port: int, scheme: str = "smtp") -> Settings:
    quoted = PASSWORD.replace("@", "%40").replace("/", "%2F")
    return Settings(
        alert_email_to="one@example.org, two@example.org",
        alert_email_from="ree@example.org",
        smtp_url=f"{scheme}://{USER}:{quoted}@localhost:{port}",
    )


# Bringing


def test_a_hook_is_posted_to(hook: FakeServer) -> None:
    assert send(Settings(alert_webhook=f"{hook.url}/services/T0KEN"), ALERT) == ["webhook"]
    (request,) = hook.requests
    assert (request.method, request.path) == ("POST", "/services/T0KEN")
    assert request.headers["content-type"] == "application/json"
    assert "cookie" not in request.headers


@pytest.mark.parametrize("fault", [Fault("status", 500), Fault("close"), Fault("redirect"), Fault("status", 404)])
def test_a_hook_that_is_down_fails_nothing_and_its_address_is_logged_nowhere(hook: FakeServer, fault, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    hook.add_fault(fault, times=-1)
    assert send(Settings(alert_webhook=f"{hook.url}/services/T0KEN"), ALERT) == []
    assert "was not sent by webhook" in caplog.text
    assert "T0KEN" not in "".join(str(record.__dict__) for record in caplog.records)


def test_a_hook_that_stumbles_once_is_asked_again(hook: FakeServer) -> None:
    hook.add_fault(Fault("status", 503))
    assert send(Settings(alert_webhook=hook.url), ALERT) == ["webhook"]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_is_handed_over_under_tls_to_all_who_should_have_it(certificate, monkeypatch, scheme) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with post_office(certificate, is_tls_from_the_start=scheme == "smtps") as post:
        assert send(mail_settings(post.port, scheme), ALERT) == ["email"]
    assert post.logins == [(USER, PASSWORD)]
    assert post.under_tls == [True]
    assert post.recipients == [["one@example.org", "two@example.org"]]
    (mail,) = post.mails
    assert mail["Subject"] == "[rare-earth-warehouse] USGS: nicht verfügbar"
    assert mail["From"] == "ree@example.org"
    assert mail.get_content().replace("\r\n", "\n").startswith("Zeile 1\n.Zeile 2 –\n\nkind: check_failed\n")


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_server_with_an_untrusted_certificate_gets_no_password(certificate, caplog, scheme) -> None:
    with post_office(certificate, is_tls_from_the_start=scheme == "smtps") as post:
        assert send(mail_settings(post.port, scheme), ALERT) == []
    assert (post.logins, post.mails) == ([], [])
    assert "CERTIFICATE_VERIFY_FAILED" in caplog.text


def test_only_a_mail_server_on_this_machine_may_go_without_tls(caplog, monkeypatch) -> None:
    with post_office() as post:
        assert send(mail_settings(post.port), ALERT) == ["email"]
        monkeypatch.setattr("orchestration.alerts.is_loopback", lambda _: False)
        assert send(mail_settings(post.port), ALERT) == []
    assert (len(post.mails), len(post.logins)) == (1, 1)
    assert "offers no STARTTLS" in caplog.text


def test_a_refusal_that_echoes_the_password_is_redacted(caplog) -> None:
    with post_office(refuses=f"no, {USER} with {PASSWORD}") as post:
        assert send(mail_settings(post.port), ALERT) == []
    assert "was not sent by email" in caplog.text
    assert PASSWORD not in caplog.text


def test_one_way_that_fails_leaves_the_other(hook: FakeServer) -> None:
    with post_office() as post:
        settings = mail_settings(post.port).model_copy(
            update={"alert_webhook": Settings(alert_webhook=hook.url).alert_webhook}
        )
        hook.add_fault(Fault("status", 500), times=-1)
        assert send(settings, ALERT) == ["email"]


# Noticing


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, tmp_path) -> list[Alert]:
    """Alerts that the sensors send, and settings with a hook."""
    found: list[Alert] = []
    monkeypatch.setenv("REE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REE_SOURCES", "live")
    monkeypatch.setenv("REE_ALERT_WEBHOOK", "http://127.0.0.1:9/hook")
    monkeypatch.setattr("orchestration.alerts.send", lambda _, alert: [found.append(alert) or "webhook"])
    return found


def sensor(name: str) -> dg.SensorDefinition:
    return next(sensor for sensor in alert_sensors() if sensor.name == name)


ARRIVAL = dg.AssetKey(["landing", "usgs_mcs"])


def arrival(*, passed: bool) -> dg.AssetsDefinition:
    """A landing asset whose check fails or passes."""

    @dg.asset(
        key=ARRIVAL,
        check_specs=[dg.AssetCheckSpec("arrived", asset=ARRIVAL), dg.AssetCheckSpec("warned", asset=ARRIVAL)],
    )
    def landing() -> dg.MaterializeResult:
        error, warn = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
        return dg.MaterializeResult(
            check_results=[
                dg.AssetCheckResult(
                    check_name="arrived", passed=passed, severity=error, description="The list is HTML."
                ),
                dg.AssetCheckResult(check_name="warned", passed=False, severity=warn, description="A trifle."),
            ]
        )

    return landing


@dg.asset(key=dg.AssetKey(["raw_usgs_mcs"]))
def broken() -> None:
    msg = "mcs2025.csv: has no column. Remedy: declare it."
    raise ValueError(msg)


def run_of(asset: dg.AssetsDefinition, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return dg.materialize([asset], instance=instance, raise_on_error=False)


def notice(run: dg.ExecuteInProcessResult, instance: dg.DagsterInstance) -> None:
    """Let the sensors see how a run ended."""
    name, kind = (
        ("alert_check_failed", dg.DagsterEventType.RUN_SUCCESS)
        if run.success
        else ("alert_run_failed", dg.DagsterEventType.RUN_FAILURE)
    )
    event = next(e for e in run.all_events if e.event_type is kind)
    context = dg.build_run_status_sensor_context(name, event, instance, run.dagster_run)
    sensor(name)(context if run.success else context.for_run_failure())


def test_they_are_off_unless_a_place_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {sensor.default_status for sensor in alert_sensors()} == {dg.DefaultSensorStatus.STOPPED}
    monkeypatch.setenv("REE_ALERT_EMAIL_TO", "me@example.org")
    assert {sensor.default_status for sensor in alert_sensors()} == {dg.DefaultSensorStatus.RUNNING}


def test_a_failed_run_is_told_of_with_what_our_own_code_said(sent: list[Alert]) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run = run_of(broken, instance)
        notice(run, instance)
    (alert,) = sent
    assert (alert.kind, alert.run_id) == ("run_failed", run.run_id)
    assert "mcs2025.csv: has no column. Remedy: declare it." in alert.text
    assert "Traceback" not in alert.text


def test_a_run_that_ended_well_is_told_of_if_a_critical_check_failed(sent: list[Alert]) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run = run_of(arrival(passed=False), instance)
        assert run.success
        assert [
            (check.name, check.publisher) for check in evaluated_checks(instance, run.run_id) if check.is_fault
        ] == [("landing/usgs_mcs arrived", "usgs_mcs")]
        notice(run, instance)
    (alert,) = sent
    assert (alert.kind, alert.run_id) == ("check_failed", run.run_id)
    assert alert.text == "landing/usgs_mcs arrived: The list is HTML.", "warnings stay on the page"


def test_a_fault_of_many_runs_is_one_alert_and_its_end_is_another(sent: list[Alert]) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        for passed in (False, False, False, True, True, False):
            notice(run_of(arrival(passed=passed), instance), instance)
    assert [alert.kind for alert in sent] == ["check_failed", "over", "check_failed"]
    assert sent[1].title == "Over: landing/usgs_mcs arrived"
    assert "began 20" in sent[1].text
    assert "The list is HTML." in sent[1].text


def test_a_failed_step_is_over_only_when_a_run_of_its_publisher_has_succeeded(sent: list[Alert]) -> None:
    @dg.asset(
        key=dg.AssetKey(["landing", "bgs_wms"]),
        check_specs=[dg.AssetCheckSpec("arrived", asset=dg.AssetKey(["landing", "bgs_wms"]))],
    )
    def of_another() -> dg.MaterializeResult:
        return dg.MaterializeResult(check_results=[dg.AssetCheckResult(check_name="arrived", passed=True)])

    with dg.DagsterInstance.ephemeral() as instance:
        for asset in (broken, broken, of_another):
            notice(run_of(asset, instance), instance)
        assert [alert.kind for alert in sent] == ["run_failed"]
        notice(run_of(arrival(passed=True), instance), instance)
    assert [alert.kind for alert in sent] == ["run_failed", "over"]
    assert sent[1].title == "Over: step raw_usgs_mcs"


def test_an_alert_that_nobody_received_is_sent_by_the_next_run(sent: list[Alert], monkeypatch) -> None:
    with dg.DagsterInstance.ephemeral() as instance, monkeypatch.context() as patch:
        patch.setattr("orchestration.alerts.send", lambda *_: [])
        notice(run_of(arrival(passed=False), instance), instance)
        patch.undo()
        sent.clear()
        monkeypatch.setattr("orchestration.alerts.send", lambda _, alert: [sent.append(alert) or "webhook"])
        notice(run_of(arrival(passed=False), instance), instance)
    assert [alert.kind for alert in sent] == ["check_failed"]


def test_a_damaged_record_of_faults_costs_a_repeated_alert_and_nothing_else(sent: list[Alert]) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        notice(run_of(arrival(passed=False), instance), instance)
        Settings().faults_file.write_text("{", encoding="utf-8")
        notice(run_of(arrival(passed=False), instance), instance)
    assert [alert.kind for alert in sent] == ["check_failed", "check_failed"]


def test_an_overdue_publisher_is_reported_once_until_it_is_fetched(sent: list[Alert], monkeypatch) -> None:
    late: list[tuple[str, str]] = [("bgs_wms", "the last run was in May")]
    monkeypatch.setattr(sensing, "overdue", lambda _: late)

    def tick() -> list[str]:
        sent.clear()
        sensor("alert_overdue")(dg.build_sensor_context())
        return [alert.title for alert in sent]

    assert tick() == ["Overdue: bgs_wms"]
    assert tick() == []
    late.append(("un_comtrade", "no fetch run has been complete yet"))
    assert tick() == ["Overdue: un_comtrade"]
    late.clear()
    assert tick() == ["Over: bgs_wms overdue, un_comtrade overdue"]
    late.append(("bgs_wms", "the last run was in May"))
    assert tick() == ["Overdue: bgs_wms"]


def test_no_publisher_is_overdue_where_publishers_are_not_live(sent: list[Alert], monkeypatch) -> None:
    monkeypatch.setenv("REE_SOURCES", "snapshot")
    monkeypatch.setattr(sensing, "overdue", lambda _: [("bgs_wms", "late")])
    sensor("alert_overdue")(dg.build_sensor_context())
    assert sent == []


def test_an_overdue_publisher_is_reported_again_after_the_publishers_were_not_live(
    sent: list[Alert], monkeypatch
) -> None:
    monkeypatch.setattr(sensing, "overdue", lambda _: [("bgs_wms", "late")])
    for mode in ("live", "snapshot", "live"):
        monkeypatch.setenv("REE_SOURCES", mode)
        sensor("alert_overdue")(dg.build_sensor_context())
    assert [alert.title for alert in sent] == ["Overdue: bgs_wms"] * 2
