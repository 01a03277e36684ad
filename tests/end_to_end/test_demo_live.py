"""`make demo-live`: the pipeline against played publishers, as a newcomer watches it."""

import subprocess
from pathlib import Path

from tests.end_to_end.conftest import plain_environment


def test_the_demo_shows_a_month_a_revision_and_a_fault_and_its_key_is_on_no_disk(stranger: Path) -> None:
    done = subprocess.run(
        ["make", "demo-live"], cwd=stranger, env=plain_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    told = " ".join(done.stdout.split())
    assert told.count("is published") == 3, "a first release, a month with a revision and a fault, its repair"
    assert "Figures revised by a later release" in told
    assert "Not in it, since it did not arrive" in " ".join(done.stderr.split())
    assert "hold the key: 0" in told
