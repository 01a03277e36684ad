"""`make demo-live` runs the pipeline against simulated publishers."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.install.conftest import plain_environment

pytestmark = pytest.mark.long


def test_the_demo_shows_a_month_a_revision_and_a_fault_and_its_key_is_on_no_disk(clean_checkout: Path) -> None:
    done = subprocess.run(
        ["make", "demo-live"], cwd=clean_checkout, env=plain_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    output = " ".join(done.stdout.split())
    assert output.count("is published") == 3, "a first release, a month with a revision and a fault, its repair"
    assert "2026-07-01" in output, "India's new month"
    assert re.search(r"[\d,.]+ \S+ 2026-11-20 false [\d,.]+ 2026-11-20 NULL true", output), "China's two statements"
    assert re.search(r"21,000,000 \S+ \S+ false 11,000,000 \S+ NULL true", output), "Brazil's two statements"
    assert "Not in the release, since it did not arrive" in " ".join(done.stderr.split())
    assert "hold the key: 0" in output
