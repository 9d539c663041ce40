"""Times in a file as a person reads and types them: the same in both languages."""

from __future__ import annotations

import re

_FORM = re.compile(r"^\s*(?:(?:(\d{1,6})[:：])?(\d{1,6})[:：])?(\d{1,9})(?:[.,。，](\d{1,9}))?\s*$")
_MOST_MS = 1_000_000 * 3_600_000


def clock(ms: int) -> str:
    """`2:03` or `1:02:03`."""
    seconds = max(0, ms) // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def exact(ms: int) -> str:
    """To the millisecond: `1:02.345`, `1:00:02.345`."""
    seconds, rest = divmod(max(0, ms), 1000)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    head = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{head}:{seconds % 60:02}.{rest:03}"


def parse_exact(text: str) -> int | None:
    """The inverse of `exact`; also `62.3` in seconds and a comma as the point. None for anything else."""
    found = _FORM.match(text)
    if found is None:
        return None
    hours, minutes, seconds, fraction = found.groups()
    ms = int((fraction or "0")[:3].ljust(3, "0"))
    ms += 1000 * (int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds))
    return ms if ms <= _MOST_MS else None
