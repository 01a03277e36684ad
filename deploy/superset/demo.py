"""Opens Superset on the current release: `make bi-demo`, or `python deploy/superset/demo.py --superset ENVIRONMENT`.

The first run sets up a folder `superset` in the home: metadata, a user, and what `import/` describes. Later runs only
start the server, and import again when the files have changed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from warehouse.release.store import current_release, database
from warehouse.settings import Settings

HERE = Path(__file__).resolve().parent
FILES, CONFIG, LOCK = HERE / "import", HERE / "superset_config.py", HERE / "requirements.lock"
DASHBOARD = "superset/dashboard/rare-earths/"
START_S = 300


class DemoError(Exception):
    """A sentence for the person who started the demo."""


@dataclass(frozen=True, slots=True)
class Demo:
    """One Superset: its environment, its folder, and the release that it shows.

    Attributes:
        environment: a virtual environment made from `requirements.lock`.
        folder: metadata, secret key, password and log, for the owner's eyes only.
        address: of the database, through `published`, so that each query opens the current release.
    """

    environment: Path
    folder: Path
    address: str

    @property
    def password(self) -> Path:
        """File with the password of the user `admin`."""
        return self.folder / "password"

    @property
    def variables(self) -> dict[str, str]:
        """What Superset's commands need beside the environment."""
        return {
            **os.environ,
            "SUPERSET_HOME": str(self.folder),
            "SUPERSET_CONFIG_PATH": str(CONFIG),
            "FLASK_APP": "superset.app:create_app()",
        }

    @property
    def fingerprint(self) -> str:
        """Changes with everything that set-up reads."""
        read = hashlib.sha256(self.address.encode())
        for path in (LOCK, CONFIG, *sorted(FILES.rglob("*.yaml"))):
            read.update(path.read_bytes())
        return read.hexdigest()

    def run(self, *command: str, typed: str = "") -> None:
        """Run a command of Superset; its output goes to the log.

        It has no terminal, so that passwords are read from `typed` and stand in no list of processes.

        Raises:
            DemoError: it failed.
        """
        with (self.folder / "superset.log").open("a", encoding="utf-8") as log:
            done = subprocess.run(  # noqa: S603
                [self.environment / "bin" / "superset", *command],
                env=self.variables, input=typed, stdout=log, stderr=log, text=True, start_new_session=True, check=False,
            )  # fmt: skip
        if done.returncode:
            msg = f"`superset {' '.join(command[:2])}` failed: {self.folder / 'superset.log'} says why."
            raise DemoError(msg)


def set_up(demo: Demo) -> None:
    """Make the folder ready, unless it is.

    Raises:
        DemoError: a command of Superset failed.
    """
    done = demo.folder / "set-up"
    if done.exists() and done.read_text(encoding="utf-8") == demo.fingerprint:
        return
    sys.stdout.write("Setting up Superset, which takes a minute or two …\n")
    sys.stdout.flush()
    demo.folder.mkdir(mode=0o700, exist_ok=True)
    password = _kept(demo.password, secrets.token_urlsafe(12))
    _kept(demo.folder / "secret_key", secrets.token_urlsafe(48))
    demo.run("db", "upgrade")
    demo.run("init")
    if not done.exists():
        name = ("--username", "admin", "--firstname", "Demo", "--lastname", "User", "--email", "admin@localhost")
        demo.run("fab", "create-admin", *name, typed=f"{password}\n{password}\n")
    files = demo.folder / "import"
    shutil.rmtree(files, ignore_errors=True)
    shutil.copytree(FILES, files)
    described = files / "databases" / "rare_earths.yaml"
    database_ = yaml.safe_load(described.read_text(encoding="utf-8")) | {"sqlalchemy_uri": demo.address}
    described.write_text(yaml.safe_dump(database_), encoding="utf-8")
    demo.run("import-directory", "--overwrite", str(files))
    done.write_text(demo.fingerprint, encoding="utf-8")


def _kept(path: Path, new: str) -> str:
    """The secret in a file, which only the owner reads; a new one is written there."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(new, encoding="utf-8")
    return path.read_text(encoding="utf-8")


def require_free(port: int) -> None:
    """Fail early where another server listens.

    Raises:
        DemoError: the port is in use.
    """
    with socket.socket() as probe:
        if not probe.connect_ex(("127.0.0.1", port)):
            msg = f"Port {port} is in use: choose another with PORT=…"
            raise DemoError(msg)


@contextmanager
def serving(demo: Demo, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The web server on loopback, once it answers. It ends with the block.

    Raises:
        DemoError: it ended, or did not answer in five minutes.
    """
    with (demo.folder / "superset.log").open("ab") as log:
        server = subprocess.Popen(  # noqa: S603
            [
                demo.environment / "bin" / "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
                "--threads", "8", "--timeout", "120", "--no-control-socket", "superset.app:create_app()",
            ],
            env=demo.variables, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        until = time.monotonic() + START_S
        while not _answers(port):
            if server.poll() is not None or time.monotonic() > until:
                msg = f"Superset does not answer on port {port}: {demo.folder / 'superset.log'} says why."
                raise DemoError(msg)
            time.sleep(0.5)
        yield server
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
            return True
    except OSError:
        return False


def main() -> int:
    """Set up, start, print the address, and wait until Ctrl+C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--superset", type=Path, required=True, help="virtual environment made from requirements.lock")
    parser.add_argument("--port", type=int, default=8088)
    given = parser.parse_args()
    settings = Settings()
    if current_release(settings) is None:
        sys.stderr.write(f"{settings.home} has no release: run `make warehouse` first.\n")
        return 1
    demo = Demo(given.superset.absolute(), settings.home / "superset", f"duckdb:///{database(settings)}")
    is_first = not demo.password.exists()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        require_free(given.port)
        set_up(demo)
        with serving(demo, given.port) as server:
            password = demo.password.read_text(encoding="utf-8") if is_first else "as printed the first time"
            sys.stdout.write(
                f"Superset: http://127.0.0.1:{given.port}/{DASHBOARD}\n"
                f"user admin, password {password} (kept in {demo.password})\n"
                "Only this machine reaches it. Ctrl+C ends it.\n"
            )
            sys.stdout.flush()
            return server.wait()
    except KeyboardInterrupt:
        return 0
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
