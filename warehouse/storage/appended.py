"""Files of JSON lines that are only appended to: a line is parsed once, however often the file is read.

Belongs here: reading on from the end of the last reading. Does not belong here: what a line means, or writing one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass(slots=True)
class AppendedLines:
    """The whole lines of one file. `parse` turns a line into a row, or into None where it is to be passed over.

    `size` is how many bytes the whole lines take: what stands behind them was cut off by a crash.
    """

    parse: Callable[[bytes], Row | None]
    size: int = 0
    _inode: int = 0
    _rows: list[Row] = field(default_factory=list)

    def read(self, path: Path) -> list[Row]:
        """All rows so far; none where there is no file. A file that was replaced or shortened is read from its start.

        The rows are the reader's own: change none of them.
        """
        if not path.exists():
            self._forget()
            return []
        with path.open("rb") as file:
            about = path.stat()
            if about.st_ino != self._inode or about.st_size < self.size:
                self._forget()
                self._inode = about.st_ino
            file.seek(self.size)
            added = file.read()
        whole = added[: added.rfind(b"\n") + 1]
        self.size += len(whole)
        self._rows += [row for line in whole.splitlines() if (row := self.parse(line)) is not None]
        return list(self._rows)

    def _forget(self) -> None:
        self.size, self._inode, self._rows = 0, 0, []
