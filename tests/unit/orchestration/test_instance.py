"""Dagster's instance under the home of a warehouse."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from orchestration.instance import events_kept_open, open_instance, prepare_instance
from warehouse.settings import Settings


def test_the_files_of_events_stay_open_while_a_run_lasts(tmp_path: Path) -> None:
    """SQLite deletes a write-ahead log when the last connection closes, which Dagster's does after each event."""
    settings = Settings(home=tmp_path / "home")
    prepare_instance(settings)
    run_id = str(uuid4())
    with open_instance(settings) as instance:
        storage, logs = instance.event_log_storage, settings.dagster_home / "history" / "runs"
        with events_kept_open():
            for connected in (storage.index_connection(), storage.run_connection(run_id)):
                with connected as connection:
                    connection.exec_driver_sql("create table seen (n integer)")
            assert sorted(path.name for path in logs.glob("*.db-wal")) == sorted([f"{run_id}.db-wal", "index.db-wal"])
        assert list(logs.glob("*.db-wal")) == []
