"""`ree publish` as a command of its own: what it prints, what it shows of credentials, and that it may be killed.

The web server of deploy/ serves the result where nginx is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.fakes.server import FakeServer, Reply
from tests.helpers.place_readers import duckdb_with_httpfs, whole_release
from tests.helpers.project import PROJECT
from tests.helpers.small_releases import MINED, add_release
from warehouse.release.place.folder import Folder
from warehouse.release.place.upload import publish_to
from warehouse.settings import Settings

FIRST, SECOND = "2026.11.01.1", "2026.11.02.1"
KEY_ID, SECRET = "AKIAEXAMPLEKEYID0001", "secret/of+the+desk/0123456789abcdefghij"
REE = str(Path(sys.executable).with_name("ree"))


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A home with two releases."""
    settings = Settings(home=tmp_path / "home")
    add_release(settings, FIRST)
    add_release(settings, SECOND, MINED | {2023: 255_000.0})
    return settings


def environment(home: Settings, **more: str) -> dict[str, str]:
    return {"REE_HOME": str(home.home), "PATH": os.environ["PATH"], "HOME": str(home.home), **more}


def credentials(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def publish(home: Settings, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [REE, "publish", *words], env=environment(home, **more), capture_output=True, text=True, check=False
    )


def test_the_command_says_what_it_did_and_how_to_read_it(home, tmp_path) -> None:
    done = publish(home, f"{tmp_path}/www", "--url", "https://data.example.org/ree")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(
        rf"Release {SECOND}, \d+ files uploaded \(0\.\d MB\), at https://data\.example\.org/ree", done.stdout
    )
    assert "Readers open https://data.example.org/ree/latest.duckdb, read-only" in done.stdout
    again = publish(home, f"{tmp_path}/www", REE_PUBLISH_URL="https://data.example.org/ree")
    assert re.search(r"all \d+ files already there", again.stdout)
    refused = publish(home, f"{tmp_path}/www", "--release", "2020.01.01.1")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "no release 2020.01.01.1" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_credentials_are_not_printed_nor_in_the_list_of_processes(home) -> None:
    served = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    served.start()
    endpoint = "http://{}:{}".format(*served.get_host_and_port())
    try:
        boto3.client(
            "s3", endpoint_url=endpoint, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET, region_name="us-east-1"
        ).create_bucket(Bucket="data")
        started = subprocess.Popen(
            [REE, "publish", "s3://data/ree"],
            env=environment(home, **credentials(endpoint)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lists = []
        while started.poll() is None:
            lists.append(subprocess.run(["ps", "axww"], capture_output=True, text=True, check=False).stdout)
            time.sleep(0.2)
        printed = started.communicate()[0]
    finally:
        served.stop()
    assert started.returncode == 0, printed
    assert any("publish s3://data/ree" in processes for processes in lists)
    written = "".join(path.read_text("latin-1") for path in home.home.rglob("*") if path.is_file())
    for text in (printed, written, *lists):
        assert KEY_ID not in text
        assert SECRET not in text


def test_a_refusal_is_printed_without_credentials_whatever_the_server_says(home) -> None:
    body = f"<Error><Code>Odd</Code><Message>{KEY_ID}</Message></Error>".encode()
    with FakeServer(lambda _: Reply(body, content_type="application/xml", status=400)) as refusing:
        done = publish(home, "s3://data/ree", **credentials(refusing.url))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("s3://data/ree: the server refused a request (Odd, status 400).")
    assert KEY_ID not in done.stderr


def test_a_command_that_is_killed_at_any_moment_leaves_a_whole_release(home, tmp_path) -> None:
    place = Folder.open(tmp_path / "www", home)
    publish_to(place, home, FIRST)
    seen = set()
    for wait in (0.8, 1.2, 1.6, 2.0, 2.4):
        started = subprocess.Popen(
            [REE, "publish", str(tmp_path / "www")], env=environment(home), stdout=subprocess.DEVNULL
        )
        time.sleep(wait)
        started.send_signal(signal.SIGKILL)
        started.wait()
        seen.add(whole_release(place.read))
    assert seen <= {FIRST, SECOND}
    publish_to(place, home, SECOND)
    assert whole_release(place.read) == SECOND


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of the web server of deploy/, and the folder that it serves."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program:
        pytest.skip("no nginx on the PATH: the configuration of deploy/ is not tried")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    www, config = tmp_path / "www", tmp_path / "nginx.conf"
    www.mkdir()
    text = (PROJECT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("/tmp/", f"{tmp_path}/").replace("/srv/www", str(www))  # noqa: S108
    text = text.replace("listen 8080", f"listen 127.0.0.1:{port}")
    if os.getuid() == 0:
        text = f"user root;\n{text}"
    config.write_text(text, encoding="utf-8")
    server = subprocess.Popen([program, "-c", str(config)])
    for _ in range(100):
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", www
    server.terminate()
    server.wait()


def test_the_web_server_of_deploy_serves_a_place_with_types_and_caching(home, nginx) -> None:
    address, www = nginx
    publish_to(Folder.open(www, home), home, address=address)

    def read(key: str) -> bytes:
        with urllib.request.urlopen(f"{address}/{key}") as answer:  # noqa: S310 - loopback
            return bytes(answer.read())

    assert whole_release(read) == SECOND
    parquet = f"releases/{SECOND}/parquet/core/fct_production.parquet"
    for key, kind, caching in (
        (parquet, "application/vnd.apache.parquet", "public, max-age=31536000, immutable"),
        (f"releases/{SECOND}/views.duckdb", "application/octet-stream", "public, max-age=60, must-revalidate"),
        ("latest.json", "application/json", "public, max-age=60, must-revalidate"),
        ("feed.xml", "application/atom+xml; charset=utf-8", "public, max-age=60, must-revalidate"),
        ("", "text/html; charset=utf-8", "public, max-age=60, must-revalidate"),
    ):
        with urllib.request.urlopen(f"{address}/{key}") as answer:  # noqa: S310 - loopback
            assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (kind, caching), key
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
    (www / ".latest.json.1-2.publishing").write_text("half")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        read(".latest.json.1-2.publishing")
    with duckdb_with_httpfs() as con:
        con.execute(f"attach '{address}/latest.duckdb' as ree (read_only)")
        assert con.execute("select t from ree.core.fct_production where year = 2023").fetchall() == [(255e3,)]
