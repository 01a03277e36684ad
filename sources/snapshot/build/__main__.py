"""`python -m sources.snapshot.build FOLDER`: write the bundled snapshot from a folder of publishers' files."""

from __future__ import annotations

import sys
from pathlib import Path

from sources.snapshot import BUNDLED
from sources.snapshot.build.write import write_snapshot

sys.stdout.write(f"{write_snapshot(Path(sys.argv[1]))} files written to {BUNDLED}\n")
