"""Keys on the circle of fifths, and which of them follow each other without a break.

Two keys go together if their scales differ in one note at most: the same key, its relative (A minor and C major), and the
two a fifth away. That is the old circle of Heinichen (*Der General-Bass in der Composition*, Dresden 1728), which people
who mix records know as the Camelot wheel: the same number, or the same letter and a number beside it.
"""

from __future__ import annotations

UNKNOWN = -1
_NOTES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "b": -1, "♯": 1, "♭": -1}


def place_of(name: str) -> int:
    """Where a key such as `A minor` is: twice its place on the circle (C major and A minor 0, G major 1 …), plus 1 for
    minor. UNKNOWN for what is no key.
    """
    tonic, _, mode = name.strip().partition(" ")
    if tonic[:1] not in _NOTES or tonic[1:] not in _SIGNS or mode not in ("major", "minor"):
        return UNKNOWN
    pitch = _NOTES[tonic[0]] + _SIGNS[tonic[1:]] + (3 if mode == "minor" else 0)
    return 2 * (pitch * 7 % 12) + (mode == "minor")


def relation(one: int, other: int) -> str:
    """`same`, `relative` or `fifth`; empty for keys that do not go together, or are not known."""
    if one < 0 or other < 0:
        return ""
    if one == other:
        return "same"
    if one // 2 == other // 2:
        return "relative"
    return "fifth" if one % 2 == other % 2 and (one // 2 - other // 2) % 12 in (1, 11) else ""


def camelot(place: int) -> str:
    """As people who mix write it: `8A` for A minor, `8B` for C major; empty for UNKNOWN."""
    return f"{(place // 2 + 7) % 12 + 1}{'BA'[place % 2]}" if place >= 0 else ""
