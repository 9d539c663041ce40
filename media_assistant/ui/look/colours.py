"""The colours of both themes, and the arithmetic of contrast.

Every pair of text and ground that the window uses is listed in tests/ui/test_theme.py, which holds each to 4.5:1 (WCAG
2.2, 1.4.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from PySide6.QtGui import QColor

if TYPE_CHECKING:
    from media_assistant.items.moment import Sense


class Colours(NamedTuple):
    """One theme. Each is `#rrggbb`; the four senses have a strong colour (ticks, lanes) and one to write with."""

    name: Literal["dark", "light"]
    side: str
    ground: str
    card: str
    panel: str
    well: str
    field: str
    chip: str
    line: str
    line_strong: str
    selected: str
    hovered: str
    text: str
    text_soft: str
    text_faint: str
    accent: str
    accent_hovered: str
    on_accent: str
    link: str
    focus: str
    good: str
    bad: str
    bad_ground: str
    shot: str
    stage: str
    seen: str
    said: str
    heard: str
    written: str
    seen_text: str
    said_text: str
    heard_text: str
    written_text: str
    seen_ground: str
    said_ground: str
    heard_ground: str
    written_ground: str
    match_ground: str
    match_text: str

    def sense(self, sense: Sense) -> QColor:
        """The strong colour of a sense, for ticks and lanes."""
        return QColor(str(getattr(self, sense.value)))

    def sense_text(self, sense: Sense) -> QColor:
        """The colour to write in on `sense_ground`."""
        return QColor(str(getattr(self, f"{sense.value}_text")))

    def sense_ground(self, sense: Sense) -> QColor:
        """The quiet ground of a chip or a lane's block."""
        return QColor(str(getattr(self, f"{sense.value}_ground")))


DARK = Colours(
    name="dark",
    side="#101216",
    ground="#15171c",
    card="#1b1d23",
    panel="#191b21",
    well="#121419",
    field="#1f222a",
    chip="#2b2f3a",
    line="#23262e",
    line_strong="#3a3f4c",
    selected="#2a3350",
    hovered="#1f222b",
    text="#e8eaf0",
    text_soft="#b9bfcc",
    text_faint="#949cab",
    accent="#4563e6",
    accent_hovered="#4f6bea",
    on_accent="#ffffff",
    link="#8ea2ff",
    focus="#8ea2ff",
    good="#57c49a",
    bad="#ff8f8a",
    bad_ground="#3a2226",
    shot="#303847",
    stage="#0b0c0f",
    seen="#63a4ff",
    said="#f5b04c",
    heard="#57c79b",
    written="#c78bf2",
    seen_text="#a9cdff",
    said_text="#f7c97f",
    heard_text="#86dcba",
    written_text="#dcb6f8",
    seen_ground="#26405f",
    said_ground="#4d3c1e",
    heard_ground="#1f4a3b",
    written_ground="#442f58",
    match_ground="#6d531f",
    match_text="#ffe3ad",
)

LIGHT = Colours(
    name="light",
    side="#eceef3",
    ground="#f7f8fa",
    card="#ffffff",
    panel="#ffffff",
    well="#eef0f4",
    field="#ffffff",
    chip="#e4e7ee",
    line="#dfe2ea",
    line_strong="#b4bac8",
    selected="#d9e0fb",
    hovered="#e6e9f1",
    text="#1a1d24",
    text_soft="#414857",
    text_faint="#5b6372",
    accent="#3e59d8",
    accent_hovered="#3049c4",
    on_accent="#ffffff",
    link="#2f4bd0",
    focus="#3e59d8",
    good="#166b49",
    bad="#b3261e",
    bad_ground="#fbe3e1",
    shot="#c5cbd8",
    stage="#15171c",
    seen="#2f7de0",
    said="#d98a0f",
    heard="#259a6c",
    written="#9a4fd0",
    seen_text="#124a93",
    said_text="#6b4100",
    heard_text="#0b5638",
    written_text="#5f2390",
    seen_ground="#d6e6fb",
    said_ground="#fbe8c6",
    heard_ground="#cdeedf",
    written_ground="#ecdcf8",
    match_ground="#ffdf94",
    match_text="#3b2500",
)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance of sRGB)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(ground: str) -> str:
    """Black or white, whichever reads better."""
    return max(("#0b0c0f", "#ffffff"), key=lambda ink: contrast(ink, ground))
