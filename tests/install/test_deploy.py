"""The deployment files name existing commands, paths and settings. Needs no container engine."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from sources.registry import sources
from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none, assert_same
from warehouse.publisher_settings import declared
from warehouse.release.place import place
from warehouse.settings import Settings
from warehouse.storage.journal import Journal

DEPLOY = PROJECT / "deploy"
INSTALLED = "/opt/rare-earth-warehouse"
TEXTS = {
    path.name: path.read_text(encoding="utf-8")
    for path in sorted(DEPLOY.iterdir())
    if path.is_file() and path.name != ".gitignore"
}
SETTINGS = {f"REE_{name.upper()}" for name in Settings.model_fields} | {
    setting.variable for code in sources() for setting in declared(code).values()
}


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit, with all values of each: systemd allows a name more than once."""
    found: dict[str, list[str]] = {}
    for line in TEXTS[name].splitlines():
        key, separator, value = line.partition("=")
        if separator and not line.startswith(("#", ";")):
            found.setdefault(key, []).append(value)
    return found


COMPOSE = yaml.safe_load(TEXTS["compose.yaml"])


def test_every_path_of_the_project_that_is_named_exists() -> None:
    scripts = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert_none(
        f"{name} names {path}"
        for name, text in TEXTS.items()
        for path in re.findall(rf"{INSTALLED}/([\w./*-]+)", text)
        if not path.startswith(".venv/") and not list(PROJECT.glob(path.rstrip(".")))
    )
    assert_none(
        f"{name} starts {script}"
        for name, text in TEXTS.items()
        for script in re.findall(r"\.venv/bin/([\w-]+)", text)
        if script not in scripts
    )


def test_every_setting_that_is_named_exists() -> None:
    assert_none(
        f"{name} names {setting}"
        for name, text in TEXTS.items()
        for setting in set(re.findall(r"\bREE_[A-Z_]+\b", text)) - {"REE_HOME", "REE_NAME"} - SETTINGS
    )


def test_every_command_of_ree_that_is_named_exists() -> None:
    from typer.main import get_command

    from orchestration.cli import app

    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = {name: set(re.findall(r"(?:bin/ree|exec ree ree|`ree) ([a-z]+)", text)) for name, text in TEXTS.items()}
    assert_none(f"{name}: ree {command}" for name, of in named.items() for command in of - set(commands))
    assert named["ree.service"] == {"serve"}
    assert named["ree-publish.service"] == {"publish"}


def test_serve_accepts_the_options_of_the_deployment_files() -> None:
    from typer.main import get_command

    from orchestration.cli import app

    known = {option for p in get_command(app).commands["serve"].params for option in p.opts}  # type: ignore[attr-defined]
    lines = [unit("ree.service")["ExecStart"][0], " ".join(command_of_the_image())]
    assert {word for line in lines for word in shlex.split(line) if word.startswith("--")} <= known


def test_publish_accepts_the_options_of_the_deployment_files() -> None:
    from typer.main import get_command

    from orchestration.cli import app

    known = {option for p in get_command(app).commands["publish"].params for option in p.opts}  # type: ignore[attr-defined]
    lines = [unit("ree-publish.service")["ExecStart"][0], COMPOSE["services"]["publish"]["command"][-1]]
    given = [re.findall(r"ree publish (\S+) ([^;]+)", line)[0] for line in lines]
    assert {word for _, options in given for word in shlex.split(options) if word.startswith("--")} <= known
    folder, served = given[0][0], given[1][0]
    assert unit("ree-publish.service")["ReadWritePaths"] == [folder]
    assert f"root {served};" in TEXTS["nginx.conf"]
    assert all(f"www:{served}" in " ".join(COMPOSE["services"][name]["volumes"]) for name in ("publish", "web"))


def test_the_web_server_gives_the_headers_that_a_bucket_gives() -> None:
    """Types and caching of both are the same: a place may move from one to the other."""
    server = TEXTS["nginx.conf"]
    types = dict(re.findall(r"^ {8}(\w+/[\w.+-]+) (\w+);$", server, re.MULTILINE))
    assert {f".{suffix}": kind for kind, suffix in types.items()} == {
        suffix: kind.partition(";")[0] for suffix, kind in place._CONTENT_TYPES.items()
    }
    caching = re.findall(r"^ {8}(\S+) +\"(public[^\"]+)\";$", server, re.MULTILINE)

    def served(key: str) -> str:
        return next((text for pattern, text in caching if re.match(pattern.lstrip("~"), f"/{key}")), caching[0][1])

    folder = "releases/2026.11.01.1"
    keys = ["latest.json", "index.html", *(f"{folder}/{name}" for name in ("views.duckdb", "release.json", "a.csv"))]
    assert_same({key: place.cache_control(key) for key in keys}, served)


def command_of_the_image() -> list[str]:
    words = re.search(r"^CMD (\[.*\])$", TEXTS["Dockerfile"], re.MULTILINE)
    assert words
    return list(yaml.safe_load(words.group(1)))


def test_targets_of_make_that_are_named_exist() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"make (?:-C \S+ )?(setup|[a-z-]+)$", "\n".join(TEXTS.values()), re.MULTILINE))
    assert "setup" in named
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named)


def test_the_service_has_few_rights_and_writes_in_one_place() -> None:
    service = unit("ree.service")
    for name, value in {
        "User": "ree",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
        "ReadWritePaths": "/var/lib/ree",
        "Restart": "on-failure",
    }.items():
        assert service[name] == [value]
    assert any("REE_HOME=/var/lib/ree" in line for line in service["Environment"])


def test_systemd_waits_longer_for_an_end_than_serve_does() -> None:
    from orchestration import serve

    grace = int(COMPOSE["services"]["ree"]["stop_grace_period"].removesuffix("s"))
    assert int(unit("ree.service")["TimeoutStopSec"][0]) > serve._TIME_TO_STOP_S
    assert grace > serve._TIME_TO_STOP_S


def test_secrets_are_in_files_and_never_in_the_deployment_files() -> None:
    service = unit("ree.service")
    assert service["LoadCredential"] == ["secrets:/etc/ree/secrets.env"]
    assert "REE_SECRETS_FILE=%d/secrets" in service["Environment"]
    secret = {
        f"REE_{name.upper()}" for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)
    }
    for name, text in TEXTS.items():
        if name != "README.md":
            assert not re.search(rf"(?:{'|'.join(secret)})\s*[=:]", text), name
    for container in COMPOSE["services"].values():
        assert set(container.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert not any("PASSWORD" in key and not key.endswith("_FILE") for key in container.get("environment", ()))
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())


def test_ports_are_bound_to_loopback() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert ports == ["127.0.0.1:3000:3000", "127.0.0.1:8080:8080"]
    assert "--host 127.0.0.1" in unit("ree.service")["ExecStart"][0]


def test_the_compose_file_fits_together() -> None:
    for service in COMPOSE["services"].values():
        assert service["healthcheck"]["test"][0] == "CMD"
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in COMPOSE["volumes"]
        for config in service.get("configs", ()):
            assert (DEPLOY / COMPOSE["configs"][config["source"]]["file"]).is_file()
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])
    built = COMPOSE["services"]["ree"]["build"]
    context = (DEPLOY / built["context"]).resolve()
    assert context == PROJECT
    assert (context / built["dockerfile"]).is_file()
    assert f":{unit('ree.service')['ExecStart'][0].split()[-1]}/server_info" in str(
        COMPOSE["services"]["ree"]["healthcheck"]
    )


def test_the_image_runs_without_rights_from_the_locked_environment() -> None:
    build, run = re.split(r"^(?=FROM )", TEXTS["Dockerfile"], flags=re.MULTILINE)[1:]
    assert build.startswith("FROM python:3.12-slim AS build\n")
    assert run.startswith("FROM python:3.12-slim\n"), "an environment runs with the Python that it was made with"
    assert "RUN make setup" in build.splitlines()
    assert "make" not in re.findall(r"install --yes.* (\w+)", run)
    assert "COPY --from=build /opt/rare-earth-warehouse ." in run.splitlines()
    assert "USER ree" in run.splitlines()
    assert command_of_the_image()[:2] == ["ree", "serve"]
    ignored = TEXTS["Dockerfile.dockerignore"].splitlines()
    assert {".venv", "var", ".git", "deploy/secrets"} <= set(ignored)


def test_no_file_names_the_host_of_a_package_index() -> None:
    for name, text in TEXTS.items():
        hosts = set(re.findall(r"https?://([\w.-]+)", text))
        assert hosts <= {"127.0.0.1", "data.example.org"}, f"{name} names {hosts}"


@pytest.mark.parametrize("name", [name for name in TEXTS if name.endswith((".service", ".timer"))])
def test_a_unit_is_read_as_sections_of_settings(name: str) -> None:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(TEXTS[name])
    assert set(parser.sections()) <= {"Unit", "Service", "Timer", "Install"}
    assert parser["Unit"]["Description"]


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as systemd would find them, but for their commands, which are not installed here."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze on the PATH: systemd's own judgement of the units is not asked for")
    for name, text in TEXTS.items():
        if name.endswith((".service", ".timer")):
            installed = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE)
            (tmp_path / name).write_text(installed, encoding="utf-8")
    return tmp_path


def test_systemd_accepts_the_units(units: Path) -> None:
    command = ["systemd-analyze", "verify", *map(str, sorted(units.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "/ree" in line or line.startswith("ree")]
    assert (done.returncode, ours) == (0, [])


def test_systemd_finds_the_service_little_exposed(units: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(units / "ree.service")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    level = re.search(r"Overall exposure level for ree.service: ([\d.]+)", done.stdout)
    if level is None:
        pytest.skip(f"this systemd-analyze judges no unit that is not installed: {done.stderr.strip()}")
    assert float(level.group(1)) < 2


def test_a_backup_holds_the_landing_and_the_release_and_a_second_one_what_is_new(tmp_path: Path) -> None:
    home, target = tmp_path / "home", tmp_path / "backup"

    def write(path: str, text: str) -> None:
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)

    def publish(version: str) -> None:
        write(f"releases/{version}/rare_earths.duckdb", version)
        (home / "published").unlink(missing_ok=True)
        (home / "published").symlink_to(f"releases/{version}")

    def back_up() -> dict[str, str]:
        subprocess.run(["sh", DEPLOY / "backup.sh", home, target], check=True)
        files = sorted(path for path in target.rglob("*") if path.is_file() and path.name != "journal.sqlite")
        return {path.relative_to(target).as_posix(): path.read_text() for path in files}

    assert back_up() == {}, "nothing is there yet"
    write("landing/sha256/aa/aa", "bytes")
    write("landing/ledger.jsonl", "1\n")
    Journal(home / "landing" / "journal.sqlite", "bgs_wms").finish_task("a", {}, "")
    write("work/work.duckdb", "not kept")
    publish("1")
    first = {
        "landing/ledger.jsonl": "1\n",
        "landing/sha256/aa/aa": "bytes",
        "releases/1/rare_earths.duckdb": "1",
    }
    assert back_up() == first == back_up()
    assert set(Journal(target / "landing" / "journal.sqlite", "bgs_wms").task_states()) == {"a"}
    write("landing/sha256/bb/bb", "more")
    write("landing/ledger.jsonl", "1\n2\n")
    os.utime(home / "landing" / "ledger.jsonl", (2_000_000_000, 2_000_000_000))
    publish("2")
    assert back_up() == first | {
        "landing/ledger.jsonl": "1\n2\n",
        "landing/sha256/bb/bb": "more",
        "releases/2/rare_earths.duckdb": "2",
    }
    assert (target / "published" / "rare_earths.duckdb").read_text() == "2"
