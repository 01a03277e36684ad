"""`ree publish` to a folder: order, resumption, pruning, what a reader sees meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.web import serve
from tests.helpers.place_readers import Dying, KilledError, duckdb_with_httpfs, whole_release
from tests.helpers.small_releases import MINED, add_release
from warehouse.release import store
from warehouse.release.place import upload
from warehouse.release.place.folder import Folder
from warehouse.release.place.place import PlaceError
from warehouse.release.place.upload import publish_to
from warehouse.settings import Settings

FIRST, SECOND, THIRD = "2026.11.01.1", "2026.11.02.1", "2026.11.03.1"
REVISED = MINED | {2023: 255_000.0}


@pytest.fixture
def www(tmp_path: Path) -> Path:
    return tmp_path / "www"


@pytest.fixture
def place(www: Path, settings: Settings) -> Folder:
    return Folder.open(www, settings)


def files_of(www: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a place with the time it was written and its bytes."""
    return {
        path.relative_to(www).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in www.rglob("*")
        if path.is_file()
    }


def latest(www: Path) -> dict:
    return json.loads((www / "latest.json").read_bytes())


def test_a_place_has_the_release_and_what_points_to_it(settings, place, www) -> None:
    folder = add_release(settings, FIRST)
    done = publish_to(place, settings)
    assert whole_release(place.read) == FIRST
    published = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    there = {name.removeprefix(f"releases/{FIRST}/") for name in files_of(www) if name.startswith("releases/")}
    assert there == published | {"views.duckdb", "changes.json", "release.json"}
    assert done.written == len(files_of(www))
    assert (www / "latest.duckdb").read_bytes() == (www / "releases" / FIRST / "views.duckdb").read_bytes()
    assert f"url=releases/{FIRST}/site/index.html" in (www / "index.html").read_text()


def test_to_publish_the_same_release_again_writes_nothing(settings, place, www) -> None:
    add_release(settings, FIRST)
    publish_to(place, settings)
    before = files_of(www)
    done = publish_to(place, settings)
    assert (done.written, done.size) == (0, 0)
    assert done.present == len(before)
    assert files_of(www) == before


@pytest.fixture
def cut_off(settings, tmp_path, monkeypatch) -> Callable[[Callable[[int], list[int]]], None]:
    """Kill publishers of a second release before the chosen ones of their writes, and publish again each time."""
    monkeypatch.setattr(upload, "CONNECTIONS", 1)
    add_release(settings, FIRST)
    add_release(settings, SECOND, REVISED)
    publish_to(Folder.open(tmp_path / "www", settings), settings, FIRST)

    def copy(name: str) -> Folder:
        return Folder.open(Path(shutil.copytree(tmp_path / "www", tmp_path / name)), settings)

    def run(choose: Callable[[int], list[int]]) -> None:
        uninterrupted = Dying(copy("uninterrupted"), 1000)
        publish_to(uninterrupted, settings, SECOND)
        assert uninterrupted.writes > 15
        for lives in choose(uninterrupted.writes):
            place = copy(f"www{lives}")
            with pytest.raises(KilledError):
                publish_to(Dying(place, lives), settings, SECOND)
            assert whole_release(place.read) == FIRST, lives
            done = publish_to(place, settings, SECOND)
            assert whole_release(place.read) == SECOND, lives
            assert done.present >= lives - 2, "all but views and what lists them is there"

    return run


def test_a_killed_publisher_leaves_readers_on_the_old_release_and_the_next_one_completes(cut_off) -> None:
    cut_off(lambda writes: [0, 5, writes - 3, writes - 1])


def test_so_does_one_killed_before_any_of_its_writes(cut_off) -> None:
    cut_off(lambda writes: list(range(writes)))


def test_a_resumed_run_writes_only_what_is_missing(settings, place, www, monkeypatch) -> None:
    monkeypatch.setattr(upload, "CONNECTIONS", 1)
    folder = add_release(settings, FIRST)
    files = sum(path.is_file() for path in folder.rglob("*"))
    with pytest.raises(KilledError):
        publish_to(Dying(place, files - 2), settings)
    before = files_of(www)
    publish_to(place, settings)
    after = files_of(www)
    assert {name: after[name] for name in before} == before


def test_a_file_that_was_damaged_in_the_place_is_written_again(settings, place, www) -> None:
    add_release(settings, FIRST)
    publish_to(place, settings)
    (www / "releases" / FIRST / "CHANGES.md").write_text("cut")
    assert publish_to(place, settings).written >= 1
    assert whole_release(place.read) == FIRST


def test_what_a_killed_copy_left_is_no_file_of_the_place_and_goes(settings, place, www) -> None:
    add_release(settings, FIRST)
    publish_to(place, settings)
    (www / "latest.json").unlink()
    left = www / ".latest.json.1-2.publishing"
    left.write_text("{")
    assert left.name not in place.sizes("")
    publish_to(place, settings)
    assert not left.exists()


def test_a_reader_never_sees_a_mix_while_releases_are_published(settings, place, www) -> None:
    versions = [f"2026.11.{day:02}.1" for day in range(1, 5)]
    for number, version in enumerate(versions):
        add_release(settings, version, MINED | {2023: 240_000.0 + number})
    publish_to(place, settings, versions[0])
    seen, faults, is_over = [], [], threading.Event()

    def poll() -> None:
        while not is_over.is_set():
            try:
                seen.append(whole_release(place.read))
            except Exception as fault:  # noqa: BLE001 - a thread must not lose it
                faults.append(fault)

    reader = threading.Thread(target=poll)
    reader.start()
    for version in versions[1:]:
        publish_to(place, settings, version)
    is_over.set()
    reader.join()
    assert faults == []
    assert len(set(seen)) > 1


def test_releases_are_listed_newest_first_and_kept_unless_fewer_are_asked_for(settings, place, www) -> None:
    for version in (FIRST, SECOND, THIRD):
        add_release(settings, version)
        publish_to(place, settings)
    assert [release["version"] for release in latest(www)["releases"]] == [THIRD, SECOND, FIRST]
    assert {path.name for path in (www / "releases").iterdir()} == {FIRST, SECOND, THIRD}
    (www / "releases" / "2026.10.01.1").mkdir()
    (www / "releases" / "2026.10.01.1" / "CHANGES.md").write_text("of a killed run")
    done = publish_to(place, settings, keep=2)
    assert done.deleted == ["2026.10.01.1", FIRST]
    assert [release["version"] for release in latest(www)["releases"]] == [THIRD, SECOND]
    assert {path.name for path in (www / "releases").iterdir()} == {THIRD, SECOND}
    assert whole_release(place.read) == THIRD


def test_an_earlier_release_can_be_made_the_newest_again(settings, place, www) -> None:
    for version in (FIRST, SECOND):
        add_release(settings, version)
        publish_to(place, settings)
    publish_to(place, settings, FIRST)
    assert whole_release(place.read) == FIRST
    assert [release["version"] for release in latest(www)["releases"]] == [FIRST, SECOND]


def test_a_published_release_is_never_replaced_by_another_of_its_version(settings, place, tmp_path) -> None:
    add_release(settings, FIRST)
    publish_to(place, settings)
    other = Settings(home=tmp_path / "other")
    add_release(other, FIRST, REVISED)
    with pytest.raises(PlaceError, match=r"another release 2026\.11\.01\.1"):
        publish_to(place, other)
    assert whole_release(place.read) == FIRST


def test_a_damaged_release_is_not_published(settings, place, www) -> None:
    folder = add_release(settings, FIRST)
    (folder / "CHANGES.md").write_text("changed")
    with pytest.raises(store.DamagedError, match="was not published"):
        publish_to(place, settings)
    assert not www.exists()


def test_figures_that_must_not_be_redistributed_go_to_private_places_only(settings, place, www) -> None:
    add_release(settings, FIRST, barred=True)
    with pytest.raises(PlaceError, match=r"figures of bgs_wms.*--private"):
        publish_to(place, settings)
    assert not www.exists()
    publish_to(place, settings, is_private=True)
    assert whole_release(place.read) == FIRST


def test_changes_name_what_was_revised_and_added_since_the_release_that_readers_had(settings, place, www) -> None:
    add_release(settings, FIRST)
    publish_to(place, settings)
    add_release(settings, SECOND)
    add_release(settings, THIRD, REVISED)
    publish_to(place, settings)
    changes = json.loads((www / latest(www)["changes"]).read_bytes())
    assert changes["compared_with"] == FIRST, "the one between was never in this place"
    assert changes["revised"] == [
        {
            "table": "core.fct_production",
            "key": {"country_code": "CHN", "year": "2023"},
            "column": "t",
            "before": "240000.0",
            "after": "255000.0",
        }
    ]
    assert [(load["source_code"], load["release"]) for load in changes["statements_added"]] == [("usgs_mcs", "3")]
    assert [load["release"] for load in changes["statements_withdrawn"]] == ["1"]
    assert latest(www)["summary"] == (
        f"Since {FIRST}: 1 statement of publishers added (usgs_mcs), 1 withdrawn (usgs_mcs)."
        " Rows of facts: 2 added, 2 removed, 0 changed, 1 revised."
    )


def test_duckdb_attaches_the_views_by_http_and_reads_the_newest_release(settings, place, www) -> None:
    add_release(settings, FIRST)
    www.mkdir()
    with serve(www) as address, duckdb_with_httpfs() as con:
        publish_to(place, settings, address=address)
        con.execute(f"attach '{address}/latest.duckdb' as ree (read_only)")
        assert con.execute("select t from ree.core.fct_production order by year").fetchall() == [(240e3,), (270e3,)]
        assert con.execute("select version from ree.meta.release").fetchall() == [(FIRST,)]
        comments = con.execute(
            "select comment from duckdb_views() where database_name = 'ree' and view_name = 'fct_production' union all"
            " select comment from duckdb_columns() where database_name = 'ree' and table_name = 'fct_production'"
            " and column_name = 'year'"
        ).fetchall()
        assert comments == [("What fct_production is.",), ("The year.",)]
        con.execute(f"attach '{address}/{latest(www)['database']}' as whole (read_only)")
        assert con.execute("select version from whole.meta.release").fetchall() == [(FIRST,)]


def test_another_public_address_renews_the_views_alone(settings, place, www) -> None:
    add_release(settings, FIRST)
    publish_to(place, settings, address="https://one.example/ree")
    before = files_of(www)
    publish_to(place, settings, address="https://two.example/ree")
    after = files_of(www)
    written = {name for name in after if after[name] != before[name]}
    folder = f"releases/{FIRST}"
    assert written == {
        "feed.xml", "index.html", "latest.duckdb", "latest.json", f"{folder}/release.json", f"{folder}/views.duckdb",
    }  # fmt: skip
    assert b"one.example" not in (www / "latest.duckdb").read_bytes()
    assert b"two.example" in (www / "latest.duckdb").read_bytes()


def test_a_web_server_of_another_user_can_read_what_was_published(settings, place, www) -> None:
    add_release(settings, FIRST)
    before = os.umask(0o077)
    try:
        publish_to(place, settings)
    finally:
        os.umask(before)
    modes = {oct(path.stat().st_mode & 0o777) for path in www.rglob("*") if path.is_file()}
    folders = {oct(path.stat().st_mode & 0o777) for path in (www, *www.rglob("*")) if path.is_dir()}
    assert (modes, folders) == ({"0o644"}, {"0o755"})


def test_something_else_under_latest_json_is_left_alone(settings, place, www) -> None:
    add_release(settings, FIRST)
    www.mkdir()
    (www / "latest.json").write_text('{"name": "something else"}')
    with pytest.raises(PlaceError, match="was not written by this version"):
        publish_to(place, settings)
    assert [path.name for path in www.iterdir()] == ["latest.json"]
