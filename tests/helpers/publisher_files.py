"""The folder of publishers' full files, named by REE_PUBLISHER_FILES when the tests start.

Read once at import: the tests themselves run without any REE_ variable of the shell.
"""

from __future__ import annotations

import os
from pathlib import Path

PUBLISHER_FILES = Path(os.environ["REE_PUBLISHER_FILES"]) if os.environ.get("REE_PUBLISHER_FILES") else None
WITHOUT_THEM = "needs the publishers' full files: set REE_PUBLISHER_FILES to their folder"
