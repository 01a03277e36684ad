"""The day of today: the one place where rules about days read the clock.

Only what may land is judged by it. What has landed is judged by the day on which it landed, so that figures in `core`
do not depend on the day of a build.
"""

from __future__ import annotations

from datetime import UTC, date, datetime


def today() -> date:
    """Today in UTC."""
    return datetime.now(UTC).date()
