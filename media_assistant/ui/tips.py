"""Tool tips that say what is written. Qt takes a tip that looks like HTML for HTML, and reads in the window's process whatever
file or share a picture in it names: names of files and what stands in them may look like anything.
"""

from __future__ import annotations

from PySide6 import QtGui

LONGEST_TIP = 400


def plain_tip(text: str) -> str:
    """As a tool tip that shows `text` as it is."""
    return QtGui.Qt.convertFromPlainText(text) if QtGui.Qt.mightBeRichText(text) else text


def short_tip(text: str) -> str:
    """As a `plain_tip` that is not too long."""
    return plain_tip(shorten_tip(text))


def shorten_tip(text: str) -> str:
    """For a tool tip: Qt wraps none that is plain, and one that is wider than the screen is of no use."""
    return text if len(text) <= LONGEST_TIP else f"{text[: LONGEST_TIP - 1]}…"
