"""`python -m orchestration.cli` is `ree`."""

from orchestration.cli import main

main()
