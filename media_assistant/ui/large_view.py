"""What is read of an item before it is shown large, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtGui import QImage

from media_assistant.items.answers import Details
from media_assistant.items.chapters import Chapter, chapters_of
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.ui.desk import Desk
from media_assistant.ui.playing import load_still
from media_assistant.ui.widgets.timeline.timeline import Lane, make_lanes

TIMED = (Kind.VIDEO, Kind.MUSIC)


class LargeView(NamedTuple):
    """Chapters and lanes are empty for what has no time."""

    details: Details
    chapters: tuple[Chapter, ...]
    lanes: tuple[Lane, ...]
    still: QImage


def read_large(desk: Desk, item_id: int, found: Sequence[Moment]) -> LargeView:
    """On any thread; `found` are the moments of a search. Raises as `Library.details` does."""
    details = desk.assistant.library.details(item_id)
    is_timed = details.item.kind in TIMED
    return LargeView(
        details,
        chapters_of(details) if is_timed else (),
        make_lanes(details, found, desk.words) if is_timed else (),
        load_still(desk.assistant, item_id),
    )
