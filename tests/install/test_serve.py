"""`ree serve`: web server and daemon start, report that they are healthy, and stop without leaving processes."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from filelock import FileLock

from orchestration import serve as serving
from orchestration.instance import (
    end_lost_runs,
    instance_config,
    instance_environment,
    open_instance,
    prepare_instance,
)
from warehouse.settings import Settings
from warehouse.storage.lock import sole_writer

SERVE = (
    "import sys; from orchestration.serve import serve; from warehouse.settings import Settings; "
    "sys.exit(serve(Settings(), port=int(sys.argv[1])))"
)
HEALTH = """{
  instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } }
  workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { __typename } } } }
}"""
PATIENCE_S = 120


def free_port() -> int:
    """A free port.

    It lies below those that the system gives out by itself, and each worker of the tests has ports of its own: none is
    taken between this look and its use.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 20_000 + 100 * (worker % 100) + secrets.randbelow(50)
    for port in range(first, first + 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    pytest.fail("no port is free")


def get(url: str, query: str | None = None) -> Any:
    body = json.dumps({"query": query}).encode() if query else None
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        return json.load(answer)


def wait_for(what: str, look: Callable[[], Any], process: subprocess.Popen[str]) -> Any:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        assert process.poll() is None, f"it ended while waiting for {what}"
        try:
            if found := look():
                return found
        except (urllib.error.URLError, OSError, ValueError):
            pass
        time.sleep(0.3)
    pytest.fail(f"no {what} after {PATIENCE_S} s")


def commands_of(home: Path) -> dict[int, str]:
    """Processes that were started for a home, by its variable in their environment, and their command lines."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"REE_HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def left_of(home: Path) -> dict[int, str]:
    """Processes of a home that are still there after a while: one that was killed takes a moment to go."""
    until = time.monotonic() + 60
    while (found := commands_of(home)) and time.monotonic() < until:
        time.sleep(0.1)
    return found


@contextmanager
def served(home: Path, **more: str) -> Iterator[str]:
    """A served warehouse that is well. It is stopped by SIGTERM, ends with 0, and leaves no process behind."""
    port = free_port()
    environment = {
        name: value
        for name, value in os.environ.items()
        if name == "REE_DBT_CACHE" or not name.startswith(("REE_", "DAGSTER_"))
    }
    with (home.parent / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(port)],
            env=environment | {"REE_HOME": str(home)} | more,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for("web server", lambda: get(f"{url}/server_info"), process)

        def is_well() -> bool:
            health = get(f"{url}/graphql", HEALTH)["data"]
            statuses = health["instance"]["daemonHealth"]["allDaemonStatuses"]
            return bool(statuses) and all(status["healthy"] for status in statuses if status["required"])

        wait_for("heartbeat of the daemon", is_well, process)
        locations = get(f"{url}/graphql", HEALTH)["data"]["workspaceOrError"]["locationEntries"]
        assert [entry["locationOrLoadError"]["__typename"] for entry in locations] == ["RepositoryLocation"]
        yield url
        process.send_signal(signal.SIGTERM)
        assert process.wait(45) == 0, (home.parent / "serve.log").read_text()
        assert left_of(home) == {}, "nothing is left running"
    finally:
        for pid in commands_of(home):
            os.kill(pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
def test_serve_listens_on_loopback_and_stops_on_a_signal(tmp_path) -> None:
    home = tmp_path / "home"
    with served(home) as url:
        names = " ".join(commands_of(home).values())
        assert "dagster-webserver" in names
        assert "dagster-daemon" in names
        port = url.rpartition(":")[2]
        listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines() if " 0A " in line]
        assert [address for address in listening if address.endswith(f":{int(port):04X}")] == [
            f"0100007F:{int(port):04X}"
        ]
        again = subprocess.run(
            [sys.executable, "-c", SERVE, str(free_port())],
            env=os.environ | {"REE_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (again.returncode, "already being served" in again.stderr) == (2, True), again.stderr
    assert list(home.glob("dagster/**/*.db")), "its state is in SQLite"


# PostgreSQL


def tool(name: str) -> str | None:
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or (str(places[0]) if places else None)


@pytest.fixture
def postgres() -> Iterator[tuple[str, str]]:
    """A PostgreSQL of our own on loopback: its address, with a password, and that password."""
    initdb, server = tool("initdb"), tool("postgres")
    if not initdb or not server:
        pytest.skip("no initdb and postgres on the PATH: Dagster's state is not tried in PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="ree-pg-", dir="/tmp"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # it refuses to run as root
        name = next((user.pw_name for user in pwd.getpwall() if user.pw_name in ("postgres", "nobody")), None)
        if not name or not shutil.which("setpriv"):
            pytest.skip("PostgreSQL refuses to run as root, and there is no user or setpriv to run it with")
        user = pwd.getpwnam(name)
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    password, port = secrets.token_urlsafe(20), free_port()
    pwfile = folder / "pw"
    pwfile.write_text(password)
    if as_user:
        os.chown(pwfile, user.pw_uid, user.pw_gid)
    data = folder / "data"
    subprocess.run(
        [*as_user, initdb, "-D", data, "-U", "ree", "-A", "scram-sha-256", f"--pwfile={pwfile}", "-N", "-E", "UTF8"],
        check=True,
        capture_output=True,
        cwd="/",
    )
    running = subprocess.Popen(
        [*as_user, server, "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", folder, "-c", "fsync=off"],
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"postgresql://ree:{password}@127.0.0.1:{port}/postgres", password
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
def test_its_state_may_live_in_postgresql_and_the_password_is_written_nowhere(tmp_path, postgres) -> None:
    import psycopg2

    url, password = postgres
    home, file = tmp_path / "home", tmp_path / "secrets.env"
    file.write_text(f"REE_POSTGRES_URL={url}\n")
    file.chmod(0o600)
    with served(home, REE_SECRETS_FILE=str(file)):
        assert not any(password in command for command in commands_of(home).values()), "nor is it in a command line"
        with psycopg2.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute("select count(*) from daemon_heartbeats")
            assert cursor.fetchone()[0] > 0
    written = [path for path in home.rglob("*") if path.is_file() and password.encode() in path.read_bytes()]
    assert written == []
    assert password not in (tmp_path / "serve.log").read_text()
    assert not list(home.glob("dagster/**/runs.db")), "no state is in SQLite"


# Without Dagster's servers


@pytest.fixture
def settings(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("REE_POSTGRES_URL", raising=False)
    return Settings(home=tmp_path / "home", lock_timeout_s=0)


@pytest.fixture
def stand_ins(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put scripts in the place of the two servers."""

    def put(**scripts: str) -> None:
        for name, script in scripts.items():
            path = tmp_path / f"dagster-{name}"
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        monkeypatch.setattr(serving, "_installed", lambda command: str(tmp_path / command))

    return put


def test_when_one_process_ends_the_other_is_stopped_with_exit_code_1(settings, stand_ins, caplog) -> None:
    caplog.set_level("INFO")
    stand_ins(webserver="sleep 0.5; exit 0", daemon="sleep 300 & sleep 300")
    assert serving.serve(settings, port=1) == 1
    assert "The web server ended by itself with code 0" in caplog.text
    assert left_of(settings.home) == {}, "what the daemon started has ended too"


def test_a_process_that_ignores_the_signal_is_killed(settings, stand_ins, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_TIME_TO_STOP_S", 0.3)
    stand_ins(webserver="trap '' TERM; sleep 300", daemon="exit 7")
    began = time.monotonic()
    assert serving.serve(settings, port=1) == 1
    assert time.monotonic() - began < 100, "it did not wait for the end of its own accord"
    assert left_of(settings.home) == {}


def test_the_daemon_is_restarted_at_night_and_the_web_server_is_not(
    settings, stand_ins, tmp_path, caplog, monkeypatch
) -> None:
    caplog.set_level("INFO")
    started = tmp_path / "started"
    stand_ins(
        webserver=f"echo web >> '{started}'; sleep 300",
        daemon=f"echo daemon >> '{started}'; [ $(grep -c daemon '{started}') = 2 ] && exit 5; sleep 300",
    )
    due = iter([False, True])

    def is_due(_: object) -> bool:
        return started.exists() and "daemon" in started.read_text() and next(due, False)

    monkeypatch.setattr(serving._NightlyRestart, "is_due", is_due)
    assert serving.serve(settings, port=1) == 1
    assert sorted(started.read_text().split()) == ["daemon", "daemon", "web"]
    assert "The daemon ended by itself with code 5" in caplog.text
    assert left_of(settings.home) == {}


def test_the_nightly_restart_waits_for_the_quiet_hour_and_for_what_runs(settings, monkeypatch) -> None:
    prepare_instance(settings)

    def at(hour: int) -> None:
        class Then(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime(2026, 11, 24, hour, 30, tzinfo=tz)

        monkeypatch.setattr(serving, "datetime", Then)

    nightly = serving._NightlyRestart(settings, datetime(2026, 11, 23, 6, tzinfo=UTC))
    at(6)
    assert not nightly.is_due()
    at(2)
    with sole_writer(settings, "a build"):
        assert not nightly.is_due()
    with open_instance(settings) as instance:
        run = started_run(instance)
        assert not nightly.is_due()
        instance.report_run_failed(run)
    assert nightly.is_due()
    assert not nightly.is_due(), "once a night"


def test_an_address_other_than_loopback_gives_a_warning(settings, stand_ins, caplog) -> None:
    stand_ins(webserver="exit 1", daemon="exit 1")
    serving.serve(settings, "0.0.0.0", 1)  # noqa: S104
    assert "has no password, and 0.0.0.0 can be reached from other machines" in caplog.text


def test_a_home_is_served_once(settings, caplog) -> None:
    settings.home.mkdir()
    with FileLock(settings.home / "serve.lock"):
        assert serving.serve(settings) == 2
    assert "already being served" in caplog.text


def started_run(instance: dg.DagsterInstance) -> dg.DagsterRun:
    run = dg.DagsterRun(job_name="refresh_warehouse", status=dg.DagsterRunStatus.STARTED)
    instance.add_run(run)
    return run


def test_a_run_interrupted_by_a_reboot_is_marked_failed_and_blocks_no_other(settings) -> None:
    prepare_instance(settings)
    with open_instance(settings) as instance:
        run = started_run(instance)
        assert end_lost_runs(settings) == [run.run_id]
        marked = instance.get_run_by_id(run.run_id)
        assert marked.status is dg.DagsterRunStatus.FAILURE
        assert marked.tags["dagster/will_retry"] == "true", "the daemon repeats it"
        assert end_lost_runs(settings) == []


def test_a_run_that_holds_the_writer_lock_is_left_alone(settings) -> None:
    prepare_instance(settings)
    with open_instance(settings) as instance:
        lost, writing = started_run(instance), started_run(instance)
        with sole_writer(settings, f"run {writing.run_id}"):
            assert end_lost_runs(settings) == [lost.run_id]
        assert instance.get_run_by_id(writing.run_id).status is dg.DagsterRunStatus.STARTED


def test_the_instance_runs_one_thing_at_a_time_and_holds_no_password(settings) -> None:
    with_postgres = settings.model_copy(
        update={"postgres_url": Settings(postgres_url="postgresql://u:pw@h/d").postgres_url}
    )
    for each in (settings, with_postgres):
        config = yaml.safe_load(instance_config(each))
        assert config["concurrency"]["runs"]["max_concurrent_runs"] == 1
        assert config["telemetry"] == {"enabled": False}
        assert config["run_monitoring"]["enabled"] is True
        assert config["run_retries"]["retry_on_asset_or_op_failure"] is False
    assert config["storage"] == {"postgres": {"postgres_url": {"env": "REE_POSTGRES_URL"}}}
    prepare_instance(with_postgres)
    assert "pw" not in (settings.dagster_home / "dagster.yaml").read_text()
    assert instance_environment(with_postgres) == {
        "DAGSTER_HOME": str(settings.dagster_home),
        "REE_POSTGRES_URL": "postgresql+psycopg2://u:pw@h/d",
    }
    assert "REE_POSTGRES_URL" not in os.environ


def test_state_is_in_sqlite_by_default(settings) -> None:
    assert "storage" not in yaml.safe_load(instance_config(settings))
    prepare_instance(settings)
    with open_instance(settings) as instance:
        assert instance.run_monitoring_enabled
        assert instance.run_retries_enabled
        assert (
            instance.run_monitoring_max_runtime_seconds
            if hasattr(instance, "run_monitoring_max_runtime_seconds")
            else 1
        )
        assert "SqliteRunStorage" in type(instance.run_storage).__name__
