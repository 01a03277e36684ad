"""How long do commands that read take? `python -m benchmarks.start_up [RUNS]`, with REE_HOME naming a built home.

Prints the processor time of each command in seconds, the least of the runs: what it takes on an idle machine. Nearly
all of it is spent on imports; `tests/unit/test_lazy_imports.py` lists what each may import.
"""

from __future__ import annotations

import resource
import subprocess
import sys

_COMMANDS = (
    ("--help",),
    ("sql", "select 1"),
    ("tables",),
    ("describe", "mart_corridor"),
    ("releases",),
    ("status",),
    ("plan",),
)
_RUNS = 5


def main() -> None:
    """Run each command as often as asked."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else _RUNS
    for words in _COMMANDS:
        print(f"ree {' '.join(words):<28}{min(_seconds(words) for _ in range(runs)):6.2f} s")  # noqa: T201


def _seconds(words: tuple[str, ...]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "orchestration.cli", *words], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
