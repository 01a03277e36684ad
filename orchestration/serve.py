"""Runs Dagster's web server and daemon together until one of them ends or a signal stops both.

One that ends by itself is not restarted here: systemd or Docker restarts the command. The daemon is restarted once a
night, between two runs, because its memory grows with every tick.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

from orchestration.code_location import DEFINITIONS
from orchestration.instance import end_lost_runs, instance_environment, open_instance, prepare_instance
from sources.http.config import is_loopback
from warehouse.settings import Settings
from warehouse.storage.home import require_space
from warehouse.storage.lock import active_writer
from warehouse.transform.manifest import parsed_project

log = logging.getLogger("ree.serve")

_DAEMON = "daemon"
_POLL_EVERY_S = 0.2
_TIME_TO_STOP_S = 30.0
_QUIET_HOUR = 2
"""Hour of the day in UTC in which no schedule starts a run."""
_RESTARTED_AFTER = timedelta(hours=12)
_UNDER_WAY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


def serve(settings: Settings, host: str = "127.0.0.1", port: int = 3000) -> int:
    """Run the web server and the daemon until SIGTERM or SIGINT; return the exit code.

    0: stopped by a signal. 1: one of the two ended by itself, and the other was stopped. 2: this warehouse is already
    being served.

    The web server has no password, so it listens on loopback unless `host` is another address.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    require_space(settings)
    try:
        with FileLock(settings.home / "serve.lock").acquire(timeout=0), _stop_signals() as stop:
            return _serve(settings, host, port, stop)
    except Timeout:
        log.error("%s is already being served.", settings.home)  # noqa: TRY400 - the lock's traceback adds nothing
        return 2


def _serve(settings: Settings, host: str, port: int, stop: threading.Event) -> int:
    prepare_instance(settings)
    parsed_project(settings)  # once, before both children need it
    for run_id in end_lost_runs(settings):
        log.warning("Run %s was interrupted and is marked as failed.", run_id)
    if not is_loopback(f"http://{host}"):
        log.warning("The web server has no password, and %s can be reached from other machines: protect it.", host)
    environment = _environment(settings)
    commands = {
        "web server": [_installed("dagster-webserver"), "-m", DEFINITIONS, "-h", host, "-p", str(port)],
        _DAEMON: [_installed("dagster-daemon"), "run", "-m", DEFINITIONS],
    }
    children: dict[str, subprocess.Popen[bytes]] = {}
    nightly = _NightlyRestart(settings)
    try:
        for name, command in commands.items():
            children[name] = _started(command, environment, settings.home)
        log.info(
            "Serving %s on http://%s:%d, without a password. Stop it by SIGTERM or Ctrl-C.", settings.home, host, port
        )
        while not (ended := _first_to_end(children, stop, nightly.is_due)) and not stop.is_set():
            log.info("Restarting the daemon, as every night.")
            _stop_all({_DAEMON: children[_DAEMON]})
            end_lost_runs(settings)
            children[_DAEMON] = _started(commands[_DAEMON], environment, settings.home)
    finally:
        _stop_all(children)
    if ended is None:
        log.info("Stopped.")
        return 0
    log.error("The %s ended by itself with code %s, so both were stopped.", ended, children[ended].returncode)
    return 1


def _environment(settings: Settings) -> dict[str, str]:
    """The environment of both children. Libraries' warnings are no errors in them, whatever the shell says."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    return own | instance_environment(settings) | {"REE_HOME": str(settings.home)}


def _installed(command: str) -> str:
    return str(Path(sys.executable).with_name(command))


def _started(command: list[str], environment: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
    # its own session: Ctrl-C reaches it only through us, and the processes that it starts can be found and stopped
    return subprocess.Popen(command, env=dict(environment), cwd=folder, start_new_session=True)  # noqa: S603


def _first_to_end(
    children: Mapping[str, subprocess.Popen[bytes]], stop: threading.Event, is_due: Callable[[], bool]
) -> str | None:
    """Wait until a child ends and return its name; None if a stop signal arrives or a restart is due before."""
    while not stop.wait(_POLL_EVERY_S):
        for name, child in children.items():
            if child.poll() is not None:
                return name
        if is_due():
            return None
    return None


@dataclass(slots=True)
class _NightlyRestart:
    """When the daemon is restarted: in the quiet hour, twelve hours after its start or later, while nothing runs."""

    settings: Settings
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def is_due(self) -> bool:
        """Whether to restart the daemon now; then it counts as started."""
        now = datetime.now(UTC)
        if now.hour != _QUIET_HOUR or now - self.started_at < _RESTARTED_AFTER or self._is_busy():
            return False
        self.started_at = now
        return True

    def _is_busy(self) -> bool:
        if active_writer(self.settings):
            return True
        with open_instance(self.settings) as instance:
            return bool(instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY), limit=1))


def _stop_all(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Send SIGTERM to all, wait, then kill what is left, including the processes they started."""
    for child in children.values():
        _signal(child.pid, signal.SIGTERM, group=False)
    until = time.monotonic() + _TIME_TO_STOP_S
    for child in children.values():
        while _signal(child.pid, 0, group=True) and time.monotonic() < until:
            if child.poll() is not None:
                _signal(child.pid, signal.SIGTERM, group=True)
            time.sleep(_POLL_EVERY_S)
        _signal(child.pid, signal.SIGKILL, group=True)
        child.wait()


def _signal(pid: int, number: int, *, group: bool) -> bool:
    """Send a signal to a child or to its process group; return whether it exists."""
    try:
        (os.killpg if group else os.kill)(pid, number)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set, while the block lasts."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
