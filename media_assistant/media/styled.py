"""SubStation Alpha (SSA, ASS): what is said when, without how it looks. One pass, whatever the marks in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_TIME = re.compile(r"\s*(\d{1,6}):(\d{1,2}):(\d{1,2})(?:[.:](\d{1,3}))?\s*$")
_DRAWING = re.compile(r"\\p(\d{1,2})")
_BREAKS = (("\\N", "\n"), ("\\n", "\n"), ("\\h", " "))


def looks_styled(text: str) -> bool:
    """Whether its sections are named as only these files name them."""
    return "[Script Info]" in text or "[V4" in text


def parse(text: str) -> Iterator[tuple[int, int, str]]:
    """(start_ms, end_ms, text) of each line of dialogue; drawings and lines without times are left out."""
    fields: tuple[str, ...] = _FIELDS
    is_events = False
    for row in text.splitlines():
        if row.startswith("["):
            is_events = row.strip().lower() == "[events]"
        elif is_events and row.startswith("Format:"):
            named = tuple(name.strip().lower() for name in row[7:4000].split(","))
            fields = named if {"start", "end"} <= set(named) and named[-1] == "text" else _FIELDS
        elif row.startswith("Dialogue:"):
            found = dict(zip(fields, row[9:].split(",", len(fields) - 1), strict=False))
            start_ms, end_ms = _ms(found.get("start", "")), _ms(found.get("end", ""))
            said = without_marks(found.get("text", ""))
            if start_ms is not None and end_ms is not None and said:
                yield start_ms, end_ms, said


def _ms(text: str) -> int | None:
    found = _TIME.match(text)
    if found is None:
        return None
    fraction = int((found[4] or "0").ljust(3, "0"))
    return int(found[1]) * 3_600_000 + int(found[2]) * 60_000 + int(found[3]) * 1000 + fraction


def without_marks(text: str) -> str:
    """Without what stands in braces, and without the shapes that a mark there lets it draw."""
    first, *rest = text.split("{")
    said = [first]
    is_drawing = False
    for part in rest:
        marks, closing, shown = part.partition("}")
        if not closing:
            said.append("{" + part)
            continue
        for mark in _DRAWING.finditer(marks):
            is_drawing = int(mark[1]) > 0
        if not is_drawing:
            said.append(shown)
    plain = "".join(said)
    for sign, meaning in _BREAKS:
        plain = plain.replace(sign, meaning)
    return plain
